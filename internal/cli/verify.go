package cli

import (
	"errors"
	"fmt"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// setVerify has the run prove its fixes, and leave the tests behind.
func (c *command) setVerify(r *raw) error {
	if c.run.RaceTests = r.raceTests; r.raceTests && c.mode != modeWrite {
		return errors.New("--race-tests writes files: give it with -w")
	}
	if !r.verify && c.mode != modeBug {
		return nil
	}
	if c.mode != modeDiff && c.mode != modeWrite && c.mode != modeAudit && c.mode != modeBug {
		return errors.New("--verify proves fixes: give it with -d, -w or --audit")
	}
	if c.timeout <= 0 {
		return fmt.Errorf("--verify-timeout %s: give a time, such as 2m", c.timeout)
	}
	c.run.Fix = true
	c.run.Verify = &driver.VerifyOptions{Timeout: c.timeout}
	return nil
}
