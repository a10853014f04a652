package driver

import (
	"context"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/rewrite"
)

type problem struct {
	Message string
	Pos     token.Pos
}

func check(ctx context.Context, cfg *load.Config, pkg *detect.Package, changes []rewrite.Change, again func(*detect.Package) (bool, error)) []problem {
	return nil
}
