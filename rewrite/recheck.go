package rewrite

// A variable that is tested outside the author's own mutex, and filled under
// it, becomes atomic and is tested again inside; or the test moves under the lock.
