package detect

var lazyRegistry = &Pattern{
	Name:  "lazy-registry",
	Doc:   `unsynchronised map of values that are made when first asked for`,
	match: matchLazyRegistry,
}

func matchLazyRegistry(q *question) []Note {
	if !q.bare || q.site.Key == nil || q.site.Flag || q.site.Var.Owner != nil {
		return nil
	}
	return q.unsynchronized()
}
