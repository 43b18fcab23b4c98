package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/deploy/deploytest"
	"github.com/rapport-project/rapport/internal/app"
)

const root = ".."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCompose(t *testing.T) {
	loader := deploytest.NewLoader(t, root)
	text := read(t, "docker-compose.yml")
	p, err := loader.Load(t, text)
	if err != nil {
		t.Fatalf("docker-compose.yml is no valid compose file: %v", err)
	}

	t.Run("every role is a service", func(t *testing.T) {
		want := map[string]string{"migrate": "migrate"}
		for _, r := range []app.Role{app.Ingest, app.Process, app.Roll, app.Serve, app.Alert} {
			want[string(r)] = string(r)
		}
		got := map[string]string{}
		for name, s := range p.Roles() {
			got[name] = strings.Join(s.Command, " ")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("images are pinned", func(t *testing.T) {
		for name, pattern := range map[string]string{
			"kafka": `^apache/kafka:4\.\d+\.\d+$`, "clickhouse": `^clickhouse/clickhouse-server:26\.\d+\.\d+\.\d+$`,
		} {
			if image := p.Services[name].Image; !regexp.MustCompile(pattern).MatchString(image) {
				t.Errorf("%s: image %q, want %s", name, image, pattern)
			}
		}
		for name, s := range p.Services {
			if _, tag, ok := strings.Cut(s.Image, ":"); !ok || tag == "latest" {
				t.Errorf("%s: image %q has no tag that stays", name, s.Image)
			}
		}
	})
	t.Run("ports are of loopback, each once", func(t *testing.T) {
		taken := map[string]string{}
		for name, s := range p.Services {
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" || port.Published == "" {
					t.Errorf("%s: port %s is published on %q, want 127.0.0.1", name, port.Published, port.HostIP)
				}
				if other := taken[port.Published]; other != "" {
					t.Errorf("%s and %s publish the same port %s", name, other, port.Published)
				}
				taken[port.Published] = name
			}
		}
	})
	t.Run("settings are sound", func(t *testing.T) {
		for name, s := range p.Roles() {
			// The mounted folder and file, by their places in the repository.
			environ := onHost(t, s)
			if unknown := app.Unknown(environ); len(unknown) > 0 {
				t.Errorf("%s: no such settings: %s", name, unknown)
			}
			c, err := app.Load(environ)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if _, err := c.Definitions(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if c.HTTPAddr != "0.0.0.0:8080" {
				t.Errorf("%s listens at %s, where no other container reaches it", name, c.HTTPAddr)
			}
			if c.EmbeddedKafka() || (c.EmbeddedClickHouse() && name != string(app.Ingest)) {
				t.Errorf("%s has no engine to go to, and the image has no embedded one", name)
			}
			called := name == string(app.Ingest) || name == string(app.Serve)
			if (c.APIKeysFile != "") != called {
				t.Errorf("%s: keys file %q; ingest and serve need one, since their callers are not on their loopback, and no other", name, c.APIKeysFile)
			}
		}
	})
	t.Run("what is asked of the user's environment are settings too", func(t *testing.T) {
		known := map[string]bool{}
		for _, s := range app.Settings(&app.Config{}) {
			known[s.Name] = true
		}
		for _, name := range regexp.MustCompile(`RAPPORT_[A-Z0-9_]*[A-Z0-9]`).FindAllString(text, -1) {
			if !known[name] {
				t.Errorf("%s is no setting", name)
			}
		}
	})
	t.Run("engines can be reached", func(t *testing.T) {
		for name, s := range p.Roles() {
			for _, pattern := range []string{`^([a-z]+):\d+$`, `@([a-z]+):\d+/`} {
				for _, value := range s.Environment {
					m := regexp.MustCompile(pattern).FindStringSubmatch(value)
					if m == nil || name == string(app.Serve) && m[1] == "kafka" { // the brokers are a setting of all; serve asks none of them
						continue
					}
					if !slices.ContainsFunc(slices.Collect(maps.Keys(s.Networks)), func(n string) bool { _, ok := p.Services[m[1]].Networks[n]; return ok }) {
						t.Errorf("%s goes to %s, and they share no network", name, m[1])
					}
				}
			}
		}
		if _, ok := p.Services["ingest"].Networks["clickhouse"]; ok {
			t.Error("ingest, which faces the apps, has a way to the database")
		}
		if _, ok := p.Services["serve"].Networks["kafka"]; ok {
			t.Error("serve, which only reads, has a way to the log")
		}
	})
	t.Run("starts are in order", func(t *testing.T) {
		want := map[string]string{"kafka": "service_healthy", "clickhouse": "service_healthy"}
		got := map[string]string{}
		for on, d := range p.Services["migrate"].DependsOn {
			got[on] = d.Condition
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("migrate: %s", diff)
		}
		for name, s := range p.Roles() {
			if name != "migrate" && s.DependsOn["migrate"].Condition != "service_completed_successfully" {
				t.Errorf("%s does not wait for migrate", name)
			}
		}
	})
	t.Run("health is checked, and what ends comes back", func(t *testing.T) {
		for name, s := range p.Services {
			if name == "migrate" {
				if s.Restart != "no" || !s.Healthcheck.Disable {
					t.Errorf("migrate runs once: restart %q, health %+v", s.Restart, s.Healthcheck)
				}
				continue
			}
			if s.Restart != "unless-stopped" || s.Healthcheck == nil || s.Healthcheck.Disable || len(s.Healthcheck.Test) == 0 {
				t.Errorf("%s: restart %q, health %+v", name, s.Restart, s.Healthcheck)
			}
			if s.Build != nil && !slices.Equal(s.Healthcheck.Test, []string{"CMD", "/rapport", "health"}) {
				t.Errorf("%s: health by %q", name, s.Healthcheck.Test)
			}
		}
	})
	t.Run("containers may do little", func(t *testing.T) {
		for name, s := range p.Services {
			if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.Privileged || s.NetworkMode != "" {
				t.Errorf("%s: privileged %v, security %q, network mode %q", name, s.Privileged, s.SecurityOpt, s.NetworkMode)
			}
			if s.Build != nil && (!s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || s.User != "65532:65532") {
				t.Errorf("%s: read-only %v, capabilities dropped %q, user %q", name, s.ReadOnly, s.CapDrop, s.User)
			}
		}
	})
	t.Run("data are in volumes", func(t *testing.T) {
		for name, target := range map[string]string{"kafka": p.Services["kafka"].Environment["KAFKA_LOG_DIRS"], "clickhouse": "/var/lib/clickhouse"} {
			v := p.Services[name].Volumes
			if len(v) != 1 || v[0].Type != "volume" || v[0].Target != target {
				t.Errorf("%s: volumes %+v, want one at %q", name, v, target)
			}
		}
	})
	t.Run("the user's choices arrive", func(t *testing.T) {
		p, err := loader.Load(t, text, "CLICKHOUSE_PASSWORD=hush", "RAPPORT_API_KEYS_FILE=/etc/keys.yaml", "RAPPORT_DEFAULT_TENANT=")
		if err != nil {
			t.Fatal(err)
		}
		ingest, process := p.Services["ingest"], p.Services["process"]
		if p.Services["clickhouse"].Environment["CLICKHOUSE_PASSWORD"] != "hush" || !strings.Contains(process.Environment["RAPPORT_CLICKHOUSE_DSN"], ":hush@") {
			t.Error("the password is not the one chosen")
		}
		if !slices.Contains(ingest.Volumes, deploytest.Mount{Type: "bind", Source: "/etc/keys.yaml", Target: ingest.Environment["RAPPORT_API_KEYS_FILE"], ReadOnly: true}) {
			t.Errorf("the keys file is not the one chosen: %+v", ingest.Volumes)
		}
		if tenant, ok := ingest.Environment["RAPPORT_DEFAULT_TENANT"]; !ok || tenant != "" {
			t.Errorf("an empty default tenant became %q", tenant)
		}
	})
	t.Run("control: mistakes are found", func(t *testing.T) {
		for _, mistake := range [][2]string{
			{"    restart: unless-stopped\n", "    restrat: unless-stopped\n"},
			{"networks: [kafka]", "networks: [kafak]"},
			{"migrate: {condition: service_completed_successfully}", "migrate: {condition: done}"},
			{"kafka: {condition: service_healthy}", "kakfa: {condition: service_healthy}"},
		} {
			wrong := strings.Replace(text, mistake[0], mistake[1], 1)
			if wrong == text {
				t.Fatalf("no %q to put a mistake into", mistake[0])
			}
			if _, err := loader.Load(t, wrong); err == nil {
				t.Errorf("%q passed", mistake[1])
			}
		}
	})
}

// onHost is the service's environment with the paths of what is mounted as they are on this machine.
func onHost(t *testing.T, s deploytest.Service) []string {
	t.Helper()
	var environ []string
	for name, value := range s.Environment {
		for _, v := range s.Volumes {
			if v.Target == value {
				if !v.ReadOnly {
					t.Errorf("%s can be written", value)
				}
				value = filepath.Join(root, v.Source)
			}
		}
		environ = append(environ, name+"="+value)
	}
	return environ
}
