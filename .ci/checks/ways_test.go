package checks

// A way says how a command that the documents show is tried, where that is
// not to run it as it stands.
type way struct {
	run   string // this in its place: a name for a placeholder, one package for all
	test  string // a test of ours that runs it: a function, or a script of the command line
	names bool   // it names a tool of others; nobody is to type it
}

// ways has what is not a command line of singletonfix to be run as it stands.
var ways = map[string]way{
	"singletonfix [flags] [packages]":                   {run: "singletonfix --quiet ./..."},
	"singletonfix --explain NAME":                       {run: "singletonfix --explain nil-check"},
	"singletonfix -w FILE.go:LINE":                      {run: "singletonfix -w config/config.go:12"},
	"singletonfix --stdin-filename config/config.go":    {run: "singletonfix --stdin-filename config/config.go <config/config.go"},
	"singletonfix --exit-zero --stdin-filename FILE.go": {run: "singletonfix --exit-zero --stdin-filename config/config.go <config/config.go"},
	"singletonfix -i":                                   {test: "TestInteractive"},
	"singletonfix -w --verify":                          {run: "singletonfix -w --verify ./store"},
	"singletonfix -d --verify":                          {run: "singletonfix -d --verify ./store"},
	"singletonfix -d --verify --patch-dir ../patches":   {run: "singletonfix -d --verify --patch-dir ../patches ./store"},

	"go run ./cmd/singletonfix --demo":  {test: ".ci/run"},
	"go test -race ./...":               {test: ".ci/run"},
	"go test ./...":                     {test: ".ci/run"}, // under the race detector
	"go test -short ./...":              {test: ".ci/run"}, // likewise, and the rest, too
	"go test . -update":                 {test: ".ci/run"},
	"go test ./internal/driver -update": {test: ".ci/run"},
	".ci/run":                           {test: ".ci/run"},
	"go install ./cmd/singletonfix":     {run: "cd $REPO && GOBIN=$TMPDIR go install ./cmd/singletonfix && $TMPDIR/singletonfix --version"},
	"go install github.com/singletonfix/singletonfix/cmd/singletonfix@latest":                                 {run: "cd $REPO && GOBIN=$TMPDIR go install ./cmd/singletonfix && $TMPDIR/singletonfix --version"}, // as published
	"go run github.com/singletonfix/singletonfix/cmd/singletonfix@latest --baseline .singletonfix.json ./...": {run: "shop=$PWD; cd $REPO && go run github.com/singletonfix/singletonfix/cmd/singletonfix -C $shop --baseline .singletonfix.json ./..."},

	"go vet -vettool=$(which singletonfix) ./...":       {test: "vet.txtar"},
	"go fix -fixtool=$(which singletonfix) -diff ./...": {test: "vet_fix.txtar"},
	"go fix -fixtool=$(which singletonfix) ./...":       {test: "vet_fix.txtar"},

	"go test ./internal/programs -run TestPrograms -seed 5 -first 0 -programs 1000 -figures -keep /tmp/odd -timeout 0": {run: "cd $REPO && go test ./internal/programs -run TestPrograms -seed 5 -first 0 -programs 2 -figures -keep $TMPDIR/odd -timeout 0"},

	"go build -o /tmp/singletonfix ./cmd/singletonfix":                                                                               {test: "TestMain"},
	"docs/bench/compare.py --tool /tmp/singletonfix $(go env GOROOT)/src ~/src/prometheus":                                           {run: "$REPO/docs/bench/compare.py --tool $TOOL --times 1 --only report,read . ."},
	"docs/bench/compare.py --tool /tmp/singletonfix --cold --times 1 --only report,vet ~/src/prometheus":                             {run: "$REPO/docs/bench/compare.py --tool $TOOL --cold --times 1 --only report ."},
	"docs/bench/compare.py --tool /tmp/singletonfix --only read,report,vet --generated 2500,5000,10000,20000 --svg growth.svg --cpu": {run: "$REPO/docs/bench/compare.py --tool $TOOL --times 1 --only read,report,vet --generated 2,4 --svg growth.svg --cpu"},
	"go test ./internal/load -run none -bench Sketch":                                                                                {run: "cd $REPO && go test ./internal/load -run none -bench Sketch -benchtime 1x"},
	"go test ./internal/driver -run none -bench .":                                                                                   {run: "cd $REPO && go test ./internal/driver -run none -bench . -benchtime 1x"},

	"golangci-lint custom": {test: "rewrite/golangci/plugin_test.go"},
	"custom-gcl":           {test: "rewrite/golangci/plugin_test.go"},
	"custom-gcl run --fix": {test: "rewrite/golangci/plugin_test.go"},
	"multi-gitter run ./fix.sh --org ORG --branch singletonfix --commit-message MESSAGE": {test: "TestMultiGitter"},
	"turbolift foreach -- ./fix.sh": {test: "TestRepositories"},
	"turbolift commit":              {test: "TestRepositories"},
	"turbolift create-prs":          {test: "TestRepositories"},

	"go run": {names: true}, "go vet": {names: true}, "go fix": {names: true}, "go fix -fixtool": {names: true},
	"go list": {names: true}, "go list -export": {names: true}, "go generate": {names: true}, "go test": {names: true},
	"go test -race": {names: true}, "git apply": {names: true}, "patch -p1": {names: true}, "git add -p": {names: true},
}

// fences are the snippets of the documents, by document and language, and the
// test that tries them.
var fences = map[string]string{
	"README.md go":          "TestReadme", // the first: what the tool makes of it; the second: suppress.txtar
	"README.md text":        "TestReadme",
	"docs/analyzer.md go":   "TestAnalyzerSnippet",
	"docs/ci.md yaml":       "TestSnippets",
	"docs/ci.md python":     "TestBazelSnippets",
	"docs/ci.md json":       "TestNogo",
	"docs/ci.md sh":         "TestRepositories",
	"docs/editors.md vim":   "TestVim",
	"docs/editors.md elisp": "TestEmacs",
	"docs/editors.md json":  "TestVSCode",
	"docs/editors.md text":  "TestVim", // and TestEmacs
	"docs/editors.md xml":   "TestGoLand",
	"docs/faq.md go":        "suppress.txtar",
}
