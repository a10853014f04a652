package load

import "bytes"

// A sketch is what the tokens of a package's files tell: enough to be sure,
// of most packages, that they hold no singleton. It takes a name for all that
// is called so anywhere in the package, and so errs towards yes.
//
// A singleton takes a variable of the package that some function tests and
// some function fills, one that a Once or a sync.Map guards, or one that some
// function does nothing but return.
type sketch struct {
	names   nameSet
	vars    []uint64 // package variables
	calls   []methodCall
	swaps   []uint64 // what methods are called on that are called like those of atomics
	atomics bool     // some file imports sync/atomic
	syncing bool     // mentions a Once, a sync.Map, or values of the manager strategy
	odd     bool     // some file is not what Go files are like
}

// A methodCall is root.f.method(...).
type methodCall struct{ root, method uint64 }

// reset makes s ready for another package.
func (s *sketch) reset() {
	s.names.reset()
	s.vars, s.calls, s.swaps = s.vars[:0], s.calls[:0], s.swaps[:0]
	s.atomics, s.syncing, s.odd = false, false, false
}

// mayHold reports whether the package may hold a singleton.
func (s *sketch) mayHold() bool {
	if len(s.vars) == 0 {
		return false
	}
	if s.syncing {
		return true
	}
	for _, c := range s.calls {
		if s.names.marks(c.method)&setter != 0 {
			s.names.add(c.root, filled)
		}
	}
	if s.atomics {
		for _, root := range s.swaps {
			s.names.add(root, filled)
		}
	}
	for _, v := range s.vars {
		marks := s.names.marks(v)
		if marks&returned != 0 || marks&filled != 0 && marks&tested != 0 {
			return true
		}
	}
	return false
}

// A sketcher adds one file to a sketch.
type sketcher struct {
	*sketch
	lexer
	header  header
	block   block
	outer   []block // those around it
	pending []span  // the names of the statements under way: an assignment may follow
	last    lexeme  // before the current one
	amp     bool    // behind & and parentheses
	decl    declState
	group   bool // within var ( ... )
	recv    recvState
	self    span      // the receiver's name
	current span      // the method's
	sole    soleState // of { return x }
	alone   span      // its x
	root    span      // x of x.f.m; empty: there is none
	method  span      // the m
}

type span struct{ start, end int }

// A block is what must be known again when the one within it ends.
type block struct {
	parens, bracks int
	pending        int // where the pending names of its statement begin
	head           headState
	local          bool // the statement declares variables or constants of its own
	copies         bool // behind the = of a statement
	result         bool // in the first statement of a block, which returns
}

// A headState says whether names stand in the condition of a statement.
type headState uint8

const (
	noHead    headState = iota
	inHead              // of an if, for or switch: up to its block
	inCase              // up to the colon
	afterHead           // behind a block, which may have been a literal of the condition
)

// A declState says whether a package variable's name comes next.
type declState uint8

const (
	noDecl declState = iota
	nameNext
	nameSeen // another may follow, after a comma
)

// A recvState says how much of a method's head has been seen.
type recvState uint8

const (
	noRecv   recvState = iota
	recvName           // behind func (
	recvType           // behind the receiver's name: the method's name follows the parenthesis
)

// A soleState says how much of { return x } has been seen.
type soleState uint8

const (
	notSole soleState = iota
	soleReturn
	soleName
)

// addFile adds what follows a file's header.
func (k *sketcher) addFile() {
	k.last = tokSemi
	k.syncing = k.syncing || k.header.manager
	k.atomics = k.atomics || k.header.atomic
	for {
		t := k.next()
		if never[k.last].has(t) || k.isStray(t) {
			k.lexer.odd = true
		}
		if t == tokEOF {
			break
		}
		k.token(t)
		k.last = t
	}
	if len(k.outer) > 0 || k.block.parens != 0 || k.block.bracks != 0 {
		k.lexer.odd = true
	}
	k.sketch.odd = k.sketch.odd || k.lexer.odd
}

// token takes notice of the next token.
func (k *sketcher) token(t lexeme) {
	k.followSole(t)
	if k.decl == nameSeen {
		k.decl = noDecl
		if t == tokComma {
			k.decl = nameNext
		}
	}
	if t == tokIdent {
		k.ident()
		k.amp = false
		return
	}
	switch t {
	case tokLparen, tokRparen, tokLbrack, tokRbrack, tokLbrace, tokRbrace:
		k.bracket(t)
	case tokSemi, tokLine:
		k.endStatement(t)
	case tokAssign, tokInc:
		k.assign()
	case tokDefine:
		k.forget()
		k.block.copies = true
	case tokColon:
		if k.block.head == inCase && k.block.parens == 0 && k.block.bracks == 0 {
			k.forget()
			k.block.head, k.block.copies = noHead, false
		}
	case tokIf, tokFor, tokSwitch:
		k.block.head = inHead
	case tokCase:
		k.block.head = inCase
	case tokReturn:
		k.block.result = k.last == tokLbrace
	case tokVar:
		if k.top() {
			k.decl = nameNext
		} else {
			k.block.local = true
		}
	case tokConst:
		k.block.local = !k.top()
	}
	k.amp = t == tokAnd || k.amp && t == tokLparen
	if t != tokDot && t != tokRparen {
		k.root = span{}
	}
}

