package race

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// load returns src as a package of one file.
func load(t *testing.T, src string) *detect.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "/p/p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg := &detect.Package{Path: "p", Fset: fset, Info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}}
	pkg.Files = []*detect.File{{Name: "/p/p.go", Syntax: file, Src: []byte(src)}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if pkg.Types, err = conf.Check("p", fset, []*ast.File{file}, pkg.Info); err != nil {
		t.Fatal(err)
	}
	return pkg
}

func TestSource(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string // in the test that is written
	}{{
		"goroutines share the value whose field is filled", `package p

import "sync"

type Store struct {
	mu     sync.Mutex
	values map[string]string
	index  []string
}

func NewStore() *Store { return &Store{values: map[string]string{}} }

func (s *Store) Set(key string) {
	s.mu.Lock()
	s.values[key] = key
	s.mu.Unlock()
}

func (s *Store) Index() []string {
	if s.index == nil {
		s.index = []string{}
	}
	return s.index
}
`, []string{"\tshared := NewStore()\n", "got[i] = shared.Index()"},
	}, {
		"a function with type parameters is called with types", `package p

type Client struct{ id int }

var client *Client

func With[K comparable, V any](f func(*Client) map[K]V) map[K]V {
	if client == nil {
		client = &Client{1}
	}
	return f(client)
}
`, []string{"With[int, int](func(*Client) (_ map[int]int) { return })"},
	}, {
		"an interface under another name is made", `package p

import "os"

var names []string

func Names(info os.FileInfo) []string {
	if names == nil {
		names = []string{"a"}
	}
	return names
}
`, []string{"Names(struct{ os.FileInfo }{})"},
	}, {
		"a value that others can see too early is read", `package p

import "sync/atomic"

type Table struct{ codes map[string]int }

var table atomic.Pointer[Table]

func Get() *Table {
	if t := table.Load(); t != nil {
		return t
	}
	t := &Table{codes: map[string]int{}}
	if !table.CompareAndSwap(nil, t) {
		return table.Load()
	}
	t.codes["ok"] = 200
	return t
}
`, []string{"fmt.Fprint(io.Discard, got[i])"},
	}, {
		"an argument chooses between two values", `package p

type Client struct{ plain bool }

var plain, secret, other *Client

func Get(isPlain bool) *Client {
	if isPlain {
		if plain == nil {
			plain = &Client{true}
		}
		return plain
	}
	if secret == nil {
		secret = new(Client)
	}
	return secret
}

func Other(not, isPlain bool) *Client {
	if !not && isPlain {
		if other == nil {
			other = new(Client)
		}
		return other
	}
	return nil
}
`, []string{"got[i] = Get(true)", "got[i] = Get(false)", "got[i] = Other(false, true)"},
	}} {
		t.Run(c.name, func(t *testing.T) {
			pkg := load(t, c.src)
			src, _, err := Source(pkg, append(detect.Find(pkg), detect.FindFields(pkg)...), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(src), want) {
					t.Errorf("the test lacks %q:\n%s", want, src)
				}
			}
		})
	}
}

// TestSafeFields holds that fields that are safe have a test, whatever guards them.
func TestSafeFields(t *testing.T) {
	pkg := load(t, `package p

import "sync"

type Client struct {
	addr     string
	conn     *Conn
	connOnce sync.Once
	mu       sync.Mutex
	page     *Conn
	bare     *Conn
}

type Conn struct{ addr string }

func New(addr string) *Client { return &Client{addr: addr} }

func (c *Client) Conn() *Conn {
	c.connOnce.Do(func() { c.conn = &Conn{addr: c.addr} })
	return c.conn
}

func (c *Client) Page() *Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.page == nil {
		c.page = new(Conn)
	}
	return c.page
}

func (c *Client) Bare() *Conn {
	if c.bare == nil {
		c.bare = new(Conn)
	}
	return c.bare
}

var Shared = New("a")
`)
	src, untested, err := Source(pkg, SafeFields(pkg), nil)
	if err != nil || len(untested) > 0 {
		t.Fatal(err, untested)
	}
	for _, want := range []string{"func TestRaceClientConn(", "func TestRaceClientPage(", `shared := New("a")`, "got[i] = shared.Conn()"} {
		if !strings.Contains(string(src), want) {
			t.Errorf("the test lacks %q:\n%s", want, src)
		}
	}
	if strings.Contains(string(src), "Bare") {
		t.Errorf("an unsafe field has a test:\n%s", src)
	}
}

// TestSourceCounts holds that numbers out of a map may differ from call to call.
func TestSourceCounts(t *testing.T) {
	pkg := load(t, `package p

import "sync"

var (
	seen = map[string]int{}
	mu   sync.Mutex
)

func Seen(key string) int {
	mu.Lock()
	defer mu.Unlock()
	if _, ok := seen[key]; !ok {
		seen[key] = 10
	}
	seen[key]++
	return seen[key]
}
`)
	src, _, err := Source(pkg, detect.Find(pkg), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "Seen(") || strings.Contains(string(src), "different values") {
		t.Errorf("the test is\n%s", src)
	}
}
