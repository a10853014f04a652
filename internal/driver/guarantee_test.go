package driver

import (
	"fmt"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/internal/report"
)

// TestGuarantees holds what the audit says that callers can rely on, in some
// of the cases of testdata, before the fix and after it.
func TestGuarantees(t *testing.T) {
	for _, test := range []struct{ name, want string }{ // a line a singleton: name, before, after
		{"nil-check/textbook", "instance: twice torn none retried plain -> once whole none nil once"},
		{"nil-check/error_retried", "file: twice torn retried retried plain -> once whole retried retried atomic"},
		{"nil-check/safe_trylock", "scan: once whole none retried mutex"},
		{"nil-check/safe_locked", "byPair: once whole none blocks mutex\nbyRW: once whole none retried mutex\ninLit: once whole none retried mutex"},
		{"nil-check/safe_caller_locked", "pool: once whole none blocks mutex"},
		{"nil-check/safe_generic_manager", "values: once whole none retried mutex"},
		{"nil-check/safe_lock_wrappers", "user: once whole none retried mutex\nhome: once whole none retried mutex"},
		{"nil-check/safe_eager", "declared: once whole none no-start plain\ninInit: once whole none no-start plain"},
		{"nil-check/safe_semaphore", "cache: once whole none retried channel"},
		{"nil-check/safe_context_aware", "cache: once whole retried retried atomic"},
		{"nil-check/safe_rwmutex_double_check", "scheme: once whole none retried rwmutex"},
		{"nil-check/reset_elsewhere", "shared: twice torn none retried plain reset=false -> once whole none retried atomic reset=true"},
		{"checked-once/textbook", "instance: once torn none nil plain -> once whole none nil once"},
		{"checked-once/bypass", "instance: once torn none nil plain -> once whole none nil atomic"},
		{"checked-once/safe_once", "literal: once whole none nil once\nnamed: once whole none nil once\nbehind: once whole none nil once\nhelped: once whole none nil once"},
		{"checked-once/safe_once_value", "Host: once whole none panics-again once\nKey: once whole sticky panics-again once\nbuild: once whole none panics-again once"},
		{"flag-guard/flag_first_then_error", "key: twice torn sticky nil plain -> once whole sticky nil mutex"},
		{"flag-guard/flag_error", "config: twice torn retried retried plain -> once whole retried retried mutex"},
		{"flag-guard/flag_struct", "config: twice torn none retried plain -> once whole none nil once"},
		{"flag-guard/with_filler", "parsed: twice torn none retried plain -> once whole none nil once"},
		{"nil-check/shadow_in_block", "session: twice torn none retried plain -> twice whole none retried atomic"},
		{"once-reset/on_error", "dir: twice torn retried nil once reset=false -> once whole retried retried mutex reset=true"},
		{"racy-atomic/safe_swap", "router: twice whole none retried atomic"},
		{"racy-atomic/safe_flag", "router: once whole none retried atomic"},
		{"racy-atomic/pointer", "router: twice whole none retried atomic -> once whole none retried atomic"},
		{"racy-atomic/flag_before_value", "router: twice torn none nil atomic -> once whole none retried atomic"},
		{"missing-recheck/safe_loser_discarded", "spool: twice whole none retried mutex"},
		{"missing-recheck/read_lock", "spool: twice whole none retried rwmutex -> once whole none retried mutex"},
		{"broken-double-check/mutex", "driver: once torn none retried plain -> once whole none retried atomic"},
		{"lazy-registry/lookalike_sync_map", "loggers: twice whole none retried sync-map"},
		{"lazy-registry/lookalike_locked", "loggers: once whole none retried mutex"},
		{"lazy-registry/comma_ok", "loggers: twice torn none retried plain -> once whole none retried mutex"},
		{"local-lock/mutex", "depot: twice torn none retried mutex -> once whole none retried mutex"},
		{"once-reset/with_error", "file: twice torn sticky nil once reset=false -> once whole sticky retried mutex reset=true"},
		{"unlocked-reset/locked_getter", "instance: once torn none retried mutex reset=false -> once whole none retried mutex reset=true"},
		{"unlocked-read/other_reader", "theme: once torn none retried mutex -> once whole none retried mutex"},
		{"lost-once-error/local_error", "conn: once whole none nil once -> once whole sticky nil once"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t, test.name+".txtar")
			c.opts.Audit, c.opts.Guarantees = true, true
			var lines []string
			for _, s := range mustRun(t, c.opts).Report.Singletons {
				line := s.Var + ": " + guaranteeString(&s, s.Guarantees.Before)
				if s.Guarantees.After != nil {
					line += " -> " + guaranteeString(&s, s.Guarantees.After)
				}
				lines = append(lines, line)
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("guarantees are\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// guaranteeString returns g as the table of TestGuarantees has it: built once
// or twice, handed on whole or torn, errors, after a panic, fast path.
func guaranteeString(s *report.Singleton, g *report.Guarantee) string {
	words := []string{"twice", "torn", g.Errors, g.AfterPanic, g.FastPath}
	if g.ExactlyOnce {
		words[0] = "once"
	}
	if g.Published {
		words[1] = "whole"
	}
	if len(s.Resets) > 0 {
		words = append(words, fmt.Sprintf("reset=%v", g.ResetSafe))
	}
	return strings.Join(words, " ")
}
