package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/rewrite"
)

// A mode is the one thing that a run does.
type mode int

const (
	modeReport mode = iota
	modeAudit
	modeDiff
	modeWrite
	modeList
	modeInteractive
	modeFilter // of standard input, to standard output
	modeBug
	modeDemo
	modeExplain
	modeVersion
	modeCompletion
	modeHelp
)

// A command is a command line that was understood.
type command struct {
	mode     mode
	run      driver.Options
	format   string // one of formats
	formatIs bool   // --format was given
	output   string
	color    string
	quiet    bool
	verbose  bool
	timeout  time.Duration // of --verify, for each package
	exitZero bool
	explain  string
	bugDir   string // where --report-bug writes
	usage    string // of all flags

	completion string // of all flags, for a shell

	baseline, newBaseline string    // files
	oldBaseline           *baseline // what the file of newBaseline has; nil: it is not there
	newFrom, newFromBase  string    // revisions
	stdin                 string    // the name of the file that standard input holds
	patchDir              string
	answers               *asked // to what to write; nil: nobody was asked
}

// raw are the flags as they were given.
type raw struct {
	diff, write, list, audit, demo, version, help bool
	dir, minRisk, completion                      string
	verify, raceTests, interactive                bool
	patterns, noPatterns                          []string
}

// parse understands a command line. The error says what to change in it.
func parse(args []string) (*command, error) {
	c, r := &command{}, &raw{}
	flags := c.flags(r)
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	c.usage = describe(flags)
	if r.completion != "" {
		if err := oneOf("--completion", r.completion, shells...); err != nil {
			return nil, err
		}
		c.completion = completion(r.completion, flags)
	}
	c.formatIs = flags.Changed("format")
	if err := c.setMode(r, flags.Changed("explain")); err != nil {
		return nil, err
	}
	if err := c.setChoices(r); err != nil {
		return nil, err
	}
	if c.mode == modeHelp {
		return c, nil // whatever else was asked
	}
	if err := c.setVerify(r); err != nil {
		return nil, err
	}
	if err := c.setDir(r.dir); err != nil {
		return nil, err
	}
	if err := c.checkInteractive(); err != nil {
		return nil, err
	}
	if err := c.checkPatchDir(); err != nil {
		return nil, err
	}
	if err := c.checkBaseline(); err != nil {
		return nil, err
	}
	if err := c.setArgs(flags.Args()); err != nil {
		return nil, err
	}
	if err := c.setStdin(); err != nil {
		return nil, err
	}
	if len(c.run.Patterns) == 0 {
		c.run.Patterns = []string{"./..."}
	}
	return c, nil
}

