package load

import (
	"strings"
	"testing"
)

// TestAlone asks what only main's goroutine leads to: what is named Alone...,
// and nothing else.
func TestAlone(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m

go 1.21
-- p/p.go --
package p

import "context"

var v *int

type Store struct{}

func (*Store) AloneByMethod()  { v = nil }
func (*Store) Answer()         {}
func (*Store) Unused()         {}
func (*Store) AloneByCount(int) {}

func AloneInLoop()    {}
func AloneInOnce()    {}
func AloneInCommand() {}
func AloneInMethod()  {}
func AloneTwice()     {}
func InGoroutine()    {}
func InHandler()      {}
func InRequest()      {}
func AloneHandedOn()  {}
func AloneKept()      {}
func AloneNowhere()   {}
func AloneByNobody()  { AloneNowhere() }
func AloneInEvent()   {}
func AloneElsewhere() {}
func InTask()         {}
func InCallback()     {}
func AloneAdded()     {}
func InService()      {}

type Server struct{}

func (Server) Fetch(ctx context.Context, name string) (string, error) {
	InRequest()
	return name, nil
}
-- lib/lib.go --
package lib

import (
	"context"
	"net/http"
	"sync"

	"github.com/gdamore/tcell/v2"

	"example.com/m/p"
)

type App struct{ once sync.Once }

func (a *App) Open() {
	p.AloneInMethod()
	p.AloneTwice()
	a.once.Do(func() { p.AloneInOnce() })
}

func (a *App) Close() { p.AloneTwice(); a.again(3) }

func (a *App) again(n int) {
	if n > 0 {
		p.AloneTwice()
		a.again(n - 1)
	}
}

func (a *App) loop() { p.InGoroutine() }

func (a *App) Run() { go a.loop() }

func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { new(p.Store).Answer(); p.InHandler() }

func Each(f func()) { f() }

func Submit(f func()) { go f() }

type Listener struct{ OnMessage func(*Message) }

type Message struct{}

func Pressed(*tcell.EventKey) { p.AloneInEvent() }

func Received(*Message) { p.InCallback() }

func Add(context.Context, *App, string) error { p.AloneAdded(); return nil }

func Serve(context.Context) error { p.InService(); return nil }
-- cmd/other/main.go --
package main

type Other struct{}

func (Other) AloneByMethod() {}

func (Other) AloneByCount(a, b int) {}

func main() { go new(Other).AloneByMethod() }
-- helper/helper.go --
package helper

import "example.com/m/p"

func Prepare() { go p.AloneElsewhere() }
-- main.go --
package main

import (
	"context"

	"example.com/m/lib"
	"example.com/m/p"
)

type Command struct{ Run func() }

var cmd = &Command{Run: serve}

func serve() { p.AloneInCommand() }

func main() {
	for range 3 {
		p.AloneInLoop()
	}
	app := new(lib.App)
	app.Open()
	defer app.Close()
	lib.Each(p.AloneHandedOn)
	kept := func() { p.AloneKept() }
	kept()
	lib.Submit(p.InTask)
	_ = lib.Listener{OnMessage: lib.Received}
	for _, add := range []func(context.Context, *lib.App, string) error{lib.Add} {
		add(context.Background(), app, "")
	}
	_ = []func(context.Context) error{lib.Serve}
	new(p.Store).AloneByCount(1)
	go func() { other(nil).AloneByCount(1, 2) }()
	p.Server{}.Fetch(nil, "")
	new(p.Store).AloneByMethod()
	app.Run()
}

var other func(any) interface{ AloneByCount(a, b int) }
`)
	s := scan(t, &Config{Dir: dir, All: true}, "./p")
	if len(s.Packages) != 1 {
		t.Fatalf("Scan = %v, %v", s.Packages, s.Errors)
	}
	w := s.World(s.Packages[0])
	for _, name := range []string{
		"Store.AloneByMethod", "Store.Answer", "Store.Unused", "AloneInLoop", "AloneInOnce", "AloneInCommand", "AloneInMethod", "AloneTwice",
		"Store.AloneByCount", "AloneHandedOn", "AloneKept", "AloneNowhere", "AloneByNobody", "AloneInEvent", "AloneElsewhere", "AloneAdded",
		"InGoroutine", "InHandler", "InRequest", "InTask", "InCallback", "InService",
	} {
		if got, want := w.Alone(name), strings.Contains(name, "Alone"); got != want {
			t.Errorf("Alone(%q) = %v, want %v", name, got, want)
		}
	}
	if !w.InProgram() {
		t.Error("package main holds p, InProgram says not")
	}
}
