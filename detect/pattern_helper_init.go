package detect

var helperInit = &Pattern{
	Name:  "helper-init",
	Doc:   `unsynchronised test in front of a call that initialises`,
	match: matchHelperInit,
}

func matchHelperInit(q *question) []Note {
	s := q.site
	if !q.bare || len(s.Calls) == 0 || s.Flag || s.Key != nil || s.Var.Owner != nil {
		return nil
	}
	return q.unsynchronized()
}
