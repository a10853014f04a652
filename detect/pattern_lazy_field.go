package detect

var lazyField = &Pattern{
	Name: "lazy-field",
	Doc:  `unsynchronised lazy initialisation of a field of a shared value`,
}
