package receivers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// realAlertmanager is where `make test-alertmanager` puts it, and the folder it has to be run in for its templates.
const (
	realAlertmanager = "../../.build/alertmanager/root/usr/bin/prometheus-alertmanager"
	itsTemplates     = "../../.build/alertmanager/root/usr/share/prometheus/alertmanager"
)

// am is a real Alertmanager in a process of its own, alone, that tells hook of what it would page people with.
type am struct {
	t       *testing.T
	address string
	dir     string
	cmd     *exec.Cmd
	log     bytes.Buffer
}

func newAlertmanager(t *testing.T, hook string) *am {
	t.Helper()
	if _, err := os.Stat(realAlertmanager); err != nil {
		lacks(t, "no real Alertmanager: run make test-alertmanager (%v)", err)
	}
	config := fmt.Sprintf(`
route: {receiver: hook, group_by: ['...'], group_wait: 50ms, group_interval: 100ms, repeat_interval: 4h}
receivers: [{name: hook, webhook_configs: [{url: %q, send_resolved: true}]}]
`, hook)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "alertmanager.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return &am{t: t, address: address, dir: dir}
}

// start runs it until the test ends, and returns when it answers.
func (a *am) start() {
	a.t.Helper()
	exe, err := filepath.Abs(realAlertmanager)
	if err != nil {
		a.t.Fatal(err)
	}
	a.cmd = exec.Command(exe, "--config.file="+filepath.Join(a.dir, "alertmanager.yml"), "--storage.path="+filepath.Join(a.dir, "data"),
		"--web.listen-address="+a.address, "--cluster.listen-address=")
	a.cmd.Dir = itsTemplates
	a.cmd.Stderr, a.cmd.Stdout = &a.log, &a.log
	if err := a.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		_ = a.cmd.Process.Kill()
		_ = a.cmd.Wait() // the log may be read only then
		if a.t.Failed() {
			a.t.Logf("Alertmanager's log:\n%s", a.log.String())
		}
	})
	eventually(a.t, "Alertmanager answers", func() bool {
		resp, err := http.Get("http://" + a.address + "/-/ready")
		if err != nil {
			return false
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode == http.StatusOK
	})
}

// gettable is an alert as Alertmanager's API v2 shows it.
type gettable struct {
	Annotations, Labels         map[string]string
	StartsAt, EndsAt, UpdatedAt time.Time
	Fingerprint                 string
	GeneratorURL                string
	Status                      struct{ State string }
}

func (a *am) alerts() []gettable {
	a.t.Helper()
	resp, err := http.Get("http://" + a.address + "/api/v2/alerts")
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var all []gettable
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		a.t.Fatal(err)
	}
	return all
}

// pages are what Alertmanager told its own receiver: status and alert.
type pages struct {
	mu  sync.Mutex
	got []string
}

func (p *pages) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.got...)
}

func (p *pages) take(w http.ResponseWriter, r *http.Request) {
	var message struct {
		Alerts []struct {
			Status string
			Labels map[string]string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range message.Alerts {
		p.got = append(p.got, a.Status+" "+a.Labels["alertname"]+" "+a.Labels["tenant"])
	}
}

// TestRealAlertmanager: an alert that fires is there once, however often it is said; once it is over it is gone, and stays so; people are told once of each. It
// was down when the alert fired, and another alert goes on all the time.
func TestRealAlertmanager(t *testing.T) {
	var told pages
	hook := httpServer(t, told.take)
	manager := newAlertmanager(t, hook)
	receiver, err := NewAlertmanager(AlertmanagerOptions{Address: Address{URL: "http://" + manager.address, Trusted: true}})
	if err != nil {
		t.Fatal(err)
	}
	fired, other := drop(Firing), drop(Firing)
	now := time.Now().UTC().Truncate(time.Millisecond)
	fired.StartsAt, fired.At = now.Add(-time.Minute), now.Add(-time.Minute)
	other.ID, other.Tenant, other.StartsAt, other.At = "other", "beta", fired.StartsAt, fired.At
	b := newBox(fired, other)
	c := quick()
	c.RepeatEvery = 20 * time.Millisecond
	_, stop := dispatch(t, Options{Config: c, Outbox: b, Receivers: []Receiver{receiver}})
	manager.start()
	eventually(t, "both alerts are there", func() bool { return len(manager.alerts()) == 2 })
	find := func() gettable {
		t.Helper()
		var found []gettable
		for _, g := range manager.alerts() {
			if g.Labels["tenant"] == "acme" {
				found = append(found, g)
			}
		}
		if len(found) != 1 {
			t.Fatalf("%d alerts of acme", len(found))
		}
		return found[0]
	}
	first := find()
	if diff := cmp.Diff(alertLabels(fired), first.Labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(alertAnnotations(fired), first.Annotations); diff != "" {
		t.Error(diff)
	}
	if ahead := time.Until(first.EndsAt); ahead < 3*time.Minute || ahead > resolveAfter || !first.StartsAt.Equal(fired.StartsAt) || first.GeneratorURL != fired.Explain || first.Status.State != "active" {
		t.Errorf("%+v", first)
	}
	// Said again, it is the same alert, with an end that is put off.
	eventually(t, "it was said again", func() bool { return find().EndsAt.After(first.EndsAt.Add(200 * time.Millisecond)) })
	if diff := cmp.Diff(first, find(), cmpopts.IgnoreFields(gettable{}, "EndsAt", "UpdatedAt")); diff != "" {
		t.Error(diff)
	}
	eventually(t, "both were told", func() bool { return len(told.all()) >= 2 })

	over := fired
	over.Transition, over.At = Resolved, time.Now().UTC()
	over.EndsAt = ptr(over.At)
	b.mu.Lock()
	b.transitions = append(b.transitions, over)
	b.mu.Unlock()
	acme := func() bool {
		for _, g := range manager.alerts() {
			if g.Labels["tenant"] == "acme" {
				return true
			}
		}
		return false
	}
	eventually(t, "it is gone", func() bool { return !acme() })
	eventually(t, "its end was told", func() bool { return len(told.all()) >= 3 })
	// The other one is said again many times; the one that is over must not come back by it.
	was := manager.alerts()
	eventually(t, "the other one was said again", func() bool {
		now := manager.alerts()
		return len(now) == 1 && now[0].EndsAt.After(was[0].EndsAt.Add(500*time.Millisecond))
	})
	if acme() {
		t.Error("it is back")
	}
	// The dispatcher sends the end once more, as after a kill.
	b.mu.Lock()
	b.deliveries = b.deliveries[:0]
	b.transitions = []Notification{over, other}
	b.mu.Unlock()
	eventually(t, "sent again", func() bool { return len(b.outcomes("alertmanager")) == 2 })
	stop()
	if acme() {
		t.Error("it is back")
	}
	want := []string{"firing SatisfactionDrop acme", "firing SatisfactionDrop beta", "resolved SatisfactionDrop acme"}
	if diff := cmp.Diff(want, told.all(), cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Errorf("people were told (-want +got):\n%s", diff)
	}
}
