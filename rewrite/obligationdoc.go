package rewrite

// An ObligationDoc explains an obligation: something that a plan has proved
// from the code, as [Plan.Obligations] names it.
type ObligationDoc struct {
	Name string
	Doc  string // a title without capital or period, an empty line, a paragraph
}

// Obligations explains every obligation, in the order of the documentation.
var Obligations = []ObligationDoc{
	{"every-access-known", `every read and write of the variable is in the code that was loaded

It is not exported, or only a program's own packages could use it, and no linker directive gives it a
second name. Else refused as exported, other-module or unknown-access.`},
	{"address-not-taken", `nobody holds a pointer to the variable

So nobody reads or assigns it where no search for its name finds that. Else refused as address-taken.`},
	{"zero-declared", `the variable starts out empty

No value has to move from its declaration to a place that runs later. Else refused as init-order.`},
	{"init-order", `no other variable is initialised through the getter

The safe form is a variable too, and must be there before anyone calls it. Else refused as init-order.`},
	{"not-recomputed", `it is filled only when it is empty

It is a singleton, not a cache that renews what it holds. Else refused as recomputed.`},
	{"go-version", `the module's Go version has the safe form

Else refused as go-version.`},
	{"not-reentrant", `the initialiser does not come back to the singleton

Neither directly nor through helpers, methods, function values, goroutines that it starts and waits
for, or another singleton: it would wait for itself. Else refused as reentrant.`},
	{"lock-order", `locks are always taken in one order

Nobody who comes to wait for the new lock holds one that the initialiser takes. Else refused as lock-order.`},
	{"no-other-writer", `only the initialiser assigns the variable

There is no reset, setter, init function or test that does; a Once could not be done again.`},
	{"readers-after-getter", `whoever reads the variable has called the getter before

In the same function, on every path: reads then come after the initialisation, and need no lock.`},
	{"filled-on-every-path", `the initialiser always leaves a value

A Once does not run again, so there must be no failure that a later call could make up for.`},
	{"no-early-exit", `the initialiser runs to its end

It does not return, jump, exit or call what may panic as far as the module's code shows.`},
	{"built-before-stored", `the value is complete when others can first see it

It is built in a local variable, and stored last. Else refused as mutated-after-publish.`},
	{"error-kept", `the error of the first call is kept beside the value

Later calls return it, where they returned neither error nor value.`},
	{"stays-inside", `the map or slice does not leave the code that the lock guards

It is not returned, stored or handed on while it still changes. Else refused as escapes.`},
	{"teardown-under-lock", `the value can be closed while the lock is held

Closing it neither waits for the lock nor panics with it held. Else refused as teardown.`},
	{"not-copied", `values of the type are not copied

A lock inside would be copied with them. Else refused as copied.`},
	{"not-compared", `values of the type are not compared

A lock inside would change what equal means. Else refused as compared.`},
}
