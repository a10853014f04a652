package race

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// outside are functions of the standard library that reach beyond the
// process in a way that a test must not: over the network, to another
// program, or to remove what it did not make. A name without a dot behind the
// package's path stands for all of it.
var outside = []string{
	"net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "net.DialUnix", "net.DialIP", "net.Dialer.",
	"net.Listen", "net.ListenPacket", "net.ListenTCP", "net.ListenUDP", "net.ListenUnix", "net.ListenConfig.",
	"net.Resolver.",
	"net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm", "net/http.Client.",
	"net/http.ListenAndServe", "net/http.Serve", "net/http.Server.", "net/http.Transport.RoundTrip",
	"net/rpc", "net/smtp", "crypto/tls.Dial", "crypto/tls.Listen", "log/syslog",
	"database/sql.Open", "database/sql.OpenDB", "database/sql.DB.", "os/exec",
	"os.Remove", "os.RemoveAll", "os.Rename", "os.Truncate", "os.StartProcess", "os.Process.",
	"syscall.Exec", "syscall.ForkExec", "syscall.Kill", "plugin.Open",
}

// clients are words in the import paths of packages that talk to servers.
var clients = []string{
	"grpc", "redis", "go-redis", "redigo", "mongo", "mgo", "kafka", "sarama", "amqp", "nats", "etcd", "consul", "zookeeper", "zk",
	"aws-sdk-go", "aws-sdk-go-v2", "azure-sdk-for-go", "cloud.google.com", "google.golang.org/api", "firebase",
	"pgx", "pq", "mysql", "gorm", "gorp", "xorm", "sqlx", "ent", "bun", "gocql", "neo4j", "influxdb", "elastic", "elasticsearch", "opensearch",
	"client-go", "controller-runtime", "docker", "containerd", "pulsar", "nsq", "vault", "ldap", "smtp", "imap", "telegram", "slack", "twilio", "stripe",
}

// A toucher looks for what the code of a package reaches.
type toucher struct {
	facts *detect.Facts
	seen  map[*detect.Func]bool
}

// touches says what stands against running f: the first call, of f or of what
// it calls in its package, that reaches beyond the process; nil if none is seen.
func touches(facts *detect.Facts, f *detect.Func) error {
	t := &toucher{facts: facts, seen: make(map[*detect.Func]bool)}
	return t.visit(f)
}

func (t *toucher) visit(f *detect.Func) error {
	if f == nil || t.seen[f] {
		return nil
	}
	t.seen[f] = true
	for _, c := range f.Calls {
		if err := t.call(f, c); err != nil {
			return err
		}
	}
	return t.literals(f)
}

// literals visits the function literals of f: whoever gets them may call them.
func (t *toucher) literals(f *detect.Func) error {
	for _, lit := range t.facts.Funcs {
		if lit.Parent == f {
			if err := t.visit(lit); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *toucher) call(f *detect.Func, c *detect.Call) error {
	if c.Callee != nil {
		return t.visit(c.Callee)
	}
	if v, ok := c.Obj.(*types.Var); ok {
		return t.variable(v)
	}
	fn, ok := c.Obj.(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg() == t.facts.Pkg.Types {
		return nil
	}
	if name := fullName(fn); reachesOut(name) || talks(fn.Pkg().Path()) {
		return fmt.Errorf("%s calls %s, which reaches beyond the process", f.Name(), name)
	}
	if through := connects(fn.Pkg()); through != "" {
		return fmt.Errorf("%s calls %s, whose package imports %s and may reach beyond the process", f.Name(), fullName(fn), through)
	}
	return nil
}

// connects returns the import of a package outside the standard library that
// it may reach beyond the process with; "" if it has none, or is not known so well.
func connects(p *types.Package) string {
	if isStandard(p.Path()) {
		return ""
	}
	for _, imp := range p.Imports() {
		switch path := imp.Path(); {
		case path == "database/sql", path == "os/exec", path == "net/smtp", path == "net/rpc", talks(path):
			return path
		}
	}
	return ""
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// variable visits the functions that a variable of the package is declared with: hooks.
func (t *toucher) variable(v *types.Var) error {
	d := t.facts.Variable(v)
	if d == nil || d.Declared() == nil {
		return nil
	}
	switch e := ast.Unparen(d.Declared()).(type) {
	case *ast.FuncLit:
		return t.visit(t.facts.FuncOf(e))
	case *ast.SelectorExpr:
		if fn, ok := t.facts.Pkg.Info.Uses[e.Sel].(*types.Func); ok && reachesOut(fullName(fn)) {
			return fmt.Errorf("%s is %s, which reaches beyond the process", v.Name(), fullName(fn))
		}
	case *ast.Ident:
		if fn, ok := t.facts.Pkg.Info.Uses[e].(*types.Func); ok {
			return t.visit(t.facts.Declared(fn))
		}
	}
	return nil
}

// fullName returns the name of a function or method with its package's path:
// net/http.Get, net/http.Client.Do.
func fullName(fn *types.Func) string {
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		t := recv.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok {
			name = named.Obj().Name() + "." + name
		}
	}
	return fn.Pkg().Path() + "." + name
}

func reachesOut(name string) bool {
	for _, out := range outside {
		if name == out || strings.HasSuffix(out, ".") && strings.HasPrefix(name, out) {
			return true
		}
		if !strings.Contains(out[strings.LastIndex(out, "/")+1:], ".") && strings.HasPrefix(name, out+".") {
			return true // all of the package
		}
	}
	return strings.HasPrefix(name, "net.Lookup") || strings.HasPrefix(name, "net.Resolve")
}

// talks reports whether the package at path, which is not of the standard
// library, is one for talking to servers.
func talks(path string) bool {
	if isStandard(path) {
		return false
	}
	for _, client := range clients {
		if path == client || strings.HasPrefix(path, client+"/") || strings.Contains(path+"/", "/"+client+"/") || strings.Contains(path, "/"+client+".") {
			return true
		}
	}
	return false
}
