package detect

var lazyField = &Pattern{
	Name:  "lazy-field",
	Doc:   `unsynchronised lazy initialisation of a field of a shared value`,
	match: matchLazyField,
}

func matchLazyField(q *question) []Note {
	if !q.bare || q.site.Var.Owner == nil {
		return nil
	}
	return q.unsynchronized()
}
