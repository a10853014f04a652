package detect

var nilCheck = &Pattern{
	Name:  "nil-check",
	Doc:   `unsynchronised test for nil, or another empty value, in front of a lazy initialisation`,
	match: matchNilCheck,
}

// A test with neither flag, helper nor key, and nothing that guards it.
func matchNilCheck(q *question) []Note {
	s := q.site
	if !q.bare || s.Flag || s.Key != nil || s.Var.Owner != nil || len(s.Calls) > 0 {
		return nil
	}
	return q.unsynchronized()
}
