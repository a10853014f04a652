package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/singletonfix/singletonfix/internal/driver"
)

func TestChangedLines(t *testing.T) {
	const diff = `diff --git a/a.go b/a.go
--- a/a.go
+++ b/a.go
@@ -3 +3,2 @@ func f() {
-	x
+++ b/not/a/file.go
+@@ -1 +1 @@
@@ -9,2 +10,0 @@
--- a/neither.go
-y
\ No newline at end of file
diff --git "a/b \"c\t.go" "b/b \"c\t.go"
--- /dev/null
+++ "b/b \"c\t.go"
@@ -0,0 +1 @@
+package p
diff --git a/d e.go b/d e.go
--- a/d e.go	
+++ b/d e.go	
@@ -1 +1 @@
-a
+b
`
	want := map[string][]driver.Range{
		"a.go":       {{From: 3, To: 4}, {From: 10, To: 11}},
		"b \"c\t.go": {{From: 1, To: 1}},
		"d e.go":     {{From: 1, To: 1}},
	}
	if d := cmp.Diff(want, changedLines(diff)); d != "" {
		t.Errorf("changedLines: -want +got\n%s", d)
	}
}
