package verify

import "github.com/singletonfix/singletonfix/detect"

// relocks checks that nothing comes to wait for a lock that it holds itself:
// the type-checker and the race detector know nothing of that.
func (v *checker) relocks(after *detect.Facts) {
	found := after.Relocks()
	if len(found) == 0 {
		return
	}
	was := make(map[detect.Relock]bool)
	for _, r := range detect.BuildFacts(v.before).Relocks() {
		r.Pos = 0 // lines move
		was[r] = true
	}
	for _, r := range found {
		pos := v.after.Fset.PositionFor(r.Pos, false)
		r.Pos = 0
		switch {
		case was[r]:
		case r.Call == "":
			v.add(Deadlock, pos, "%s locks %s, which it holds", r.In, r.Lock)
		default:
			v.add(Deadlock, pos, "%s holds %s and calls %s, which locks it again", r.In, r.Lock, r.Call)
		}
	}
}
