package detect

var missingRecheck = &Pattern{
	Name: "missing-recheck",
	Doc:  `value tested outside the lock and not tested again inside`,
}
