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
