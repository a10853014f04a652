package detect

import (
	"go/types"
	"strings"
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
