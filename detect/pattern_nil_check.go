package detect

var nilCheck = &Pattern{
	Name: "nil-check",
	Doc:  `unsynchronised test for nil, or another empty value, in front of a lazy initialisation`,
}
