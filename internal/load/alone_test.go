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

func AloneInLoop()    {}
func AloneInOnce()    {}
func AloneInCommand() {}
func AloneInMethod()  {}
func AloneTwice()     {}
func InGoroutine()    {}
func InHandler()      {}
func InRequest()      {}
func HandedOn()       {}
func Kept()           {}
func Nowhere()        {}
func ByNobody()       { Nowhere() }

type Server struct{}

func (Server) Fetch(ctx context.Context, name string) (string, error) {
	InRequest()
	return name, nil
}
-- lib/lib.go --
package lib

import (
	"net/http"
	"sync"

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
-- main.go --
package main

import (
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
	lib.Each(p.HandedOn)
	kept := func() { p.Kept() }
	kept()
	p.Server{}.Fetch(nil, "")
	new(p.Store).AloneByMethod()
	app.Run()
}
`)
	s := scan(t, &Config{Dir: dir, All: true}, "./p")
	if len(s.Packages) != 1 {
		t.Fatalf("Scan = %v, %v", s.Packages, s.Errors)
	}
	w := s.World(s.Packages[0])
	for _, name := range []string{
		"Store.AloneByMethod", "Store.Answer", "Store.Unused", "AloneInLoop", "AloneInOnce", "AloneInCommand", "AloneInMethod", "AloneTwice",
		"InGoroutine", "InHandler", "InRequest", "HandedOn", "Kept", "Nowhere", "ByNobody",
	} {
		if got, want := w.Alone(name), strings.Contains(name, "Alone"); got != want {
			t.Errorf("Alone(%q) = %v, want %v", name, got, want)
		}
	}
	if !w.InProgram() {
		t.Error("package main holds p, InProgram says not")
	}
}
