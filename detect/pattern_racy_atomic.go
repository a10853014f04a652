package detect

var racyAtomic = &Pattern{
	Name: "racy-atomic",
	Doc:  `atomic that is tested and stored in two steps`,
}
