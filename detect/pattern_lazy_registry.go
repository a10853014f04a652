package detect

var lazyRegistry = &Pattern{
	Name: "lazy-registry",
	Doc:  `unsynchronised map of values that are made when first asked for`,
}
