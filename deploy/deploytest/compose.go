// Package deploytest gives tests what a deployment in containers is made of, without containers: docker-compose.yml as the
// Compose Specification's own loader reads it, and the static binary alone in an empty root folder.
package deploytest

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Project is a compose file with variables and anchors resolved.
type Project struct {
	Services map[string]Service
	Networks map[string]any
	Volumes  map[string]any
}

// Service is what the tests look at in a service of a compose file.
type Service struct {
	Image, User, Restart string
	Build                *struct{ Context string }
	Command              []string
	ReadOnly             bool     `json:"read_only"`
	CapDrop              []string `json:"cap_drop"`
	SecurityOpt          []string `json:"security_opt"`
	Privileged           bool
	NetworkMode          string `json:"network_mode"`
	Environment          map[string]string
	Networks             map[string]any
	DependsOn            map[string]struct{ Condition string } `json:"depends_on"`
	Healthcheck          *struct {
		Test    []string
		Disable bool
	}
	Ports []struct {
		HostIP    string `json:"host_ip"`
		Published string
		Target    int
	}
	Volumes []Mount
}

// Mount is a folder, a file or a volume that a container sees.
type Mount struct {
	Type, Source, Target string
	ReadOnly             bool `json:"read_only"`
}

// Roles are the services that run rapport, by name.
func (p Project) Roles() map[string]Service {
	own := maps.Clone(p.Services)
	maps.DeleteFunc(own, func(_ string, s Service) bool { return s.Build == nil })
	return own
}

// Loader reads compose files.
type Loader struct{ exe string }

// NewLoader builds the loader, which is pinned in tools/go.mod; root is the repository's. Where its modules cannot be had the
// test is skipped, under CI it fails.
func NewLoader(t testing.TB, root string) Loader {
	t.Helper()
	l := Loader{exe: filepath.Join(t.TempDir(), "compose")}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", l.exe, "./compose")
	build.Dir = filepath.Join(root, "tools")
	if out, err := build.CombinedOutput(); err != nil {
		Lacks(t, "the loader of the Compose Specification cannot be built: %v\n%s", err, out)
	}
	return l
}

// Load reads text as a compose file under an environment of nothing but environ, in an empty folder, so that no .env of the
// developer's has a part in it. The error is what is wrong with the file.
func (l Loader) Load(t testing.TB, text string, environ ...string) (Project, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker-compose.yml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), l.exe, "docker-compose.yml")
	cmd.Dir, cmd.Env = dir, append([]string{"PATH=" + os.Getenv("PATH")}, environ...)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return Project{}, errors.New(string(exit.Stderr))
	}
	if err != nil {
		t.Fatal(err)
	}
	var p Project
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p, nil
}

// Lacks skips a test for want of something, and fails it when CI=true.
func Lacks(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
