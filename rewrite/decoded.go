package rewrite

import (
	"go/ast"

	"github.com/singletonfix/singletonfix/detect"
)

// decoders are functions and methods that fill what an argument points to
// and do not keep the pointer.
var decoders = map[string]bool{
	"fmt.Sscan": true, "fmt.Sscanf": true, "fmt.Sscanln": true, "fmt.Fscan": true, "fmt.Fscanf": true, "fmt.Fscanln": true,
	"encoding/json.Unmarshal": true, "encoding/json.Decode": true,
	"encoding/xml.Unmarshal": true, "encoding/xml.Decode": true,
	"encoding/gob.Decode": true, "encoding/binary.Read": true,
	"gopkg.in/yaml.v2.Unmarshal": true, "gopkg.in/yaml.v3.Unmarshal": true,
	"github.com/BurntSushi/toml.Decode": true, "github.com/BurntSushi/toml.DecodeFile": true,
}

// decodes reports whether a is the address of a variable, handed to a decoder.
func (d *draft) decodes(a *detect.Access) bool {
	for c := range a.Cur.Enclosing((*ast.CallExpr)(nil)) {
		obj := calleeIn(d.pkg.Info, c.Node().(*ast.CallExpr))
		return obj != nil && obj.Pkg() != nil && decoders[obj.Pkg().Path()+"."+obj.Name()]
	}
	return false
}

// decoded notes that s, before its branches, hands the address of the watched
// variable to a decoder. It may be filled from then on, even where the decoder
// fails: what was read by then stays.
func (fl *filling) decoded(s ast.Stmt) {
	if fl.watch != fl.d.v.Obj {
		return
	}
	for _, a := range fl.d.in(s) {
		if a.Kind == detect.Address && inHeadOf(s, a.Expr) {
			fl.state[fl.watch] = maybe
		}
	}
}

// inHeadOf reports whether n, which s contains, is in no statement list of s,
// whose statements are followed one by one.
func inHeadOf(s ast.Stmt, n ast.Node) bool {
	inHead := true
	ast.Inspect(s, func(m ast.Node) bool {
		switch m.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			inHead = inHead && !contains(m, n)
			return false
		case *ast.FuncLit:
			return false // runs whenever it likes
		}
		return true
	})
	return inHead
}
