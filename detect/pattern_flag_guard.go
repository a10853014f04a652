package detect

var flagGuard = &Pattern{
	Name: "flag-guard",
	Doc:  `unsynchronised flag in front of a lazy initialisation`,
}
