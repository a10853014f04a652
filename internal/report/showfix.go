package report

import "io"

// ShowFix writes what is known of s, and what its fix would change.
func (s *Singleton) ShowFix(w io.Writer, style Style) error {
	t := textWriter{opts: TextOptions{Style: style}, width: len("because")}
	t.singleton(s)
	if err := WriteDiff(&t.buf, s.Fix.Changes, style); err != nil {
		return err
	}
	_, err := w.Write(t.buf.Bytes())
	return err
}

// Offered returns the singletons of r that there is a fix for, the worst
// first.
func (r *Report) Offered() []*Singleton {
	var offered []*Singleton
	for _, s := range r.worstFirst() {
		if s.Fix.fixes() {
			offered = append(offered, s)
		}
	}
	return offered
}

// Outcome writes what became of the fixes that were asked for, by ID.
func (r *Report) Outcome(w io.Writer, asked func(id string) bool) error {
	t := textWriter{}
	for i := range r.Singletons {
		s := &r.Singletons[i]
		if s.Fix == nil || !asked(s.ID) {
			continue
		}
		if s.Fix.Status == Applied {
			t.buf.WriteString(s.Position.String() + ": " + s.Var + " is fixed: " + s.Fix.Strategy + "\n")
			continue
		}
		why := "its fix was not written"
		if s.Fix.Refusal != nil {
			why = s.Fix.because()
		}
		t.buf.WriteString(s.Position.String() + ": " + s.Var + " stays unsafe: " + why + "\n")
	}
	_, err := w.Write(t.buf.Bytes())
	return err
}
