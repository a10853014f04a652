package detect

var onceReset = &Pattern{
	Name: "once-reset",
	Doc:  `sync.Once assigned anew while it may be in use`,
}
