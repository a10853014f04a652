package race

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A session runs one Job in a folder of its own, which goes with it.
type session struct {
	ctx    context.Context
	job    *Job
	opts   Options
	temp   string
	cwd    string   // stands in for the package's folder while tests run
	goEnv  []string // where the go command has its folders
	source []byte   // of the race test that was compiled last
	log    string   // what the race test that ran last printed
	made   int      // folders of binaries, for their names
}

// open makes the session's folders.
func open(ctx context.Context, job *Job, opts Options) (*session, error) {
	temp, err := os.MkdirTemp("", "singletonfix-race-")
	if err != nil {
		return nil, err
	}
	s := &session{ctx: ctx, job: job, opts: opts, temp: temp}
	for _, sub := range []string{"home", "tmp", "go"} {
		if err := os.Mkdir(filepath.Join(temp, sub), 0o777); err != nil {
			s.close()
			return nil, err
		}
	}
	if s.cwd, err = mirror(job.Root, job.Dir, filepath.Join(temp, "module")); err != nil {
		s.close()
		return nil, fmt.Errorf("copy the folder for its tests to run in: %w", err)
	}
	return s, nil
}

// close removes what the session made. What a test has locked away is opened first.
func (s *session) close() {
	filepath.WalkDir(s.temp, func(name string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			os.Chmod(name, 0o777)
		}
		return nil
	})
	os.RemoveAll(s.temp)
}

// say tells whoever waits what is being done.
func (s *session) say(format string, args ...any) {
	if s.opts.Progress != nil {
		s.opts.Progress(s.job.Before.Path + ": " + fmt.Sprintf(format, args...))
	}
}

// A binary is a compiled test binary of the package.
type binary string

// build compiles the package's tests with files in place of its own, by
// absolute name; the errors are those of the compiler.
func (s *session) build(name string, files map[string][]byte, race bool) (binary, error) {
	dir := filepath.Join(s.temp, name)
	if err := os.Mkdir(dir, 0o777); err != nil {
		return "", err
	}
	overlay, err := writeOverlay(dir, files)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "race.test")
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", bin}
	if race {
		args = append(args, "-race")
	}
	if s.opts.Tags != "" {
		args = append(args, "-tags", s.opts.Tags)
	}
	if s.opts.Mod != "" {
		args = append(args, "-mod", s.opts.Mod)
	}
	out, err := s.run(s.job.Dir, append(s.env(), "GOTMPDIR="+filepath.Join(s.temp, "go")), "go", append(args, ".")...)
	switch {
	case s.ctx.Err() != nil:
		return "", s.ctx.Err()
	case err != nil && len(out) > 0:
		return "", errors.New(buildError(string(out)))
	case err != nil:
		return "", err
	}
	return binary(bin), nil
}

// writeOverlay writes files below dir, and the list that go build takes.
func writeOverlay(dir string, files map[string][]byte) (string, error) {
	replace := make(map[string]string)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		replace[name] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(replace[name], files[name], 0o666); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, list, 0o666)
}

// buildError returns the first lines of what the compiler says.
func buildError(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if lines = append(lines, line); len(lines) == 3 {
			break
		}
	}
	return strings.Join(lines, "; ")
}

func (s *session) env() []string {
	if s.opts.Env != nil {
		return s.opts.Env
	}
	return os.Environ()
}

// A runOf is how a test binary ended.
type runOf struct {
	out   string
	err   error // nil: status 0
	ended bool  // by itself; not: it was still running when its time was up
}

// test runs some tests of a binary.
func (s *session) test(bin binary, args ...string) runOf { return s.testWith(nil, bin, args...) }

// testWith is test with more in the environment.
func (s *session) testWith(more []string, bin binary, args ...string) runOf {
	ctx, cancel := context.WithTimeout(s.ctx, s.perRun())
	defer cancel()
	env := append(slices.Clone(s.env()), s.goEnv...)
	env = append(env,
		"GORACE=atexit_sleep_ms=0 log_path=stderr",
		"HOME="+filepath.Join(s.temp, "home"),
		"XDG_CONFIG_HOME="+filepath.Join(s.temp, "home"),
		"XDG_CACHE_HOME="+filepath.Join(s.temp, "home"),
		"TMPDIR="+filepath.Join(s.temp, "tmp"),
		"PWD="+s.cwd,
	)
	env = append(env, more...)
	out, err := command(ctx, s.cwd, env, string(bin), args...)
	return runOf{out: string(out), err: err, ended: ctx.Err() == nil}
}

// perRun is how long a single process may take: a stop is then noticed while
// there is still time for the other version of the code.
func (s *session) perRun() time.Duration {
	if s.opts.Timeout == 0 {
		return time.Hour
	}
	return max(s.opts.Timeout/4, time.Second)
}

func (s *session) run(dir string, env []string, name string, args ...string) ([]byte, error) {
	return command(s.ctx, dir, env, name, args...)
}

// next returns a number that was not used before.
func (s *session) next() int {
	s.made++
	return s.made
}
