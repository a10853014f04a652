package load

import "testing"

// TestEarly asks which functions of a package its programs surely call as
// they start: those named Early..., and no other.
func TestEarly(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m

go 1.21
-- p/p.go --
package p

var v *int

func EarlyInMain()    { v = nil }
func EarlyInInit()    {}
func EarlyInMethod()  {}
func EarlyInFunc()    {}
func EarlyInCond()    {}
func EarlyInOnce()    {}
func AfterGoInOnce()  {}
func AfterGo()        {}
func AfterServing()   {}
func AfterReturn()    {}
func Perhaps()        {}
func InLiteral()      {}
func ByOtherMethod()  {}
func InOneProgram()   {}
func InTheOtherOnly() {}
-- a/main.go --
package main

import (
	"os"

	"example.com/m/lib"
	"example.com/m/p"
)

func main() {
	p.EarlyInMain()
	once.Do(func() { p.EarlyInOnce() })
	if err := setUp(); err != nil {
		os.Exit(1)
	}
	p.InOneProgram()
	if len(os.Args) > 1 {
		p.Perhaps()
	}
	defer func() { p.InLiteral() }()
	s := lib.NewStore()
	s.Open()
	s.Close()
	lib.Run()
	p.AfterServing()
}

func setUp() error {
	p.EarlyInFunc()
	if _, err := os.Open("x"); err != nil {
		return err
	}
	if p.EarlyInCond(); len(os.Args) > 2 {
		return nil
	}
	p.AfterReturn()
	return nil
}
-- b/main.go --
package main

import (
	"example.com/m/lib"
	"example.com/m/p"
)

func main() {
	p.EarlyInMain()
	once.Do(func() { p.EarlyInOnce(); go p.Nothing(); p.AfterGoInOnce() })
	p.EarlyInFunc()
	p.EarlyInCond()
	p.AfterReturn()
	p.Perhaps()
	p.InTheOtherOnly()
	var s lib.Store
	s.Open()
	go lib.Run()
	p.AfterGo()
}
-- lib/lib.go --
package lib

import "example.com/m/p"

func init() { p.EarlyInInit() }

type Store struct{}

func NewStore() *Store { return &Store{} }

func (s *Store) Open() { p.EarlyInMethod() }

type other struct{}

func (o other) Close() { p.ByOtherMethod() }

func (s *Store) Close() {}

func Run() { p.AfterGo() }
`)
	s := scan(t, &Config{Dir: dir, All: true}, "./p")
	if len(s.Packages) != 1 {
		t.Fatalf("Scan = %v, %v", s.Packages, s.Errors)
	}
	w := s.World(s.Packages[0])
	for _, name := range s.Packages[0].Types.Scope().Names() {
		use, early := w.Early(name)
		if want := len(name) > 5 && name[:5] == "Early"; early != want {
			t.Errorf("Early(%s) = %v in %s, %v; want %v", name, use.Pos, use.In, early, want)
		}
	}
}
