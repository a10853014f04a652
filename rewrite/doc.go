// Package rewrite makes unsafe singletons safe.
//
// Deciding and changing are apart. [Choose] proves what a strategy needs and
// returns a [Plan], data that can be printed, compared and rejected, or a
// [Refusal] that says what stands in the way. [Apply] carries plans out on
// decorated syntax (github.com/dave/dst) and splices only the declarations
// that changed into the file, so every other byte stays as it was.
//
// rewrite writes no file. Whether its output is right is for
// internal/verify to find out, which shares no code with it.
package rewrite
