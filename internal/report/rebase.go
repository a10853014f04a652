package report

import "path"

// Rebase makes paths relative to another folder, of which dir, with slashes,
// leads to the one that they are relative to now.
func (r *Report) Rebase(dir string) {
	if dir == "" || dir == "." {
		return
	}
	for i := range r.Singletons {
		s := &r.Singletons[i]
		s.Position.rebase(dir)
		rebaseNotes(s.Reasons, dir)
		rebaseNotes(s.Evidence, dir)
		if s.Fix != nil {
			s.Fix.rebase(dir)
		}
	}
	rebaseNotes(r.Suppressed, dir)
	for _, e := range r.Errors {
		if e.Position != nil {
			e.Position.rebase(dir)
		}
	}
}

func (f *Fix) rebase(dir string) {
	if f.Refusal != nil {
		f.Refusal.Position.rebase(dir)
	}
	for i := range f.Files {
		f.Files[i] = under(dir, f.Files[i])
	}
	for i := range f.Changes {
		f.Changes[i].Name = under(dir, f.Changes[i].Name)
	}
}

func rebaseNotes(notes []Note, dir string) {
	for i := range notes {
		notes[i].Position.rebase(dir)
	}
}

func (p *Position) rebase(dir string) {
	if p.File != "" {
		p.File = under(dir, p.File)
	}
}

func under(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(dir, name)
}
