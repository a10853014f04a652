package detect

var unlockedReset = &Pattern{
	Name: "unlocked-reset",
	Doc:  `write of a singleton outside the lock of its getter`,
}
