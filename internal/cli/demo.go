package cli

import (
	"context"
	"errors"
	"io"
)

func (c *command) demo(ctx context.Context, stdout io.Writer) (int, error) {
	return exitFailed, errors.New("demo: not built")
}
