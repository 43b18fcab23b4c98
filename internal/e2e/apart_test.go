package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/deploy/deploytest"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
)

const root = "../.."

// apart is what docker-compose.yml describes, without containers: each service of rapport's a process of the static binary in a
// root folder of its own, with the settings of the file but for addresses; the engines are in the process of the test, so that
// no role but these does any work.
type apart struct {
	*System
	project deploytest.Project
	binary  string
	address *strings.Replacer
}

func newApart(t *testing.T) *apart {
	t.Helper()
	compose, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	project, err := deploytest.NewLoader(t, root).Load(t, string(compose))
	if err != nil {
		t.Fatal(err)
	}
	a := &apart{
		System:  &System{t: t, dir: t.TempDir(), Kafka: kafkatest.Start(t), DSN: clickhousetest.Start(t)},
		project: project, binary: deploytest.Static(t, root),
	}
	a.address = strings.NewReplacer("kafka:29092", a.Kafka, "clickhouse:8123", strings.TrimPrefix(a.DSN, "http://"))
	return a
}

// container prepares a service of the file.
func (a *apart) container(t *testing.T, name string) *container {
	t.Helper()
	service, ok := a.project.Services[name]
	if !ok {
		t.Fatalf("docker-compose.yml has no service %s", name)
	}
	c := &container{t: t, name: name, image: deploytest.NewImage(t, a.binary), args: service.Command, addr: FreeAddrs(t, 1)[0]}
	for _, m := range service.Volumes {
		c.image.Mount(t, filepath.Join(root, m.Source), m.Target)
	}
	c.files = c.image.Files(t)
	for setting, value := range service.Environment {
		if value = a.address.Replace(value); setting == "RAPPORT_HTTP_ADDR" {
			value = c.addr
		}
		c.environ = append(c.environ, setting+"="+value)
	}
	// A killed member's partitions are given to its successor sooner, so that the test is shorter.
	c.environ = append(c.environ, "RAPPORT_PIPELINE_SESSION_TIMEOUT=3s", "RAPPORT_PIPELINE_DRAIN_TIMEOUT=2s")
	log, err := os.Create(filepath.Join(a.dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	c.log = log
	t.Cleanup(func() {
		_ = c.end(syscall.SIGKILL)
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the end of the log of %s:\n%s", name, text[max(0, len(text)-4000):])
		}
		_ = log.Close()
	})
	return c
}

// trialKey is the key that docs/deployment.md tells of, so that following the page is what is tested.
func trialKey(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs/deployment.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "Authorization: Bearer ")
	key, _, end := strings.Cut(rest, "'")
	if !ok || !end {
		t.Fatal("docs/deployment.md posts no event with a key")
	}
	return key
}

// loadByHTTP posts events in small batches until all are accepted. A batch whose answer is lost is posted again, as a careful
// app would do. It counts what was accepted.
func (a *apart) loadByHTTP(ctx context.Context, events []generator.Event, key string, accepted *atomic.Int64) error {
	for len(events) > 0 {
		n := min(20, len(events))
		var body bytes.Buffer
		for _, e := range events[:n] {
			if err := json.Compact(&body, e.JSON); err != nil {
				return err
			}
			body.WriteByte('\n')
		}
		answer, err := a.Post("/v1/events", "application/x-ndjson", body.Bytes(), "Authorization", "Bearer "+key)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err != nil || answer.Status == http.StatusServiceUnavailable:
			time.Sleep(20 * time.Millisecond) // an app's pause between two tries, asserts nothing
			continue
		case answer.Status != http.StatusAccepted || len(answer.Refused) > 0:
			return fmt.Errorf("%d %s", answer.Status, answer.Body)
		}
		accepted.Add(int64(n))
		events = events[n:]
	}
	return nil
}

// TestRolesApartEqualTheOracle: an event posted to the ingest of docker-compose.yml becomes a figure; then each role is killed -9
// and started again under a load, more than once, and the figures equal the oracle's to the bit.
func TestRolesApartEqualTheOracle(t *testing.T) {
	a := newApart(t)
	migrate := a.container(t, "migrate")
	for range 2 { // as a second `docker compose up` does
		migrate.start()
		if migrate.wait(); migrate.exitErr != nil {
			t.Fatalf("migrate: %v", migrate.exitErr)
		}
	}
	roles := []*container{a.container(t, "ingest"), a.container(t, "process"), a.container(t, "roll")}
	for _, c := range roles {
		c.start()
		a.Eventually(c.name+" healthy", c.healthy)
	}
	a.HTTP = "http://" + roles[0].addr
	key := trialKey(t)

	n, strikes := 1500, 2
	if testing.Short() {
		n, strikes = 900, 1
	}
	g, err := generator.New(generator.Config{Seed: 21, Tenants: []string{plain}})
	if err != nil {
		t.Fatal(err)
	}
	events := g.Events(n)
	want := Expect(t, events, oracle.Options{DefaultTenant: plain})
	sent := generator.Shuffle(events, generator.NewRand(21))

	if answer, err := a.Post("/v1/events", "application/json", sent[0].JSON); err != nil || answer.Status != http.StatusUnauthorized {
		t.Errorf("without a key: %v %d, want 401", err, answer.Status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var accepted atomic.Int64
	if err := a.loadByHTTP(ctx, sent[:20], key, &accepted); err != nil {
		t.Fatal(err)
	}
	conn := a.Conn()
	a.Eventually("a figure", func() error {
		var figures uint64
		err := conn.QueryRow(ctx, "SELECT sum(n) FROM rapport.satisfaction_by_cut_daily WHERE cut = ''").Scan(&figures)
		if err == nil && figures == 0 {
			err = errors.New("no response is in a figure")
		}
		return err
	})

	rng := rand.New(rand.NewPCG(anySeed(t), 2))
	var order []*container
	for range strikes {
		for _, i := range rng.Perm(len(roles)) {
			order = append(order, roles[i])
		}
	}
	loaded := make(chan error, 1)
	go func() { loaded <- a.loadByHTTP(ctx, sent[20:], key, &accepted) }()
	for i, c := range order {
		at := int64(20 + (len(sent)-20)*(i*100+rng.IntN(100))/(len(order)*100))
		a.Eventually("so far", func() error {
			if have := accepted.Load(); have < at {
				return fmt.Errorf("%d events accepted, waiting for %d", have, at)
			}
			return nil
		})
		a.Eventually(c.name+" a member", c.member)
		_ = c.end(syscall.SIGKILL)
		c.start()
	}
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	for _, c := range roles {
		a.Eventually(c.name+" healthy", c.healthy)
	}
	a.Equals(want)
	a.Unaudited(t)
	var received, unexplained, stored int64
	if err := conn.QueryRow(ctx, "SELECT toInt64(received), unexplained, toInt64(stored) FROM rapport.data_quality WHERE topic = 'rapport.survey-responses'").
		Scan(&received, &unexplained, &stored); err != nil {
		t.Fatal(err)
	}
	if received < int64(len(sent)) || unexplained != 0 || int(stored) != want.Counts.Identities {
		t.Errorf("received %d of %d or more, unexplained %d, stored %d distinct events of %d", received, len(sent), unexplained, stored, want.Counts.Identities)
	}

	for _, c := range roles {
		if err := c.end(syscall.SIGTERM); err != nil {
			t.Errorf("%s: a clean stop came to %v", c.name, err)
		}
		if diff := cmp.Diff(c.files, c.image.Files(t)); diff != "" {
			t.Errorf("%s changed the files of its image:\n%s", c.name, diff)
		}
	}
}
