// Package checks tries the built singletonfix where it is used: its page in a
// browser, its log against the official schema, its questions in a terminal.
// It is a module of its own so that what that takes is nothing to the users
// of singletonfix.
package checks
