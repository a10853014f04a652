package rewrite

// A Reason is the code of a Refusal, such as "exported".
type Reason string

// The reasons why no strategy fits. Each is documented in [Reasons].
const (
	Exported            Reason = "exported"
	OtherModule         Reason = "other-module"
	UnknownAccess       Reason = "unknown-access"
	AddressTaken        Reason = "address-taken"
	Reentrant           Reason = "reentrant"
	LockOrder           Reason = "lock-order"
	InitOrder           Reason = "init-order"
	BuildVariant        Reason = "build-variant"
	Cgo                 Reason = "cgo"
	Generated           Reason = "generated"
	ControlFlow         Reason = "control-flow"
	Recomputed          Reason = "recomputed"
	MutatedAfterPublish Reason = "mutated-after-publish"
	Escapes             Reason = "escapes"
	PartialReset        Reason = "partial-reset"
	Teardown            Reason = "teardown"
	Copied              Reason = "copied"
	Compared            Reason = "compared"
	TypeErrors          Reason = "type-errors"
	GoVersion           Reason = "go-version"
	LineDirective       Reason = "line-directive"
	Comments            Reason = "comments"
	Conflict            Reason = "conflict"
	MultiFile           Reason = "multi-file"
	VerifyFailed        Reason = "verify-failed"
	NoForm              Reason = "no-form"
)

// A ReasonDoc explains a Reason.
type ReasonDoc struct {
	Reason Reason
	Doc    string // a title without capital or period, an empty line, a paragraph
}

// Reasons explains every Reason, in the order of the documentation.
var Reasons = []ReasonDoc{
	{Exported, `the variable is exported

Code outside the package may read or assign it at any time, so a lock inside the package cannot
make it safe. Unexport it, or give other packages a function that returns it. Where no other package
of the module uses it, a mutex around the uses in this one is offered for a reviewer's eye; where the
variable is for its module alone, in an internal package or a program, and other packages only read
it, or assign it as the package's own setter or reset does, it becomes atomic there as well.`},
	{OtherModule, `another module uses the variable

It is used by a nested module or another module of the workspace, which would have to change with it.`},
	{UnknownAccess, `there are accesses that the Go source does not show

A go:linkname directive, assembly, reflection or unsafe code may touch the variable.`},
	{AddressTaken, `the variable's address is taken

Whoever holds the pointer may read or assign the variable where no search for its name finds it.
A method with a pointer receiver, called on a variable that is no pointer, takes its address too.`},
	{Reentrant, `the initialiser may come back to the variable

While it runs, the initialiser, or something that it calls or starts, reads the variable or calls a
function that would have to wait for the initialisation to end: the program would stand still.`},
	{LockOrder, `two locks could be taken in opposite orders

A caller may hold a lock that the initialiser needs, while the initialiser's own lock is what that caller waits for.`},
	{InitOrder, `the variable has a value before anything runs

It is declared with a value, or filled while the package's variables are initialised. Moving that
value elsewhere could change what other initialisers see.`},
	{BuildVariant, `a file that is not built here uses the variable

Build constraints leave that file out. The fix is planned and checked in the builds that have it, for
another system or with other tags, too; there it cannot be made, or would be another one.`},
	{Cgo, `a file that uses cgo has to change

Such files are compiled from generated text, and a change to them cannot be checked here.`},
	{Generated, `a generated file would have to change

The next run of its generator would undo the fix. Fix the generator, or pass --generated.`},
	{ControlFlow, `the initialising code cannot be moved

It leaves by a return, jump, defer or recover that would mean something else in the safe form, or
assigns what the code around it needs.`},
	{Recomputed, `the value is computed again later

It is filled anew when it has expired or no longer fits: a cache rather than a singleton. A mutex
around each use is its only fix.`},
	{MutatedAfterPublish, `the value is still being built when others can see it

What the variable holds is changed after other goroutines can have it. The change needs a lock of its own.`},
	{Escapes, `a map or slice that changes later is handed out

Those who hold it use it without the lock that would have to guard it.`},
	{PartialReset, `a reset clears only some of what one guard guards

After it, the guard and the values would no longer agree.`},
	{Teardown, `the value cannot be closed safely where it is reset

Closing it under the getter's lock may wait for someone who needs that lock, or may panic and leave it held.`},
	{Copied, `values of the type are copied

A lock or an atomic inside would be copied with them. Conversions to other struct types and
literals without keys break as well, as the type gains a field.`},
	{Compared, `values of the type are compared, or used as map keys

A lock or an atomic inside would change what equal means.`},
	{TypeErrors, `the package does not type-check

Without types, nothing can be proved about it.`},
	{GoVersion, `the module's Go version is too old for the safe form

atomic.Pointer and atomic.Bool need go 1.19 in go.mod, sync.OnceValue needs go 1.21.`},
	{LineDirective, `the file has //line directives

Its positions are those of some other file, from which it was made.`},
	{Comments, `a comment would lose its place

It belongs to code that has no counterpart in the safe form. Move it, and try again.`},
	{Conflict, `another fix comes first

It changes the same statement, or the file has more unsafe singletons than are fixed in one run. Apply
that one, then run again.`},
	{MultiFile, `the fix changes another file as well

With --stdin-filename only one file can be given back. Save it and use -w, which writes them all.`},
	{VerifyFailed, `the finished fix did not pass its checks

This is a fault of singletonfix, not of the code; nothing was changed.`},
	{NoForm, `there is no safe form for this shape yet

The code is unsafe, but none of the strategies knows how to rewrite it without changing what it does.`},
}
