//go:build race

package main

import "runtime"

// raceErrors returns the number of races that the detector has reported.
func raceErrors() int { return runtime.RaceErrors() }