func (c *command) flags(r *raw) *pflag.FlagSet {
	f := pflag.NewFlagSet("singletonfix", pflag.ContinueOnError)
	f.SortFlags = false
	f.Usage = func() {} // Main says what is wrong
	f.BoolVarP(&r.diff, "diff", "d", false, "print the fixes as a unified diff; change nothing")
	f.BoolVarP(&r.write, "write", "w", false, "apply the fixes, all of a package or none of it")
	f.BoolVarP(&r.list, "list", "l", false, "print the names of the files that -w would change")
	f.BoolVarP(&r.interactive, "interactive", "i", false, "show each fix, ask, and apply those that are accepted")
	f.BoolVar(&r.audit, "audit", false, "report every singleton, the safe ones too")
	f.BoolVar(&r.verify, "verify", false, "with -d, -w or --audit: prove each fix first, by running generated race tests and the package's own")
	f.DurationVar(&c.timeout, "verify-timeout", 2*time.Minute, "`TIME` for each package that --verify runs")
	f.BoolVar(&r.raceTests, "race-tests", false, "with -w: also write the race test of each fixed package, as singleton_race_test.go")
	f.StringVar(&c.bugDir, "report-bug", "", "write to `DIR` what is needed to report the fixes that fail a check or their proof")
	f.BoolVar(&r.demo, "demo", false, "show all this on a small module in a temporary folder")
	f.StringVar(&c.explain, "explain", "", "print the documentation of the pattern, safe form, strategy, refusal or obligation `NAME`")

	f.StringVar(&c.format, "format", "text", "report as `FORMAT`: "+strings.Join(formats, ", "))
	f.StringVarP(&c.output, "output", "o", "-", "write the report to `FILE`; -: standard output")
	f.StringVar(&c.run.Strategy, "strategy", "auto", "fix with `STRATEGY`: "+strings.Join(strategyNames(), ", "))
	f.BoolVar(&c.run.AddReset, "add-reset", false, "also add a thread-safe reset, for tests, to what is fixed and has none")
	f.BoolVar(&c.run.Doc, "doc", false, "also say in the doc comments of getter and reset what is guaranteed")
	f.BoolVar(&c.run.Review, "review-fixes", false, "also apply the fixes that deserve a reviewer's eye")
	f.StringVar(&r.minRisk, "min-risk", "low", "report and fix from this `RISK` up: low, medium, critical")
	f.StringSliceVar(&r.patterns, "pattern", nil, "only these `PATTERNS`, separated by commas; --explain describes them")
	f.StringSliceVar(&r.noPatterns, "no-pattern", nil, "not these `PATTERNS`")
	f.StringVar(&c.newFrom, "new-from", "", "only what changed since the git revision `REV`")
	f.StringVar(&c.newFromBase, "new-from-merge-base", "", "only what changed since HEAD and the git revision `REV` parted")
	f.StringVar(&c.patchDir, "patch-dir", "", "with -d: a patch, a commit message and a pull request's text in `DIR` for each package or CODEOWNERS owner")
	f.StringVar(&c.stdin, "stdin-filename", "", "read `FILE` from standard input, as an editor has it, and print its new content")
	f.StringVar(&c.baseline, "baseline", "", "leave out what is known already, as `FILE` has it")
	f.StringVar(&c.newBaseline, "write-baseline", "", "write down what is unsafe now, or still is after -w, to `FILE`, which keeps what the run does not look at")
	f.BoolVar(&c.run.Fields, "fields", false, "also look at struct fields that methods fill, of types whose values are shared")
	f.BoolVar(&c.run.Tests, "tests", false, "also look in _test.go files for singletons")
	f.BoolVar(&c.run.Generated, "generated", false, "also fix generated files")
	f.StringVar(&c.run.Tags, "tags", "", "build `TAGS`, as the go command takes them")
	f.StringVar(&c.run.Mod, "mod", "", "`MODE` of module downloads, as the go command takes it: readonly, vendor, mod")
	f.StringVarP(&r.dir, "directory", "C", "", "change to `DIR` first")
	f.BoolVar(&c.exitZero, "exit-zero", false, "exit 0 also where something unsafe was found")
	f.StringVar(&c.color, "color", "auto", "colour the output `WHEN`: auto, always, never")
	f.BoolVar(&c.quiet, "quiet", false, "one line for each finding, and nothing else")
	f.BoolVar(&c.verbose, "verbose", false, "also say what was proved and what was taken for granted")
	f.StringVar(&r.completion, "completion", "", "print completions for `SHELL`: bash, zsh, fish")
	f.BoolVar(&r.version, "version", false, "print the version")
	f.BoolVarP(&r.help, "help", "h", false, "print this")
	return f
}

// describe returns a line for each flag.
func describe(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		arg, usage := pflag.UnquoteUsage(f)
		if f.Value.Type() == "bool" {
			arg = ""
		}
		short := "    "
		if f.Shorthand != "" {
			short = "-" + f.Shorthand + ", "
		}
		fmt.Fprintf(&b, "  %s%-23s %s", short, strings.TrimSpace("--"+f.Name+" "+arg), usage)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			fmt.Fprintf(&b, " (default %s)", f.DefValue)
		}
		b.WriteByte('\n')
	})
	return b.String()
}

