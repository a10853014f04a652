package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// setBeside reports whether something else than filler assigns the variable,
// so that it may hold a value already when the Once runs.
func (d *draft) setBeside(filler *detect.Func) bool {
	return slices.ContainsFunc(d.v.Accesses, func(a *detect.Access) bool {
		return a.Kind == detect.Write && a.In != filler && a.Phase != detect.Initial
	})
}

// assignedAnyway proves that filler, whose statements are body, assigns the
// variable once, on no condition: what it holds behind that is what the Once
// was given, be it nothing.
func (d *draft) assignedAnyway(filler *detect.Func, body []ast.Stmt) *Refusal {
	writes := 0
	for _, a := range d.v.Accesses {
		if a.In != filler || a.Kind != detect.Write {
			continue
		}
		writes++
		if writes > 1 || !slices.Contains(body, a.Stmt) {
			return refuse(ControlFlow, a.Pos(), "%s keeps what it was set to where the Once does not come here", d.v.Name())
		}
	}
	return nil
}
