package detect

var earlyPublish = &Pattern{
	Name: "early-publish",
	Doc:  `value that others can see before it is complete`,
}
