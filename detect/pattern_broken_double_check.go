package detect

var brokenDoubleCheck = &Pattern{
	Name: "broken-double-check",
	Doc:  `double-checked locking whose first check is not synchronised`,
}
