package race

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// text returns the call of tgt as Go source, with arguments that m makes. The
// error says which of them cannot be made.
func (tgt *target) text(m *maker) (string, error) {
	fun, err := tgt.fun(m)
	if err != nil {
		return "", err
	}
	var args []string
	n := tgt.sig.Params().Len()
	if tgt.sig.Variadic() {
		n-- // none of those
	}
	for i := range n {
		v := tgt.sig.Params().At(i)
		arg, err := m.value(v.Type())
		if tgt.off[v] {
			arg, err = "false", nil
		}
		if err != nil {
			return "", fmt.Errorf("%s cannot be called: its argument %s: %w", tgt.fn.PlainName(), v.Name(), err)
		}
		args = append(args, arg)
	}
	return fun + "(" + strings.Join(args, ", ") + ")", nil
}

// fun returns what stands before the arguments: Get, new(Server).Get.
func (tgt *target) fun(m *maker) (string, error) {
	recv := tgt.sig.Recv()
	if recv == nil {
		return tgt.generic(m)
	}
	if m.isShared(recv.Type()) {
		return m.shared + "." + tgt.fn.Decl.Name.Name, nil
	}
	made, err := m.empty(recv.Type())
	if err != nil {
		made, err = m.value(recv.Type())
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be called: %w", tgt.fn.PlainName(), err)
	}
	if _, ok := recv.Type().Underlying().(*types.Basic); ok {
		name, err := m.spell(recv.Type())
		if err != nil {
			return "", err
		}
		made = name + "(" + made + ")"
	}
	return made + "." + tgt.fn.Decl.Name.Name, nil
}

// varies reports whether tgt has an argument that can differ from call to call.
func (tgt *target) varies(pkg *detect.Package) bool {
	var texts [2]string
	for i := range texts {
		m := newMaker(pkg, newImports(pkg), i+1)
		text, err := tgt.text(m)
		if err != nil {
			return false
		}
		texts[i] = text
	}
	return texts[0] != texts[1]
}

// assign returns the statements that call tgt and put its value into "to",
// unless the call fails.
func (tgt *target) assign(call, to string) string {
	switch {
	case tgt.value < 0:
		return call
	case tgt.sig.Results().Len() == 1:
		return to + " = " + call
	case tgt.err < 0:
		return tgt.names(to, "") + " = " + call
	}
	return fmt.Sprintf("if %s := %s; err == nil {\n%s = v\n}", tgt.names("v", "err"), call, to)
}

// names returns a list with a name for each result of tgt.
func (tgt *target) names(value, err string) string {
	list := make([]string, tgt.sig.Results().Len())
	for i := range list {
		switch {
		case i == tgt.value && value != "":
			list[i] = value
		case i == tgt.err && err != "":
			list[i] = err
		default:
			list[i] = "_"
		}
	}
	return strings.Join(list, ", ")
}
