package faults

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/faults/report"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

// backlogFlag is how many events wait when the process starts.
var backlogFlag = flag.Int("backlog", 50_000, "events of TestMemoryUnderABacklog")

// memoryLimit is what one process of rapport may hold in MiB, whatever waits for it: not the backlog, but of each of its partitions the batch in hand and
// what a fetch unpacks to, twice 64 MiB where records repeat as these do.
const memoryLimit = 2048

// peakMiB is the most that a process has held so far.
func peakMiB(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("only Linux tells what a process held:", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib / 1024
		}
	}
	t.Fatal("no VmHWM in the status of a process")
	return 0
}

// responses of customers of the default tenant, as templates: another id makes another event.
func (x *Trial) responses() []generator.Event {
	var out []generator.Event
	for _, e := range x.events {
		others := slices.ContainsFunc([]string{"employee", "manager", "mystery_shopper"}, func(role string) bool { return bytes.Contains(e.JSON, []byte(role)) })
		if e.Tenant == "default" && e.Type == schemas.TypeSurveyResponse && !e.Retracted && e.Revision == 0 && bytes.Contains(e.JSON, quoted(e.ID)) && !others {
			out = append(out, e)
		}
	}
	return out
}

func quoted(id string) []byte { return []byte(`"id":"` + id + `"`) }

// again is the event under an id of its own.
func again(e generator.Event, n int) []byte {
	return bytes.Replace(e.JSON, quoted(e.ID), quoted(fmt.Sprintf("again-%d", n)), 1)
}

// TestMemoryUnderABacklog: a process that finds very many events waiting holds no more than its batches.
func TestMemoryUnderABacklog(t *testing.T) {
	n := *backlogFlag
	x := Prepare(t, Plan{Binary: rapport, Stories: 2000})
	m := x.Members[0]
	if _, stderr, err := m.Command("", "migrate"); err != nil {
		t.Fatal(err, stderr)
	}
	templates := x.responses()
	client := x.Direct.Client(kgo.MaxBufferedRecords(20_000), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	var failed atomic.Int64
	for i := range n {
		e := templates[i%len(templates)]
		client.Produce(t.Context(), &kgo.Record{Topic: e.Topic, Value: again(e, i), Headers: []kgo.RecordHeader{{Key: "content-type", Value: []byte("application/cloudevents+json")}}},
			func(_ *kgo.Record, err error) {
				if err != nil {
					failed.Add(1)
				}
			})
	}
	if err := client.Flush(t.Context()); err != nil || failed.Load() > 0 {
		t.Fatal(err, failed.Load())
	}
	client.Close()

	started := time.Now()
	m.Start()
	m.Eventually("ready", m.Ready)
	conn := x.Direct.Conn()
	count := func(what string, least int, sql string) {
		t.Helper()
		for last, moved := uint64(0), time.Now(); ; {
			var have uint64
			err := conn.QueryRow(t.Context(), sql).Scan(&have)
			if err == nil && int(have) == least {
				return
			}
			if err == nil && have != last {
				last, moved = have, time.Now()
			}
			if time.Since(moved) > patience {
				t.Fatalf("%d %s of %d, and no more for %s: %v", have, what, least, patience, err)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	count("facts", n, "SELECT count() FROM rapport_store.survey_facts")
	facts := time.Since(started)
	count("responses in figures", n, "SELECT toUInt64(sum(n + n_invalid)) FROM rapport.satisfaction_by_cut_daily WHERE cut = ''")
	own, database := peakMiB(t, m.PID()), peakMiB(t, x.Engine.PID())
	if own > memoryLimit {
		t.Errorf("the process held %.0f MiB, want at most %d", own, memoryLimit)
	}
	record(t, report.Line{
		Fault: fmt.Sprintf("a backlog of %d survey responses at the start", n), Broker: "embedded", Injected: 1, Sent: n, Acknowledged: n, Seconds: time.Since(started).Seconds(),
		Note: fmt.Sprintf("facts after %.0f s; at most %.0f MiB in the process, %.0f MiB in ClickHouse", facts.Seconds(), own, database),
	})
}

// TestMemoryUnderAnOutage: while no broker answers, apps that send and send again are told to wait, and the process holds no more than what its
// settings allow in flight. What it accepted is there afterwards.
func TestMemoryUnderAnOutage(t *testing.T) {
	x := Prepare(t, Plan{Binary: rapport, Stories: 2000, Settings: []string{"INGEST_PUBLISH_TIMEOUT=3s"}})
	m := x.Members[0]
	m.Up()
	templates := x.responses()
	outage := 10 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var serial, accepted, refused, sent atomic.Int64
	var clients sync.WaitGroup
	over := make(chan struct{})
	for range 16 {
		clients.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				var body bytes.Buffer
				for range 500 {
					i := int(serial.Add(1))
					body.Write(again(templates[i%len(templates)], i))
					body.WriteByte('\n')
				}
				for { // a careful app: the same events again until they are accepted
					sent.Add(500)
					answer, err := m.Post("/v1/events", "application/x-ndjson", body.Bytes())
					if err == nil && answer.Status == http.StatusAccepted {
						accepted.Add(int64(answer.Accepted))
						break
					}
					refused.Add(1)
					if ctx.Err() != nil {
						return
					}
					time.Sleep(50 * time.Millisecond) // the app's pause between two tries
				}
			}
		})
	}
	x.Wait("under way", func() error {
		if accepted.Load() < 5000 {
			return errors.New("few events are accepted yet")
		}
		return nil
	})
	x.Broker.Kill()
	time.Sleep(outage) // how long it lasts, asserts nothing
	before := accepted.Load()
	if err := x.Broker.Start(); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	x.Wait("accepting again", func() error {
		if accepted.Load() < before+5000 {
			return errors.New("few events are accepted since the broker is back")
		}
		return nil
	})
	back := time.Since(started)
	close(over)
	clients.Wait()
	if accepted.Load()%500 != 0 {
		t.Errorf("%d events are accepted, not whole requests", accepted.Load())
	}
	if refused.Load() == 0 {
		t.Error("nothing was refused while no broker answered")
	}
	conn := x.Direct.Conn()
	want := uint64(accepted.Load())
	x.Wait("all stored", func() error {
		var have uint64
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM rapport_store.survey_facts FINAL").Scan(&have); err != nil {
			return err
		}
		if have < want {
			return fmt.Errorf("%d facts of %d", have, want)
		}
		return nil
	})
	own := peakMiB(t, m.PID())
	if own > memoryLimit {
		t.Errorf("the process held %.0f MiB, want at most %d", own, memoryLimit)
	}
	record(t, report.Line{
		Fault: "no broker for 10 seconds, 16 apps posting 500 events at a time", Broker: "embedded", Injected: 1, Sent: int(sent.Load()), Acknowledged: int(want), Seconds: back.Seconds(),
		Note: fmt.Sprintf("%d requests told to wait; at most %.0f MiB in the process", refused.Load(), own),
	})
}
