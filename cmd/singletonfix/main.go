// Command singletonfix finds the lazily initialised singletons of a Go
// program, says which are unsafe for concurrent use, and fixes them.
package main

import (
	"os"

	"github.com/singletonfix/singletonfix/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
