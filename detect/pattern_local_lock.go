package detect

var localLock = &Pattern{
	Name: "local-lock",
	Doc:  `lock or Once that is a local variable, new at each call`,
}
