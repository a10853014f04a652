package race

import (
	"go/ast"
	"regexp"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// Methods of the package that end a value note which one they end, so that a
// reset that ends one value twice shows. The note goes through nothing that
// goroutines share: that would keep them apart.

// endingMethods are the names of such methods.
var endingMethods = []string{"Close", "Stop", "Shutdown", "Destroy", "Release"}

// closeMark opens the lines that note an ending, in front of the address.
const closeMark = "singletonfix-closed:"

// noteAt returns where the methods of pkg that end a value begin, with what
// notes it.
func noteAt(pkg *detect.Package) map[*detect.File][]splice {
	at := make(map[*detect.File][]splice)
	for _, f := range pkg.Files {
		for _, decl := range f.Syntax.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || f.Test || fn.Body == nil || fn.Recv == nil || !slices.Contains(endingMethods, fn.Name.Name) {
				continue
			}
			recv := fn.Recv.List[0]
			if _, ok := recv.Type.(*ast.StarExpr); !ok || len(recv.Names) == 0 || recv.Names[0].Name == "_" {
				continue
			}
			offset := pkg.Fset.PositionFor(fn.Body.Lbrace, false).Offset + 1
			at[f] = append(at[f], splice{offset, ` println("\n` + closeMark + `", ` + recv.Names[0].Name + `); `})
		}
	}
	return at
}

var closeLine = regexp.MustCompile(`(?m)^` + closeMark + ` (0x[0-9a-f]+)$`)

// mostClosed returns how often the value was ended that was ended most often.
// Nothing may have been collected meanwhile, or two values share an address.
func mostClosed(out string) int {
	times := make(map[string]int)
	most := 0
	for _, m := range closeLine.FindAllStringSubmatch(out, -1) {
		if m[1] == "0x0" {
			continue
		}
		times[m[1]]++
		most = max(most, times[m[1]])
	}
	return most
}
