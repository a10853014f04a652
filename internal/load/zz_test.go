package load

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	for _, d := range strings.Fields(os.Getenv("ZZ")) {
		st := time.Now()
		s, err := (&Config{Dir: d, All: os.Getenv("ALL") != ""}).Scan(nil)
		if err != nil {
			fmt.Println(d, err)
			continue
		}
		fmt.Println(d, "looked", s.Looked, "kept", len(s.Packages), "errors", len(s.Errors), time.Since(st))
		for i, e := range s.Errors {
			if i < 40 {
				fmt.Println("  ", e)
			}
		}
		if os.Getenv("EXACT") != "" {
			st := time.Now()
			var paths []string
			for _, p := range s.Packages {
				paths = append(paths, p.Path)
			}
			x, err := s.Exact(paths)
			if err != nil {
				fmt.Println(err)
				continue
			}
			as := 0
			for _, p := range x.Packages {
				if len(p.Assumed) > 0 {
					as++
				}
			}
			fmt.Println("exact", len(x.Packages), "assumed", as, "errors", len(x.Errors), "missing", len(x.Missing), time.Since(st))
			for i, e := range x.Errors {
				if i < 40 {
					fmt.Println("  ", e)
				}
			}
			for i, e := range x.Missing {
				if i < 10 {
					fmt.Println("  ", e)
				}
			}
		}
	}
}
