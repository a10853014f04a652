package detect

import "go/types"

// A Lock is something that orders accesses: a mutex, or a Once.
// It is an object, not a name: Root and Path say which.
type Lock struct {
	Root types.Object // the variable at the root of the operand: mu, or s in s.mu
	Path string       // the fields selected below Root: "mu", "" for Root itself
	Mode LockMode
}

// A LockMode says in what way a Lock is held.
type LockMode int

const (
	ReadLocked LockMode = iota // RLock
	Locked                     // Lock
	InOnce                     // in the function that a Once runs
	AfterOnce                  // after a call of the Once's Do
)

// Locks are the locks surely held at some point, in a fixed order.
type Locks []Lock
