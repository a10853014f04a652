package rewrite

import "testing"

func TestMerge(t *testing.T) {
	tests := []struct{ name, old, base, edited, want string }{
		{"unchanged", "f( a )\ng( b )\n", "f(a)\ng(b)\n", "f(a)\ng(b)\n", "f( a )\ng( b )\n"},
		{"one line", "f( a )\ng( b )\n", "f(a)\ng(b)\n", "f(a)\ng(c)\n", "f( a )\ng(c)\n"},
		{"a line more", "f( a )\n\n\ng( b )\n", "f(a)\n\ng(b)\n", "f(a)\nh()\n\ng(b)\n", "f( a )\nh()\n\n\ng( b )\n"},
		{"a line less", "f( a )\ng( b )\nh( c )\n", "f(a)\ng(b)\nh(c)\n", "f(a)\nh(c)\n", "f( a )\nh( c )\n"},
		{"lines broken otherwise", "f(); g( b )\nh( c )\n", "f()\ng(b)\nh(c)\n", "f()\ng(b)\ni()\n", "f(); g( b )\ni()\n"},
		{"part of a line", "f(); g( b )\nh( c )\n", "f()\ng(b)\nh(c)\n", "f()\ni()\nh(c)\n", "f()\ni()\nh( c )\n"},
		{"indented by spaces", "{\n  f( a )\n  if x {\n    g( b ) }\n}\n", "{\n\tf(a)\n\tif x {\n\t\tg(b)\n\t}\n}\n",
			"{\n\tf(a)\n\tif y {\n\t\tg(b)\n\t}\n}\n", "{\n  f( a )\n  if y {\n    g( b ) }\n}\n"},
		{"lines of a raw string", "{\n  f( a )\n  g()\n}\n", "{\n\tf(a)\n\tg()\n}\n", "{\n\tf(`\n\t\tx\n`)\n\tg()\n}\n", "{\n  f(`\n\t\tx\n`)\n  g()\n}\n"},
		{"comments", "f( a ) // c\n  /* d\n     e */\n", "f(a) // c\n/* d\n   e */\n", "f(b) // c\n/* d\n   e */\n", "f(b) // c\n  /* d\n     e */\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			splices, ok := merge(test.old, test.base, test.edited, "\t")
			if !ok {
				t.Fatal("merge: the tokens differ")
			}
			if got := string(spliced([]byte(test.old), splices)); got != test.want {
				t.Errorf("merge = %q, want %q", got, test.want)
			}
		})
	}
	if _, ok := merge("f(a)\n", "f(b)\n", "g()\n", "\t"); ok {
		t.Error("merge takes texts with other tokens for the same")
	}
}
