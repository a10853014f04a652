package detect

var unlockedRead = &Pattern{
	Name: "unlocked-read",
	Doc:  `read of a singleton outside the lock of its getter`,
}