// isStray reports whether t stands where a declaration should begin.
func (k *sketcher) isStray(t lexeme) bool {
	return (k.last == tokSemi || k.last == tokLine) && k.top() && !beginsDecl.has(t)
}

// top reports whether declarations of the package stand here.
func (k *sketcher) top() bool { return len(k.outer) == 0 && k.block.parens == 0 }

// ident takes notice of a name.
func (k *sketcher) ident() {
	at := span{k.start, k.end}
	if k.header.sync && isSync(string(k.text(at))) {
		k.syncing = true
	}
	switch {
	case k.last == tokDot:
		k.method = at
		return
	case k.decl == nameNext:
		k.decl = nameSeen
		if name := k.text(at); string(name) != "_" {
			k.vars = append(k.vars, hashOf(name))
		}
		return
	case k.recv == recvName:
		k.recv, k.self = recvType, at
		return
	case k.recv == recvType && k.last == tokRparen && k.top():
		k.recv, k.current = noRecv, at
		return
	}
	k.root, k.method = at, span{}
	if k.amp {
		k.mark(at, filled)
	}
	if k.block.head != noHead || k.block.copies || k.block.result {
		k.mark(at, tested)
	}
	k.pending = append(k.pending, at)
}

func (k *sketcher) text(at span) []byte { return k.src[at.start:at.end] }

func (k *sketcher) mark(at span, marks uint64) { k.names.add(hashOf(k.text(at)), marks) }

// followSole looks for blocks that do nothing but return a variable.
func (k *sketcher) followSole(t lexeme) {
	switch {
	case t == tokReturn && k.last == tokLbrace:
		k.sole = soleReturn
	case k.sole == notSole:
	case t == tokIdent && k.sole == soleReturn:
		k.sole, k.alone = soleName, span{k.start, k.end}
	case t == tokLparen, t == tokRparen, t == tokSemi, t == tokLine:
	case t == tokRbrace && k.sole == soleName:
		k.mark(k.alone, returned)
		k.sole = notSole
	default:
		k.sole = notSole
	}
}

// assign takes what stands before an assignment operator for assigned.
func (k *sketcher) assign() {
	names := k.pending[k.block.pending:]
	if k.block.local || len(names) == 1 && k.clears() {
		names = nil
	}
	for _, at := range names {
		k.mark(at, filled)
		if k.self.end > 0 && len(k.outer) > 0 && string(k.text(at)) == string(k.text(k.self)) {
			k.mark(k.current, setter)
		}
	}
	k.forget()
	k.block.copies = true
}

// clears reports whether nothing but nil is assigned: no singleton is filled
// so.
func (k *sketcher) clears() bool {
	rest := bytes.TrimLeft(k.src[k.pos:min(k.pos+8, len(k.src))], " ")
	return bytes.HasPrefix(rest, []byte("nil\n")) || bytes.HasPrefix(rest, []byte("nil;")) || bytes.HasPrefix(rest, []byte("nil }"))
}

// forget drops the names of the statement so far.
func (k *sketcher) forget() { k.pending = k.pending[:k.block.pending] }

func (k *sketcher) endStatement(t lexeme) {
	k.forget()
	k.block.local, k.block.copies, k.block.result = false, false, false
	if k.block.head == afterHead && t == tokLine {
		k.block.head = noHead
	}
	if len(k.outer) > 0 {
		return
	}
	switch {
	case k.group && k.block.parens == 1:
		k.decl = nameNext
	case k.block.parens == 0:
		k.decl = noDecl
	}
}

// bracket follows the nesting.
func (k *sketcher) bracket(t lexeme) {
	b := &k.block
	switch t {
	case tokLparen:
		if k.last == tokVar && k.top() {
			k.group = true
		}
		if k.last == tokFunc && k.top() {
			k.recv, k.self, k.current = recvName, span{}, span{}
		}
		if k.root.end > 0 && k.method.end > 0 {
			k.methodCall()
		}
		b.parens++
	case tokRparen:
		b.parens--
		if k.group && k.top() {
			k.group, k.decl = false, noDecl
		}
	case tokLbrack:
		b.bracks++
	case tokRbrack:
		b.bracks--
	case tokLbrace:
		k.recv = noRecv
		k.outer = append(k.outer, *b)
		*b = block{pending: len(k.pending)}
	case tokRbrace:
		k.endBlock()
	}
	if b.parens < 0 || b.bracks < 0 {
		k.lexer.odd = true
	}
}

func (k *sketcher) endBlock() {
	if len(k.outer) == 0 || k.block.parens != 0 || k.block.bracks != 0 {
		k.lexer.odd = true
		return
	}
	k.forget()
	k.block = k.outer[len(k.outer)-1]
	k.outer = k.outer[:len(k.outer)-1]
	if k.block.head == inHead {
		k.block.head = afterHead
	}
}

// methodCall takes notice of a call of a method of root, or of what is
// selected from it.
func (k *sketcher) methodCall() {
	switch string(k.text(k.method)) {
	case "Store", "Swap", "CompareAndSwap", "Add", "And", "Or":
		k.swaps = append(k.swaps, hashOf(k.text(k.root)))
	default:
		k.calls = append(k.calls, methodCall{hashOf(k.text(k.root)), hashOf(k.text(k.method))})
	}
}
