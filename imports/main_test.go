package imports

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// result of an import: what was published, and the summary with the error.
type result struct {
	events []string
	Summary
	err error
}

// judge is the verdict of the contract and of the processors, with the shipped questionnaires and those of the examples.
func judge(t testing.TB) func([]byte) (*schemas.Event, error) {
	t.Helper()
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "../examples/config")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	defs := &processors.Definitions{Questionnaires: catalog, Tenants: settings, DefaultTenant: "default"}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return func(raw []byte) (*schemas.Event, error) {
		e, err := schemas.ParseEvent(raw, now, schemas.Options{DefaultTenant: "default"})
		if err == nil {
			err = processors.Check(e, defs)
		}
		return e, err
	}
}

// importFiles runs an import.
func importFiles(t testing.TB, o Options) result {
	t.Helper()
	var got result
	o.Judge = judge(t)
	o.Explain = 100
	o.Publish = func(_ context.Context, msgs []kafka.Message) error {
		for _, m := range msgs {
			got.events = append(got.events, string(m.Value))
		}
		return nil
	}
	got.Summary, got.err = Run(t.Context(), o)
	return got
}

// importText imports one file, which must be readable.
func importText(t testing.TB, m *Mapping, text string) result {
	t.Helper()
	got := importFiles(t, Options{Mapping: m, Files: []string{"-"}, Stdin: strings.NewReader(text)})
	if got.err != nil {
		t.Fatal(got.err)
	}
	return got
}

// mapping is one that must be sound.
func mapping(t testing.TB, text string) *Mapping {
	t.Helper()
	m, problems := Check("m.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return m
}

func load(t testing.TB, name string) *Mapping {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return mapping(t, string(text))
}

func encoded(t testing.TB, encoding, text string) string {
	t.Helper()
	e, err := htmlindex.Get(encoding)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// dataFile is one of the public files beside the repository; they are not part of the repository, so a test without them is skipped, under CI too.
func dataFile(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("RAPPORT_TEST_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	file := filepath.Join(dir, name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the public data are not there (RAPPORT_TEST_DATA names their folder): %v", err)
	}
	return file
}

// parsed are the events as the contract reads them.
func (r result) parsed(t testing.TB) []*schemas.Event {
	t.Helper()
	var out []*schemas.Event
	for _, raw := range r.events {
		e, err := schemas.ParseEvent([]byte(raw), time.Time{}, schemas.Options{DefaultTenant: "default"})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// refusals are the explanations, one a line.
func (r result) refusals() string {
	var b bytes.Buffer
	for _, refused := range r.Refusals {
		b.WriteString(refused.String() + "\n")
	}
	return b.String()
}

var errBroker = errors.New("the broker is away")
