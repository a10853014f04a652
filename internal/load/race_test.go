//go:build race

package load

func init() { raceEnabled = true }