// setMode picks the one thing to do.
func (c *command) setMode(r *raw, explain bool) error {
	var given []string
	for _, m := range []struct {
		set  bool
		mode mode
		flag string
	}{
		{r.help, modeHelp, "--help"},
		{r.version, modeVersion, "--version"},
		{explain, modeExplain, "--explain"},
		{r.completion != "", modeCompletion, "--completion"},
		{r.demo, modeDemo, "--demo"},
		{c.bugDir != "", modeBug, "--report-bug"},
		{r.audit, modeAudit, "--audit"},
		{r.diff, modeDiff, "-d"},
		{r.write, modeWrite, "-w"},
		{r.list, modeList, "-l"},
		{r.interactive, modeInteractive, "-i"},
	} {
		if !m.set {
			continue
		}
		c.mode = m.mode
		given = append(given, m.flag)
		if m.mode == modeHelp {
			return nil // whatever else was asked
		}
	}
	if len(given) > 1 {
		return fmt.Errorf("one run does one thing: give only one of %s", strings.Join(given, ", "))
	}
	c.run.Audit = c.mode == modeAudit
	c.run.Fix = c.mode == modeDiff || c.mode == modeWrite || c.mode == modeList
	return nil
}

// setChoices checks the flags that take one of a few words.
func (c *command) setChoices(r *raw) error {
	risks := map[string]detect.Risk{"low": detect.Low, "medium": detect.Medium, "critical": detect.Critical}
	for _, err := range []error{
		oneOf("--format", c.format, formats...),
		oneOf("--color", c.color, "auto", "always", "never"),
		oneOf("--min-risk", r.minRisk, "low", "medium", "critical"),
		oneOf("--strategy", c.run.Strategy, strategyNames()...),
		eachOneOf("--pattern", r.patterns, patternNames()),
		eachOneOf("--no-pattern", r.noPatterns, patternNames()),
	} {
		if err != nil {
			return err
		}
	}
	if c.quiet && c.verbose {
		return fmt.Errorf("--quiet and --verbose contradict each other: give one")
	}
	c.setFormat()
	c.run.MinRisk = risks[r.minRisk]
	c.run.Only, c.run.Not = r.patterns, r.noPatterns
	return nil
}

func (c *command) setDir(dir string) error {
	abs, err := filepath.Abs(dir) // of "": the working directory
	if err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	if dir != "" {
		if info, err := os.Stat(abs); err != nil {
			return fmt.Errorf("-C %s: %w", dir, err)
		} else if !info.IsDir() {
			return fmt.Errorf("-C %s: not a directory", dir)
		}
	}
	c.run.Dir = abs
	return nil
}

// setArgs takes packages, or files and lines of files; not both, since then
// it would not be clear what the lines select from.
func (c *command) setArgs(args []string) error {
	var files, packages []string
	for _, arg := range args {
		name, line, ok := fileLine(arg)
		if !ok {
			packages = append(packages, arg)
			continue
		}
		files = append(files, name)
		if !filepath.IsAbs(name) {
			name = filepath.Join(c.run.Dir, name)
		}
		c.run.Selection = append(c.run.Selection, driver.Line{File: filepath.Clean(name), N: line})
	}
	if len(files) > 0 && len(packages) > 0 {
		return fmt.Errorf("give either packages or Go files: %s is a package, %s a file", packages[0], files[0])
	}
	slices.Sort(files)
	c.run.Patterns = append(packages, slices.Compact(files)...)
	return nil
}

// fileLine takes FILE.go and FILE.go:LINE apart; editors may put :COLUMN
// behind the line, which says nothing more.
func fileLine(arg string) (file string, line int, ok bool) {
	if strings.HasSuffix(arg, ".go") {
		return arg, 0, true
	}
	file, rest, ok := strings.Cut(arg, ".go:")
	if !ok {
		return "", 0, false
	}
	number, column, _ := strings.Cut(rest, ":")
	if _, err := strconv.Atoi(column); err != nil && column != "" {
		return "", 0, false
	}
	line, err := strconv.Atoi(number)
	return file + ".go", line, err == nil && line > 0
}

// oneOf returns an error unless value is one of choices.
func oneOf(flag, value string, choices ...string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return fmt.Errorf("%s: there is no %q; choose one of %s", flag, value, strings.Join(choices, ", "))
}

func eachOneOf(flag string, values, choices []string) error {
	for _, v := range values {
		if err := oneOf(flag, v, choices...); err != nil {
			return err
		}
	}
	return nil
}

func patternNames() []string {
	var names []string
	for _, p := range detect.Patterns {
		names = append(names, p.Name)
	}
	return names
}

func strategyNames() []string {
	names := []string{"auto"}
	for _, s := range rewrite.Strategies {
		names = append(names, s.Name)
	}
	return names
}
