package programs

import (
	"fmt"
	"regexp"
	"strings"
)

// layout adds comments to a gofmt'd file, each of which is unlike all others,
// and writes it in one of the ways in which files are found.
func (g *gen) layout(src string) string {
	lines := strings.Split(strings.TrimSuffix(src, "\n"), "\n")
	switch g.pick("comments", "none", "none", "few", "few", "dense") {
	case "few":
		lines = g.comment(lines, 8)
	case "dense":
		lines = g.comment(lines, 40)
	}
	if g.chance(15) {
		lines = g.directives(lines)
	}
	text := strings.Join(lines, "\n") + "\n"
	if g.chance(85) {
		text = formatted(text)
	}
	switch g.pick("layout", "gofmt", "gofmt", "gofmt", "gofmt", "gofmt", "gofmt", "gofmt", "gofmt", "spaces", "returns", "mark", "no newline", "blank lines") {
	case "spaces":
		return strings.ReplaceAll(text, "\t", "  ")
	case "returns":
		return strings.ReplaceAll(text, "\n", "\r\n")
	case "mark":
		return "\ufeff" + text
	case "no newline":
		return strings.TrimSuffix(text, "\n")
	case "blank lines":
		return strings.ReplaceAll(text, "}\n\t", "}\n\n\t")
	}
	return text
}

var (
	openings  = regexp.MustCompile(`^(\t*)(if|for|switch) `)
	afterCode = regexp.MustCompile(`[\w)}{\]"]$`)
	remarks   = []string{"TODO(ana): look at this again", "see issue", "not obvious, but it works", "kept for the old clients", "do not reorder", "part", "measured in March"}
)

// comment puts comments above, behind and between so many of a hundred lines.
func (g *gen) comment(src []string, percent int) []string {
	var out []string
	code := false // behind the imports
	for i, line := range src {
		code = code || strings.HasPrefix(line, "var") || strings.HasPrefix(line, "type") || strings.HasPrefix(line, "func") || strings.HasPrefix(line, "//")
		if !code || strings.TrimSpace(line) == "" || strings.HasPrefix(line, "//") || !g.chance(percent) {
			out = append(out, line)
			continue
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
		remark := fmt.Sprintf("%s %d", g.one(remarks...), i)
		switch g.one("above", "above", "behind", "behind", "between", "block above", "apart") {
		case "above":
			out = append(out, indent+"// "+remark, line)
		case "block above":
			out = append(out, indent+"/* "+remark+" */", line)
		case "apart":
			out = append(out, indent+"// "+remark, "", line)
		case "behind":
			if afterCode.MatchString(line) {
				line += " // " + remark
			}
			out = append(out, line)
		case "between":
			out = append(out, openings.ReplaceAllString(line, "${1}${2} /* "+remark+" */ "))
		}
	}
	return out
}

// directives puts comments that tools read in front of declarations.
func (g *gen) directives(src []string) []string {
	var out []string
	for _, line := range src {
		switch {
		case strings.HasPrefix(line, "func ") && g.chance(30):
			out = append(out, g.one("//go:noinline", "//lint:ignore U1000 used by scripts"))
		case strings.HasPrefix(line, "var ") && g.chance(30):
			line += g.one(" //nolint:gochecknoglobals", " //nolint:gochecknoglobals // one a process")
			if strings.HasSuffix(src[0], "(") || strings.Contains(line, "= func") {
				line = strings.SplitN(line, " //nolint", 2)[0]
			}
		}
		out = append(out, line)
	}
	return out
}
