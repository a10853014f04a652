// Package report holds what a run found, as data, and writes it as text,
// JSON and unified diffs.
//
// The field names and values of Report's JSON are a contract with users; see
// docs/json.md. Nothing here decides anything.
package report

// A Report is all that a run found.
type Report struct {
	Version    int         `json:"version"` // of this format: 1
	Singletons []Singleton `json:"singletons"`
	Errors     []Error     `json:"errors"`
	Summary    Summary     `json:"summary"`
	Audit      *Audit      `json:"audit,omitempty"` // only of an audit
	Known      int         `json:"known,omitempty"` // unsafe, and left out for a baseline
	Suppressed []Note      `json:"-"`               // variables that comments say to leave alone, with their patterns
}

// A Singleton is one lazily initialised variable, or several under one guard.
type Singleton struct {
	ID         string     `json:"id"`
	Package    string     `json:"package"`
	Var        string     `json:"var"`
	Vars       []string   `json:"vars"`
	Scope      string     `json:"scope"` // package | field | registry
	Type       string     `json:"type"`
	Pattern    string     `json:"pattern"`
	Verdict    string     `json:"verdict"` // unsafe | safe
	Risk       string     `json:"risk"`    // critical | medium | low | none
	Position   Position   `json:"position"`
	Getter     string     `json:"getter"`
	Resets     []string   `json:"resets"`
	Reasons    []Note     `json:"reasons"`
	Evidence   []Note     `json:"evidence"`
	Guarantees Guarantees `json:"guarantees"`
	Assumed    []string   `json:"assumed"`
	Fix        *Fix       `json:"fix"`
}

// A Position is a place in a file; the path is relative to the working
// directory, with slashes, and line and column count from 1.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`

	Name Columns `json:"-"` // of what stands there; only where a format shows it, see [Report.FindNames]
}

// A Note is a sentence about a position.
type Note struct {
	Code     string   `json:"code,omitempty"`
	Message  string   `json:"message"`
	Position Position `json:"position"`
}

// Guarantees say what a caller can rely on, before the fix and after it.
type Guarantees struct {
	Before *Guarantee `json:"before"`
	After  *Guarantee `json:"after"` // null where nothing would change
}

// A Guarantee says what callers can rely on.
type Guarantee struct {
	ExactlyOnce bool   `json:"exactly_once"` // at most one construction between resets
	Published   bool   `json:"published"`    // whoever gets the value sees all of it
	Errors      string `json:"errors"`       // sticky | retried | none
	ResetSafe   bool   `json:"reset_safe"`
	AfterPanic  string `json:"after_panic"` // of the next call: retried | nil | panics-again | blocks | no-start
	FastPath    string `json:"fast_path"`   // plain | atomic | once | mutex | rwmutex | channel | singleflight | sync-map
}

// A Fix is what was planned or done for an unsafe singleton.
type Fix struct {
	Status       string   `json:"status"` // available | applied | review | refused | failed
	Strategy     string   `json:"strategy"`
	Refusal      *Note    `json:"refusal"`
	Files        []string `json:"files"`
	LinesAdded   int      `json:"lines_added"`
	LinesRemoved int      `json:"lines_removed"`
	Obligations  []string `json:"obligations"`
	Notes        []string `json:"notes"`
	Proof        *Proof   `json:"proof"` // null: not asked for

	Changes []FileChange `json:"-"` // this fix alone; only where a format shows it
}

// An Error is what kept a package, or all of a run, from being looked at.
type Error struct {
	Package  string    `json:"package"`
	Position *Position `json:"position"`
	Message  string    `json:"message"`
}

// A Summary counts.
type Summary struct {
	Packages     int            `json:"packages"`
	Singletons   int            `json:"singletons"`
	Safe         int            `json:"safe"`
	Unsafe       int            `json:"unsafe"`
	Fixable      int            `json:"fixable"`
	Fixed        int            `json:"fixed"`
	Refused      int            `json:"refused"`
	LinesAdded   int            `json:"lines_added"`
	LinesRemoved int            `json:"lines_removed"`
	Risk         map[string]int `json:"risk"`
}
