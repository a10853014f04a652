package detect

var flagGuard = &Pattern{
	Name:  "flag-guard",
	Doc:   `unsynchronised flag in front of a lazy initialisation`,
	match: matchFlagGuard,
}

func matchFlagGuard(q *question) []Note {
	if !q.bare || !q.site.Flag || q.site.Var.Owner != nil {
		return nil
	}
	return q.unsynchronized()
}
