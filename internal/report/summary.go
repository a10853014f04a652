package report

// Values of [Fix.Status].
const (
	Available = "available" // planned; where a diff was asked for, verified too
	Applied   = "applied"   // written
	Review    = "review"    // right, but deserves a reviewer's eye
	Refused   = "refused"   // no fix could be proved right
	Failed    = "failed"    // a fix was planned, and verify said no: a bug of ours
)

// Count adds s to the summary.
func (sum *Summary) Count(s *Singleton) {
	sum.Singletons++
	sum.Risk[s.Risk]++
	if s.Fix == nil {
		sum.Safe++
		return
	}
	sum.Unsafe++
	sum.LinesAdded += s.Fix.LinesAdded
	sum.LinesRemoved += s.Fix.LinesRemoved
	switch s.Fix.Status {
	case Available, Review:
		sum.Fixable++
	case Applied:
		sum.Fixable++
		sum.Fixed++
	case Refused, Failed:
		sum.Refused++
	}
}

// Recount makes the summary anew, of r's singletons and of those that were
// found but are not listed.
func (r *Report) Recount(packages int, unlisted []*Singleton) {
	r.Summary = Summary{
		Packages: packages,
		Risk:     map[string]int{"critical": 0, "medium": 0, "low": 0, "none": 0},
	}
	for i := range r.Singletons {
		r.Summary.Count(&r.Singletons[i])
	}
	for _, s := range unlisted {
		r.Summary.Count(s)
	}
}
