package deploy

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/deploy/deploytest"
	"github.com/rapport-project/rapport/internal/app"
)

// instructions of the Dockerfile, comments and continued lines gone.
func instructions(t *testing.T) []string {
	t.Helper()
	text := strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", "")
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func TestDockerfile(t *testing.T) {
	all := instructions(t)
	has := func(line string) {
		t.Helper()
		if !slices.Contains(all, line) {
			t.Errorf("no line %q", line)
		}
	}
	last := ""
	for _, line := range all {
		name, rest, _ := strings.Cut(line, " ")
		switch name {
		case "FROM":
			last = rest
		case "ENV":
			for _, pair := range strings.Fields(rest) {
				if unknown := app.Unknown([]string{pair}); len(unknown) > 0 {
					t.Errorf("%s is no setting", unknown)
				}
			}
		case "ARG", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD":
		default:
			t.Errorf("%s is an instruction that this test knows nothing of", name)
		}
	}
	if last != "scratch" {
		t.Errorf("the image is on top of %s, want scratch", last)
	}
	has("RUN make static VERSION=\"$VERSION\" STATIC=/out/rapport")
	has("COPY --from=build /out/rapport /rapport")
	has(fmt.Sprintf("USER %d:%d", deploytest.User, deploytest.User))
	has("ENTRYPOINT [\"/rapport\"]")
	if !slices.ContainsFunc(all, func(l string) bool {
		return strings.HasPrefix(l, "HEALTHCHECK ") && strings.HasSuffix(l, " CMD [\"/rapport\", \"health\"]")
	}) {
		t.Error("health is not checked by rapport health")
	}

	// The compiler of the image is pinned, and new enough for the module.
	image := regexp.MustCompile(`^FROM golang:(\d+\.\d+)\.\d+-\w+ AS build$`).FindStringSubmatch(all[0])
	needs := regexp.MustCompile(`(?m)^go (\d+\.\d+)\.`).FindStringSubmatch(read(t, "go.mod"))
	if image == nil || needs == nil || image[1] != needs[1] {
		t.Errorf("%s: want a pinned image of Go %v", all[0], needs)
	}
}

// TestBuildContextHasTheCode: nothing that the build reads is kept from it.
func TestBuildContextHasTheCode(t *testing.T) {
	git := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--ignored", "-X", ".dockerignore")
	git.Dir = root
	out, err := git.CombinedOutput()
	if err != nil {
		t.Skipf("not a clone: %v\n%s", err, out)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(name, "docs/") && !strings.HasPrefix(name, "deploy/") {
			t.Errorf(".dockerignore keeps %s from the build", name)
		}
	}
	deps := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "static", "./cmd/rapport")
	deps.Dir, deps.Env = root, append(deps.Environ(), "CGO_ENABLED=0")
	if out, err = deps.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packages := strings.Fields(string(out))
	for _, p := range packages {
		if strings.HasPrefix(p, "github.com/rapport-project/rapport/docs") || strings.HasPrefix(p, "github.com/rapport-project/rapport/deploy") || p == "runtime/cgo" || strings.Contains(p, "purego") {
			t.Errorf("the static binary is built from %s", p)
		}
	}
	if !slices.Contains(packages, "time/tzdata") {
		t.Error("an image without zone files needs the zones in the binary")
	}
}

// dynamic says by which loader the system has to start a binary, and which libraries that has to find; nothing for a static one.
func dynamic(t *testing.T, path string) []string {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []string
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			out = append(out, p.Type.String())
		}
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	return append(out, libraries...)
}

func TestBinaryIsStatic(t *testing.T) {
	if got := dynamic(t, deploytest.Static(t, root)); len(got) > 0 {
		t.Errorf("the binary of the image wants %s", got)
	}
	// The control: the usual binary loads the ClickHouse library, so it is none.
	usual := filepath.Join(t.TempDir(), "rapport")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", usual, "./cmd/rapport")
	build.Dir, build.Env = root, append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := dynamic(t, usual); len(got) == 0 {
		t.Error("the usual binary counts as static too: this test cannot tell")
	}
}

// TestBinaryAloneIsEnough: in a root folder that has nothing else, under the image's user.
func TestBinaryAloneIsEnough(t *testing.T) {
	image := deploytest.NewImage(t, deploytest.Static(t, root))
	if diff := cmp.Diff([]string{"/rapport"}, image.Files(t)); diff != "" {
		t.Fatal(diff)
	}
	out, err := image.Command(nil, "version").Output()
	if err != nil || string(out) != "rapport v1.2.3-test\n" {
		t.Errorf("version: %q, %v", out, err)
	}
	// What it lacks is told, and how to do without.
	out, err = image.Command([]string{"RAPPORT_KAFKA_BROKERS=127.0.0.1:1"}, "doctor").Output()
	if err == nil || !strings.Contains(string(out), "static binary") || !strings.Contains(string(out), "RAPPORT_CLICKHOUSE_DSN") {
		t.Errorf("doctor: %s, %v", out, err)
	}
	// Zones are in the binary.
	image.Mount(t, writeTenant(t, "time_zone: Asia/Kathmandu\n"), "/etc/rapport/config")
	out, err = image.Command([]string{"RAPPORT_CONFIG_DIR=/etc/rapport/config", "RAPPORT_KAFKA_BROKERS=127.0.0.1:1"}, "doctor").Output()
	if err == nil || !strings.Contains(string(out), "ok      definitions are sound") {
		t.Errorf("doctor with a tenant in Kathmandu: %s, %v", out, err)
	}
}

// writeTenant writes a folder of definitions with one tenant.
func writeTenant(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "tenants"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tenants", "acme.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
