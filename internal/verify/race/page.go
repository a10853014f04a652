package race

import (
	"fmt"
	"go/types"
	"go/version"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A tuning is what is found out about a singleton by calling its getter on
// the code as it was, one call after the other, and what its test may
// therefore ask for.
type tuning struct {
	rounds int
	value  bool // the same value comes back each time
	notNil bool // it is never nil
	args   bool // later arguments make no difference
}

// untuned returns what to ask for as long as nothing was run.
func (sub *subject) untuned(pkg *detect.Package) tuning {
	tune := tuning{rounds: 20}
	if sub.lasting != nil {
		tune.rounds = 1
	}
	if sub.getter.value < 0 {
		return tune
	}
	t := sub.getter.sig.Results().At(sub.getter.value).Type()
	tune.value, _ = canTell(t)
	tune.notNil = nilable(t)
	tune.args = tune.value && !sub.isRegistry() && sub.getter.varies(pkg)
	return tune
}

func (sub *subject) isRegistry() bool {
	for _, site := range sub.singleton.Sites {
		if site.Key != nil {
			return true
		}
	}
	return false
}

// version returns the package before the fix or after it.
func (job *Job) version(after bool) *detect.Package {
	if after {
		return job.After
	}
	return job.Before
}

// page returns the test file for the code before the fix or after it.
func (job *Job) page(subs []*subject, after bool) (*page, error) {
	pkg := job.version(after)
	im := newImports(pkg)
	p := &page{
		Package:  pkg.Types.Name(),
		Any:      "any",
		Testing:  im.use("testing", "testing"),
		Sync:     im.use("sync", "sync"),
		Atomic:   im.use("sync/atomic", "atomic"),
		Runtime:  im.use("runtime", "runtime"),
		Together: free("startTogether", job.Before, job.After),
	}
	if v := pkg.Types.GoVersion(); version.IsValid(v) && version.Compare(v, "go1.18") < 0 {
		p.Any = "interface{}"
	}
	for _, sub := range subs {
		c, err := job.testCase(sub, after, im)
		if err != nil {
			return nil, err
		}
		p.Tests = append(p.Tests, c)
		if c.Value {
			p.Different = free("differentValues", job.Before, job.After)
			if _, reflect := canTell(sub.valueType()); reflect {
				p.Reflect = im.use("reflect", "reflect")
			}
		}
	}
	if usesTestify(pkg) && slices.ContainsFunc(p.Tests, (*testCase).asserts) {
		p.Assert = im.use("github.com/stretchr/testify/assert", "assert")
	}
	p.Constraint = conditions(subs)
	p.Imports = im.String()
	return p, nil
}

// asserts reports whether c looks at what comes back.
func (c *testCase) asserts() bool { return c.Value || c.NotNil != "" && len(c.Resets) > 0 }

// valueType returns the type of what the getter hands out.
func (sub *subject) valueType() types.Type {
	return sub.getter.sig.Results().At(sub.getter.value).Type()
}

func (job *Job) testCase(sub *subject, after bool, im *imports) (*testCase, error) {
	m := job.maker(sub, after, im, 1)
	call, err := sub.getter.text(m)
	if err != nil {
		return nil, err
	}
	bench := !m.test
	c := &testCase{
		subject: sub,
		Name:    sub.name,
		Called:  sub.getter.fn.PlainName(),
		Var:     sub.singleton.Vars[0].Name(),
		Rounds:  sub.tuning.rounds,
		Call:    call,
		Assign:  sub.getter.assign(call, "got[i]"),
		Value:   sub.tuning.value,
		Others:  texts(sub.others, m),
		Later:   texts(sub.later, m),
		Resets:  texts(sub.resets, m),
		Bench:   bench,
	}
	if sub.tuning.args {
		if err := c.setArgs(job.maker(sub, after, im, 1), job.maker(sub, after, im, 2)); err != nil {
			return nil, err
		}
	}
	if sub.tuning.notNil {
		c.NotNil = sub.getter.isNil(call)
	}
	if sub.singleton.Pattern == "early-publish" && c.Value {
		c.Assign += "\n" + im.use("fmt", "fmt") + ".Fprint(" + im.use("io", "io") + ".Discard, got[i]) // is it complete?"
	}
	return c, job.setFresh(c, m, after)
}

// setFresh adds what a round begins with.
func (job *Job) setFresh(c *testCase, m *maker, after bool) error {
	if c.lasting == nil {
		var err error
		if c.Clear, err = job.emptying(c.singleton, after, m.imports); err != nil {
			return err
		}
		if len(c.Clear) > 0 || c.owner() == nil {
			c.Empty = free("empty"+c.name, job.Before, job.After)
			c.Fresh = []string{c.Empty + "()"}
		}
	}
	shared, err := job.share(c.subject, m)
	if shared != "" {
		c.Fresh = append(c.Fresh, shared)
		c.Begin = []string{shared}
	}
	return err
}

// setArgs adds the calls with arguments that differ, as each of makers makes them.
func (c *testCase) setArgs(makers ...*maker) error {
	for _, m := range makers {
		call, err := c.getter.text(m)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, c.getter.assign(call, "got[i]"))
	}
	return nil
}

// isNil returns a condition that holds where the call gives nil, and no error.
func (tgt *target) isNil(call string) string {
	switch {
	case tgt.sig.Results().Len() == 1:
		return call + " == nil"
	case tgt.err < 0:
		return tgt.names("v", "") + " := " + call + "; v == nil"
	}
	return fmt.Sprintf("%s := %s; v == nil && err == nil", tgt.names("v", "err"), call)
}

// texts returns the calls of targets, without those that cannot be made.
func texts(targets []*target, m *maker) []string {
	var calls []string
	for _, tgt := range targets {
		if call, err := tgt.text(m); err == nil {
			calls = append(calls, call)
		}
	}
	return calls
}
