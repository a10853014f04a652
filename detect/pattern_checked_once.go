package detect

var checkedOnce = &Pattern{
	Name: "checked-once",
	Doc:  `unsynchronised test in front of a sync.Once`,
}
