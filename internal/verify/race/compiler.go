package race

import (
	"fmt"
	"os/exec"
	"strings"
)

// compiler says that there is no C compiler, which the race detector's
// runtime is linked with; nil if there is one.
func compiler(cc string) error {
	name, _, _ := strings.Cut(strings.TrimSpace(cc), " ")
	if name == "" {
		name = "cc"
	}
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("the race detector needs a C compiler, and there is no %s", name)
	}
	return nil
}
