package cli

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/singletonfix/singletonfix/rewrite"
)

// asVetTool reports whether the go command runs singletonfix as its tool, as
// in go vet -vettool and go fix -fixtool: it first asks for the version and
// the flags, then gives a file about one package, vet.cfg.
func asVetTool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	flags, last := args[:len(args)-1], args[len(args)-1]
	if len(flags) == 0 && (last == "-V=full" || last == "-flags") {
		return true
	}
	return strings.HasSuffix(last, ".cfg") && !slices.ContainsFunc(flags, isOurs)
}

// isOurs reports whether arg is nothing that the go command says in front of
// the file: a flag with two dashes, or one of a letter, whose value the file may be.
func isOurs(arg string) bool {
	return !strings.HasPrefix(arg, "-") || strings.HasPrefix(arg, "--") || len(arg) == len("-o")
}

// vetTool serves the go command, and does not come back: it exits as go vet
// expects. It reads the program's own arguments, which args are.
func vetTool(args []string) {
	a := *rewrite.Analyzer
	if slices.Contains(args, "-fix") && !onlyFacts(args[len(args)-1]) {
		a.Run = aloud(a.Run)
	}
	unitchecker.Main(&a)
}

// onlyFacts reports whether the go command asks about a package because
// others import it. What is wrong is said where the others are looked at.
func onlyFacts(config string) bool {
	var c struct{ VetxOnly bool }
	data, err := os.ReadFile(config)
	return err == nil && json.Unmarshal(data, &c) == nil && c.VetxOnly
}

// aloud ends the program where run fails: unitchecker, asked for fixes, says
// nothing of it.
func aloud(run func(*analysis.Pass) (any, error)) func(*analysis.Pass) (any, error) {
	return func(pass *analysis.Pass) (any, error) {
		result, err := run(pass)
		if err != nil {
			os.Exit(complain(os.Stderr, err))
		}
		return result, nil
	}
}
