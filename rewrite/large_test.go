package rewrite_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

// lazily is a file whose getter holds body behind its test and its fill.
func lazily(before, body, after string) []byte {
	return []byte("package p\n\nvar x *int\n\nfunc Get() *int {\n" + before + "\tif x == nil {\n\t\tx = new(int)\n\t}\n" + body + after + "\treturn x\n}\n")
}

// TestManyUses holds that code that no person has written is refused before
// it is looked at use by use. With a step that looks at each pair of uses this
// takes minutes.
func TestManyUses(t *testing.T) {
	for _, line := range []string{"\t*x = %d\n", "\tx = &[]int{%d}[0]\n", "\tprintln(*x, %d)\n", "\tgo func() { println(x, %d) }()\n"} {
		var body strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&body, line, i)
		}
		pkg, errs := checkFuzzed(lazily("", body.String(), ""))
		if len(errs) > 0 {
			t.Fatal(errs[0])
		}
		for _, s := range detect.Find(pkg) {
			if _, r := rewrite.Choose(s, rewrite.Options{}); r == nil || r.Reason != rewrite.NoForm {
				t.Errorf("%q: Choose = %v, want that there are too many uses", line, r)
			}
		}
	}
}

// TestDeepBlocks fixes a getter below more blocks than go/parser can resolve
// names in.
func TestDeepBlocks(t *testing.T) {
	const deep = 2000
	src := lazily(strings.Repeat("{\n", deep), strings.Repeat("}\n", deep), "")
	pkg, errs := checkFuzzed(src)
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	changes := fixFuzzed(t, pkg)
	if len(changes) != 1 {
		t.Fatalf("%d files changed, want 1", len(changes))
	}
	if _, errs := checkFuzzed(changes[0].After); len(errs) > 0 {
		t.Errorf("the fixed file does not type-check: %v", errs[0])
	}
}

// TestManyBlocks fixes a getter whose parameter is given something in ten
// thousand blocks, none of which holds another. Where detect looks at each of
// them at each use, this takes twenty times as long.
func TestManyBlocks(t *testing.T) {
	var body strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&body, "\tif n == %d {\n\t\tn++\n\t}\n", i)
	}
	pkg, errs := checkFuzzed(lazily("\tn := 0\n", body.String(), ""))
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	if changes := fixFuzzed(t, pkg); len(changes) != 1 {
		t.Errorf("%d files changed, want 1", len(changes))
	}
}
