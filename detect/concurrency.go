package detect

import (
	"go/ast"
	"go/types"
	"strings"
	"unicode"
)

// concurrentRunner says what the function obj does with a function that is
// passed to it, where it runs it on another goroutine: "registers a
// handler", "starts a goroutine"; else "".
func concurrentRunner(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	path, name := obj.Pkg().Path(), obj.Name()
	switch {
	case path == "net/http" && (name == "HandleFunc" || name == "Handle" || name == "HandlerFunc"):
		return "registers an HTTP handler"
	case path == "time" && name == "AfterFunc":
		return "starts a timer's goroutine"
	case strings.HasSuffix(path, "/errgroup") && (name == "Go" || name == "TryGo"):
		return "starts a goroutine"
	case path == "sync" && name == "Go": // WaitGroup
		return "starts a goroutine"
	case path == "os/signal":
		return "starts a goroutine"
	}
	return ""
}

// handlerParams are the parameter types by which a function shows that a
// server calls it, from a goroutine a request.
var handlerParams = map[string]string{
	"net/http.ResponseWriter":                              "an HTTP handler",
	"net/http.Request":                                     "an HTTP handler",
	"github.com/gin-gonic/gin.Context":                     "a gin handler",
	"github.com/labstack/echo.Context":                     "an echo handler",
	"github.com/labstack/echo/v4.Context":                  "an echo handler",
	"github.com/gofiber/fiber/v2.Ctx":                      "a fiber handler",
	"github.com/beego/beego/v2/server/web/context.Context": "a beego handler",
	"github.com/valyala/fasthttp.RequestCtx":               "a fasthttp handler",
	"github.com/kataras/iris/v12.Context":                  "an iris handler",
	"google.golang.org/grpc.ServerStream":                  "a gRPC handler",
	"google.golang.org/grpc.UnaryServerInfo":               "a gRPC interceptor",
}

// ServesRequests reports whether a function with a parameter of the type typ,
// "import/path.Name" or a pointer to it, is one that a server calls, from a
// goroutine a request.
func ServesRequests(typ string) bool { return handlerKind(typ) != "" }

// handlerKind says what kind of handler takes a parameter of the type typ, or "".
func handlerKind(typ string) string {
	if strings.HasSuffix(typ, ".ResponseWriter") {
		return "a handler of requests"
	}
	return handlerParams[typ]
}

// handles says what kind of handler f is, by its parameters, or "".
func (fx *Facts) handles(f *Func) string {
	for _, field := range f.Type().Params.List {
		if kind := handlerKind(fx.writtenType(field.Type)); kind != "" {
			return kind
		}
	}
	return ""
}

// sharers are the words in the names of functions that run a function they
// are given on another goroutine, or for events.
var sharers = wordSet("after async background concurrent concurrently consume dispatch enqueue every fork go listen notify parallel poll " +
	"publish queue schedule spawn submit subscribe tick timer until watch worker workers")

// SharesFunc reports whether a function called name may, as names go, run a
// function that it is given on another goroutine.
func SharesFunc(name string) bool { return name == "" || hasWord(name, sharers) }

// requestWords are the words in the names of types that a function is handed
// when it is called for a request, an event or a piece of work.
var requestWords = wordSet("conn connection context ctx event evt job message msg packet payload req request resp response session stream task")

// TakesRequest reports whether a function of type t is called, as the names of
// its parameters' types go, for a request or an event: by a goroutine of many.
func TakesRequest(t *ast.FuncType) bool {
	request := false
	for _, field := range t.Params.List {
		pkg, name := spelledType(field.Type)
		switch {
		case name == "Command" || name == "ParseContext" || pkg == "cli" && name == "Context":
			return false // a command's function, which main calls
		case pkg == "context" && name == "Context" && t.Params.NumFields() > 2:
			// what is set up at start takes one, too, beside all that it needs
		case name == "any" || hasWord(name, requestWords):
			request = true // any: what an informer has seen
		}
	}
	return request
}

// spelledType returns the name of the type that e denotes, or points to, and
// what stands in front of its dot.
func spelledType(e ast.Expr) (pkg, name string) {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	switch x := e.(type) {
	case *ast.InterfaceType:
		return "", "any"
	case *ast.Ident:
		return "", x.Name
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			pkg = id.Name
		}
		return pkg, x.Sel.Name
	}
	return "", ""
}

func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// hasWord reports whether a name in camel case or with underscores has one of words.
func hasWord(name string, words map[string]bool) bool {
	start := 0
	for i, r := range name + "_" {
		if i == 0 || r != '_' && (!unicode.IsUpper(r) || unicode.IsUpper(rune(name[i-1]))) {
			continue
		}
		if words[strings.ToLower(strings.Trim(name[start:i], "_"))] {
			return true
		}
		start = i
	}
	return false
}
