package load

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"golang.org/x/tools/go/packages"
)

// mostSaid bounds what memory may fill with while the go command answers,
// whose answer is kept whole: about a kilobyte for each import.
const mostSaid = 512 << 20

var errSaysTooMuch = errors.New("the go command prints without end")

// askGo is packages.Load for a go command that cannot be relied on: it is
// stopped when the memory in use has grown by more than most bytes. A reason
// is what the command itself has to say; with an error there is no command to
// ask.
func askGo(conf *packages.Config, paths []string, most uint64) (pkgs []*packages.Package, reason string, err error) {
	if conf.Context == nil {
		conf.Context = context.Background()
	}
	ctx, cancel := context.WithCancelCause(conf.Context)
	defer cancel(nil)
	conf.Context = ctx
	go watchMemory(ctx, cancel, most)
	pkgs, err = packages.Load(conf, paths...)
	switch {
	case err == nil:
		return pkgs, "", nil
	case errors.Is(context.Cause(ctx), errSaysTooMuch):
		return nil, "", fmt.Errorf("%w; see which one is first in PATH, and what `go list` prints", errSaysTooMuch)
	case ctx.Err() != nil:
		return nil, "", context.Cause(ctx) // interrupted
	case strings.Contains(err.Error(), exec.ErrNotFound.Error()): // which does not come wrapped
		return nil, "", fmt.Errorf("%w; install Go, or put it in PATH", exec.ErrNotFound)
	}
	return nil, firstLine(err.Error()), nil
}

// watchMemory cancels where the memory in use grows by more than most bytes.
func watchMemory(ctx context.Context, cancel context.CancelCauseFunc, most uint64) {
	atFirst := heapObjects()
	mark := atFirst + most
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
		if heapObjects() < mark {
			continue
		}
		runtime.GC() // to tell what is in use from garbage
		inUse := heapObjects()
		if inUse > atFirst+most {
			cancel(errSaysTooMuch)
			return
		}
		mark = inUse + most
	}
}

// heapObjects returns the bytes of all objects, garbage too.
func heapObjects() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
