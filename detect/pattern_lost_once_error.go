package detect

var lostOnceError = &Pattern{
	Name: "lost-once-error",
	Doc:  `error of a sync.Once that only its first caller sees`,
}
