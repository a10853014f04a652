package checks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A forge is a stand-in for a server with repositories, as far as
// multi-gitter talks to one of Gitea's kind.
type forge struct {
	repos map[string]string // name -> bare repository
	pulls []string          // "NAME: TITLE", of the pull requests that were opened
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	pull := regexp.MustCompile(`^/repos/org/([a-z]+)/pulls$`).FindStringSubmatch(path)
	switch {
	case path == "/version":
		fmt.Fprint(w, `{"version": "1.22.0"}`)
	case path == "/orgs/org/repos":
		json.NewEncoder(w).Encode(f.list())
	case pull != nil && r.Method == http.MethodPost:
		var request struct{ Title, Head, Base string }
		json.NewDecoder(r.Body).Decode(&request)
		f.pulls = append(f.pulls, pull[1]+": "+request.Title)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"number": 1, "html_url": "http://forge/%[1]s/1", "head": {"repo": {"name": "%[1]s", "owner": {"login": "org"}}}}`, pull[1])
	case strings.HasSuffix(path, "/requested_reviewers"):
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `[]`)
	default:
		http.NotFound(w, r)
	}
}

func (f *forge) list() []map[string]any {
	var names []string
	for name := range f.repos {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []map[string]any
	for i, name := range names {
		all = append(all, map[string]any{
			"id": i + 1, "name": name, "full_name": "org/" + name, "default_branch": "main",
			"ssh_url": f.repos[name], "owner": map[string]any{"login": "org"},
		})
	}
	return all
}

// TestMultiGitter runs the page's command, with what names the server besides.
// multi-gitter is not among what a machine of ours gets: its recipe is held
// by TestRepositories there.
func TestMultiGitter(t *testing.T) {
	if _, err := exec.LookPath("multi-gitter"); err != nil {
		t.Skip("multi-gitter is not installed")
	}
	tmp := t.TempDir()
	put(t, filepath.Join(tmp, "fix.sh"), snippet(t, ciDoc, "sh"))
	must(t, tmp, "chmod +x fix.sh")
	f := &forge{repos: manyRepositories(t)}
	server := httptest.NewServer(f)
	defer server.Close()
	command := regexp.MustCompile("`(multi-gitter run [^`]*)`").FindStringSubmatch(read(t, ciDoc))[1]
	command = strings.NewReplacer("--org ORG", "--org org", "MESSAGE", "'make singletons safe'").Replace(command)
	command += " --platform gitea --ssh-auth --token none --git-type cmd --fetch-depth 0 --plain-output --base-url " + server.URL
	for i, want := range []string{"racy: make singletons safe", ""} {
		f.pulls = nil
		status, out := sh(t, tmp, command)
		if got := strings.Join(f.pulls, "\n"); got != want {
			t.Fatalf("run %d: pull requests %q, want %q; exit status %d\n%s", i+1, got, want, status, out)
		}
		if !strings.Contains(out, "broken") {
			t.Errorf("run %d does not name the repository that cannot be read:\n%s", i+1, out)
		}
		if got := must(t, tmp, "git -C "+f.repos["racy"]+" diff --stat main singletonfix"); !strings.Contains(got, "3 files changed") {
			t.Errorf("run %d: the branch changes\n%s", i+1, got)
		}
		for _, name := range []string{"clean", "byhand", "broken"} {
			if got := must(t, tmp, "git -C "+f.repos[name]+" branch --list singletonfix"); got != "" {
				t.Errorf("run %d: %s has a branch", i+1, name)
			}
		}
	}
}
