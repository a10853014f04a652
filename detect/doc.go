// Package detect finds the lazily initialised singletons of a Go package,
// and says of each whether it is safe for concurrent use, and why.
//
// It looks at one type-checked package, with its in-package tests, and
// builds four facts once: every access to every package variable, what runs
// before goroutines can share the package, the locks surely held at each
// access, and the static calls (see [Facts]). Every [Pattern] is a short
// question about these facts.
//
// detect changes nothing, prints nothing and loads nothing: syntax and types
// go in, Singletons come out. Changing the code is left to package rewrite.
package detect
