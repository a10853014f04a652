package detect

var helperInit = &Pattern{
	Name: "helper-init",
	Doc:  `unsynchronised test in front of a call that initialises`,
}
