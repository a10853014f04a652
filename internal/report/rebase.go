package report

import "path"

// Rebase makes paths relative to another folder, of which dir, with slashes,
// leads to the one that they are relative to now.
func (r *Report) Rebase(dir string) {
	if dir == "" || dir == "." {
		return
	}
	r.eachPosition(func(p *Position) {
		if p.File != "" {
			p.File = under(dir, p.File)
		}
	})
	for i := range r.Singletons {
		if fix := r.Singletons[i].Fix; fix != nil {
			fix.rebase(dir)
		}
	}
}

func (f *Fix) rebase(dir string) {
	for i := range f.Files {
		f.Files[i] = under(dir, f.Files[i])
	}
	for i := range f.Changes {
		f.Changes[i].Name = under(dir, f.Changes[i].Name)
	}
}

func under(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(dir, name)
}
