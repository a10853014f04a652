package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

// shells are those that completions are written for.
var shells = []string{"bash", "zsh", "fish"}

// completion returns the completions of flags for a shell.
func completion(shell string, flags *pflag.FlagSet) string {
	var all []completedFlag
	flags.VisitAll(func(f *pflag.Flag) { all = append(all, complete(f)) })
	return map[string]func([]completedFlag) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[shell](all)
}

// A completedFlag is a flag as a shell has to know it.
type completedFlag struct {
	long, short string // without dashes
	usage       string
	takes       bool     // a value
	choices     []string // of the value; nil: any
	files       bool     // the value is a file's name
	folders     bool     // it is a folder's
}

func complete(f *pflag.Flag) completedFlag {
	arg, usage := pflag.UnquoteUsage(f)
	c := completedFlag{long: f.Name, short: f.Shorthand, usage: usage, takes: f.Value.Type() != "bool"}
	c.choices = choices()[f.Name]
	c.files = c.takes && arg == "FILE"
	c.folders = c.takes && arg == "DIR"
	return c
}

// choices returns the values that flags can have, by the flag's name.
func choices() map[string][]string {
	explained := patternNames()
	for _, f := range detect.Forms {
		explained = append(explained, f.Name)
	}
	for _, s := range rewrite.Strategies {
		explained = append(explained, s.Name)
	}
	for _, r := range rewrite.Reasons {
		explained = append(explained, string(r.Reason))
	}
	slices.Sort(explained)
	return map[string][]string{
		"format":     formats,
		"color":      {"auto", "always", "never"},
		"min-risk":   {"low", "medium", "critical"},
		"strategy":   strategyNames(),
		"pattern":    patternNames(),
		"no-pattern": patternNames(),
		"explain":    slices.Compact(explained),
		"mod":        {"readonly", "vendor", "mod"},
		"completion": shells,
	}
}

// names returns the flag as it is typed, in all ways.
func (c completedFlag) names() []string {
	names := []string{"--" + c.long}
	if c.short != "" {
		names = append(names, "-"+c.short)
	}
	return names
}

func bashCompletion(flags []completedFlag) string {
	var b strings.Builder
	b.WriteString(`# bash completion for singletonfix; written by singletonfix --completion bash
_singletonfix() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	if [[ $cur == "=" ]]; then
		cur=
	elif [[ $prev == "=" ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	case $prev in
`)
	var words []string
	for _, f := range flags {
		words = append(words, f.names()...)
		reply := ""
		switch {
		case f.choices != nil:
			reply = `compgen -W "` + strings.Join(f.choices, " ") + `" -- "$cur"`
		case f.files:
			reply = `compgen -f -- "$cur"`
		case f.folders:
			reply = `compgen -d -- "$cur"`
		case f.takes:
			reply = ":"
		default:
			continue
		}
		fmt.Fprintf(&b, "\t%s)\n\t\tCOMPREPLY=($(%s))\n\t\treturn\n\t\t;;\n", strings.Join(f.names(), "|"), reply)
	}
	fmt.Fprintf(&b, `	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "%s" -- "$cur"))
		return
	fi
	COMPREPLY=($(compgen -f -X '!*.go' -- "$cur") $(compgen -d -S / -- "$cur"))
}
complete -o filenames -F _singletonfix singletonfix
`, strings.Join(words, " "))
	return b.String()
}

func zshCompletion(flags []completedFlag) string {
	var b strings.Builder
	b.WriteString("#compdef singletonfix\n# zsh completion for singletonfix; written by singletonfix --completion zsh\n_singletonfix() {\n\t_arguments \\\n")
	quote := strings.NewReplacer("'", `'\''`, "[", `\[`, "]", `\]`, ":", `\:`).Replace
	for _, f := range flags {
		value := ""
		switch {
		case f.choices != nil:
			value = ":" + f.long + ":(" + strings.Join(f.choices, " ") + ")"
		case f.files:
			value = ":file:_files"
		case f.folders:
			value = ":folder:_files -/"
		case f.takes:
			value = ":" + f.long + ":"
		}
		equals := ""
		if f.takes {
			equals = "="
		}
		fmt.Fprintf(&b, "\t\t'--%s%s[%s]%s' \\\n", f.long, equals, quote(f.usage), value)
		if f.short != "" {
			fmt.Fprintf(&b, "\t\t'-%s[%s]%s' \\\n", f.short, quote(f.usage), value)
		}
	}
	b.WriteString("\t\t'*:package:_files'\n}\nif [ \"$funcstack[1]\" = _singletonfix ]; then\n\t_singletonfix \"$@\"\nelse\n\tcompdef _singletonfix singletonfix\nfi\n")
	return b.String()
}

func fishCompletion(flags []completedFlag) string {
	var b strings.Builder
	b.WriteString("# fish completion for singletonfix; written by singletonfix --completion fish\n")
	quote := strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace
	for _, f := range flags {
		b.WriteString("complete -c singletonfix -l " + f.long)
		if f.short != "" {
			b.WriteString(" -s " + f.short)
		}
		switch {
		case f.choices != nil:
			fmt.Fprintf(&b, " -x -a '%s'", strings.Join(f.choices, " "))
		case f.folders:
			b.WriteString(" -x -a '(__fish_complete_directories)'")
		case f.files:
			b.WriteString(" -r -F")
		case f.takes:
			b.WriteString(" -x")
		}
		fmt.Fprintf(&b, " -d '%s'\n", quote(f.usage))
	}
	return b.String()
}
