package detect

import (
	"go/token"
	"slices"
)

// Trace finds out how the packages of a module lead to each other on
// goroutines and in handlers, through as many packages as it takes: it
// returns, by import path, the uses of kind UsedGo of what each of pkgs
// exports, every one with its Chain. The packages come after those that they
// import, type-checked against each other with one FileSet.
//
// Calls through interfaces and of function values are not followed.
func Trace(pkgs []*Package) map[string]*World {
	worlds := make(map[string]*World)
	for _, p := range pkgs {
		worlds[p.Path] = &World{Uses: make(map[string][]Use)}
	}
	for _, p := range slices.Backward(pkgs) {
		user := *p
		user.World = worlds[p.Path] // complete: all that import p have been here
		fx := BuildFacts(&user)
		for _, r := range fx.ReachedElsewhere() {
			w := worlds[r.Func.Pkg().Path()]
			if w == nil {
				continue
			}
			in := fx.Pkg.Types.Name()
			if f := fx.functionAt(r.Call.Pos()); f != nil {
				in += "." + f.Name()
			}
			name := objectName(r.Func)
			w.Uses[name] = append(w.Uses[name], Use{
				Kind:  UsedGo,
				In:    in,
				Pos:   p.Fset.PositionFor(r.Call.Pos(), false),
				At:    r.Call.Pos(),
				Chain: r.Chain,
			})
		}
	}
	return worlds
}

// functionAt returns the declared function around pos, or nil.
func (fx *Facts) functionAt(pos token.Pos) *Func {
	cur, ok := fx.Insp.Root().FindByPos(pos, pos)
	if !ok {
		return nil
	}
	if f := fx.Enclosing(cur); f != nil {
		return f.Outermost()
	}
	return nil
}

// Learn adds to w what a trace has found out of the same package. Positions
// are carried over from the trace's FileSet to that of p.
func (w *World) Learn(traced *World, from *token.FileSet, p *Package) {
	for name, uses := range traced.Uses {
		moved := make([]Use, len(uses))
		for i, u := range uses {
			u.At = carry(u.At, from, p.Fset)
			u.Chain = slices.Clone(u.Chain)
			for j := range u.Chain {
				u.Chain[j].Pos = carry(u.Chain[j].Pos, from, p.Fset)
			}
			moved[i] = u
		}
		w.Uses[name] = append(moved, w.Uses[name]...) // what is proved by types comes first
	}
}

// carry returns the position in to of what stands at pos in from. A file that
// to does not have becomes one of its files.
func carry(pos token.Pos, from, to *token.FileSet) token.Pos {
	file := from.File(pos)
	if file == nil {
		return token.NoPos
	}
	var twin *token.File
	to.Iterate(func(f *token.File) bool {
		if f.Name() == file.Name() && f.Size() == file.Size() {
			twin = f
		}
		return twin == nil
	})
	if twin == nil {
		twin = to.AddFile(file.Name(), -1, file.Size())
		twin.SetLines(file.Lines())
	}
	return twin.Pos(file.Offset(pos))
}
