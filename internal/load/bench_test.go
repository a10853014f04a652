package load

import (
	"go/build"
	"path/filepath"
	"testing"
)

// BenchmarkSketch reads the tokens of the files of a large package.
func BenchmarkSketch(b *testing.B) {
	names, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", "net", "http", "*.go"))
	if err != nil || len(names) == 0 {
		b.Fatalf("no files: %v", err)
	}
	var srcs [][]byte
	var size int64
	for _, name := range names {
		src, err := new(Config).read(name)
		if err != nil {
			b.Fatal(err)
		}
		srcs = append(srcs, src)
		size += int64(len(src))
	}
	b.SetBytes(size)
	var s sketch
	for b.Loop() {
		s.reset()
		for _, src := range srcs {
			k := sketcher{sketch: &s, lexer: lexer{src: src}}
			k.header = k.readHeader(func([]byte) string { return "" })
			k.addFile()
		}
	}
}
