package detect

// A Pattern is one way in which a lazily initialised singleton is unsafe.
type Pattern struct {
	Name string // as in reports and flags: "nil-check"
	Doc  string // title line, why, Before:, After:, Refused when:
}

// Patterns are all patterns, in the order of the documentation.
var Patterns = []*Pattern{}

// Find returns the singletons of p, the safe ones too, in source order.
func Find(p *Package) []*Singleton { return nil }
