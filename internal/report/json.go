package report

import (
	"encoding/json"
	"io"
)

// Version is the version of the JSON that [Report.JSON] writes.
const Version = 1

// JSON writes r as one indented object. Lists are never null, so that a
// script can range over them without asking.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // types hold &, < and >: chan<- int
	return enc.Encode(r.filled())
}

// filled returns a copy of r in which no list is nil.
func (r *Report) filled() *Report {
	out := *r
	out.Singletons = make([]Singleton, 0, len(r.Singletons))
	for _, s := range r.Singletons {
		s.Vars = orEmpty(s.Vars)
		s.Resets = orEmpty(s.Resets)
		s.Reasons = orEmpty(s.Reasons)
		s.Evidence = orEmpty(s.Evidence)
		s.Assumed = orEmpty(s.Assumed)
		if s.Fix != nil {
			fix := *s.Fix
			fix.Files = orEmpty(fix.Files)
			fix.Obligations = orEmpty(fix.Obligations)
			fix.Notes = orEmpty(fix.Notes)
			fix.Proof = fix.Proof.filled()
			s.Fix = &fix
		}
		out.Singletons = append(out.Singletons, s)
	}
	out.Errors = orEmpty(r.Errors)
	return &out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
