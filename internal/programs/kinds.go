package programs

import "slices"

// A kind is a type of value, and how code about it is spelled. In its texts
// $N is the unit's name with a capital, $x the value, $id a number that tells
// one instance from another.
type kind struct {
	name  string
	typ   string
	decls string // what the type needs
	zero  string
	build string   // an instance
	empty []string // it is not there yet
	full  []string // it is there
	use   string   // its number; panics or not where it is not there
	ident string   // function body: its number, 0 where it is not there
	tag   bool     // a switch can compare it with its zero value
}

const withClose = `
func (c *$N) Close() error {
	log.Printf("closing %d", c.ID)
	if os.Getenv("CLOSEFAIL") != "" {
		return errors.New("close")
	}
	return nil
}
`

var (
	nilTests  = []string{"$x == nil", "$x == nil", "nil == $x", "!($x != nil)"}
	nilFull   = []string{"$x != nil", "$x != nil", "nil != $x"}
	lenTests  = []string{"len($x) == 0", "len($x) < 1", "0 == len($x)"}
	lenFull   = []string{"len($x) > 0", "len($x) != 0"}
	nilAndLen = slices.Concat(nilTests, lenTests)
)

var kinds = []*kind{
	{
		name: "pointer", typ: "*$N", decls: "type $N struct {\nID int\nLabel string\n}\n" + withClose,
		zero: "nil", build: "&$N{ID: $id}", empty: nilTests, full: nilFull, tag: true,
		use: "$x.ID", ident: "if v == nil {\nreturn 0\n}\nreturn v.ID",
	},
	{
		name: "interface", typ: "$N", decls: "type $N interface {\nNumber() int\nClose() error\n}\n\ntype mem$N struct{ ID int }\n\nfunc (c *mem$N) Number() int { return c.ID }\n" + subst(withClose, "$N", "mem$N"),
		zero: "nil", build: "&mem$N{ID: $id}", empty: nilTests, full: nilFull, tag: true,
		use: "$x.Number()", ident: "if v == nil {\nreturn 0\n}\nreturn v.Number()",
	},
	{
		name: "map", typ: "map[string]int", zero: "nil", build: `map[string]int{"id": $id}`,
		empty: nilAndLen, full: slices.Concat(nilFull, lenFull), tag: true,
		use: `$x["id"]`, ident: `return v["id"]`,
	},
	{
		name: "slice", typ: "[]int", zero: "nil", build: "[]int{$id}",
		empty: nilAndLen, full: slices.Concat(nilFull, lenFull), tag: true,
		use: "$x[0]", ident: "if len(v) == 0 {\nreturn 0\n}\nreturn v[0]",
	},
	{
		name: "func", typ: "func() int", decls: "func fixed$N(n int) func() int { return func() int { return n } }\n",
		zero: "nil", build: "fixed$N($id)", empty: nilTests, full: nilFull, tag: true,
		use: "$x()", ident: "if v == nil {\nreturn 0\n}\nreturn v()",
	},
	{
		name: "string", typ: "string", zero: `""`, build: "strconv.Itoa($id)",
		empty: []string{`$x == ""`, `"" == $x`, "len($x) == 0"}, full: []string{`$x != ""`, "len($x) > 0"}, tag: true,
		use: "len($x)", ident: "n, _ := strconv.Atoi(v)\nreturn n",
	},
	{
		name: "number", typ: "int", zero: "0", build: "$id",
		empty: []string{"$x == 0", "0 == $x", "$x <= 0", "$x < 1"}, full: []string{"$x != 0", "$x > 0"}, tag: true,
		use: "$x", ident: "return v",
	},
	{
		name: "time", typ: "time.Time", zero: "time.Time{}", build: "time.Unix(int64($id), 0)",
		empty: []string{"$x.IsZero()"}, full: []string{"!$x.IsZero()"},
		use: "int($x.Unix())", ident: "if v.IsZero() {\nreturn 0\n}\nreturn int(v.Unix())",
	},
	{
		name: "channel", typ: "chan int", zero: "nil", build: "make(chan int, $id)", empty: nilTests, full: nilFull,
		use: "cap($x)", ident: "return cap(v)",
	},
	{
		name: "struct", typ: "$N", decls: "type $N struct {\nID int\nLabel string\n}\n",
		zero: "$N{}", build: "$N{ID: $id}", empty: []string{"$x.ID == 0", "$x == ($N{})"}, full: []string{"$x.ID != 0", "$x != ($N{})"},
		use: "$x.ID", ident: "return v.ID",
	},
}

// kindOf chooses a kind of value; pointers are what most people guard.
func (g *gen) kindOf(names ...string) *kind {
	if len(names) == 0 {
		names = []string{"pointer", "pointer", "pointer", "pointer", "interface", "interface", "map", "map", "slice", "func", "string", "number", "time", "channel", "struct"}
	}
	name := g.pick("type", names...)
	return kinds[slices.IndexFunc(kinds, func(k *kind) bool { return k.name == name })]
}

// closes reports whether values of the kind can be closed.
func (k *kind) closes() bool { return k.name == "pointer" || k.name == "interface" }
