package report

// A Style says how text for people is decorated. The zero value is plain.
type Style struct {
	Color bool // with the escape sequences of a terminal
}

func (s Style) bold(text string) string   { return s.wrap("1", text) }
func (s Style) red(text string) string    { return s.wrap("31", text) }
func (s Style) green(text string) string  { return s.wrap("32", text) }
func (s Style) yellow(text string) string { return s.wrap("33", text) }
func (s Style) cyan(text string) string   { return s.wrap("36", text) }

func (s Style) wrap(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[m"
}

// risk colours the name of a risk.
func (s Style) risk(name string) string {
	switch name {
	case "critical":
		return s.red(name)
	case "medium":
		return s.yellow(name)
	}
	return name
}

// diffLine returns a line of a diff, with the words in parts standing out.
func (s Style) diffLine(op byte, text string, parts []part) string {
	line := string(op) + text
	color := map[byte]func(string) string{'+': s.green, '-': s.red}[op]
	if color == nil {
		return line
	}
	for i := len(parts) - 1; i >= 0; i-- {
		from, to := parts[i].from+1, min(parts[i].to+1, len(line)) // behind the sign, before the end of the line
		line = line[:from] + s.reverse(line[from:to]) + line[to:]
	}
	return color(line)
}

// reverse swaps the colours of text within a coloured line.
func (s Style) reverse(text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[7m" + text + "\x1b[27m"
}
