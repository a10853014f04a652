package load

// A nameSet maps names to what is noted of them, by their hash alone: two
// names may be taken for one, which makes a filter let through what it need
// not, never the other way round.
type nameSet struct {
	slots []uint64 // hash with the marks in its low bits, 0 where free
	n     int
}

// Marks of a name in a nameSet.
const (
	filled   = 1 << iota // assigned, or its address taken
	tested               // stands in a condition, or is copied
	returned             // is all that a function returns
	setter               // a method that assigns a part of its receiver
	allMarks = filled | tested | returned | setter
)

// hashOf returns the hash of a name, marks left clear.
func hashOf(name []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range name {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return (h^h>>29)&^allMarks | 1<<63
}

// add adds marks to a name.
func (s *nameSet) add(hash uint64, marks uint64) {
	if 2*s.n >= len(s.slots) {
		s.grow()
	}
	i := s.find(hash)
	if s.slots[i] == 0 {
		s.n++
	}
	s.slots[i] |= hash | marks
}

// marks returns what is noted of a name.
func (s *nameSet) marks(hash uint64) uint64 {
	if s.n == 0 {
		return 0
	}
	return s.slots[s.find(hash)] & allMarks
}

// find returns the slot of a name, or the free one where it belongs.
func (s *nameSet) find(hash uint64) int {
	mask := len(s.slots) - 1
	i := int(hash>>20) & mask
	for s.slots[i] != 0 && s.slots[i]&^allMarks != hash {
		i = (i + 1) & mask
	}
	return i
}

func (s *nameSet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(64, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			s.slots[s.find(slot&^allMarks)] = slot
		}
	}
}

// reset empties s, keeping its room.
func (s *nameSet) reset() {
	clear(s.slots)
	s.n = 0
}
