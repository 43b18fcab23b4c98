// Package report is what trials come to: a line for each, and the page that they make.
package report

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/template"
)

// Line is what a trial came to.
type Line struct {
	Fault  string `json:"fault"`
	Broker string `json:"broker"`
	// Injected is how often the fault struck.
	Injected int `json:"injected"`
	// Sent counts deliveries, tries again and duplicates included; Acknowledged of them those that the broker took.
	Sent         int `json:"sent"`
	Acknowledged int `json:"acknowledged"`
	// Redelivered records were fetched more than once.
	Redelivered int `json:"redelivered"`
	// Lost events were acknowledged and are not stored; Wrong are outcomes and rollups that differ from the oracle's. Both are to be 0.
	Lost  int `json:"lost"`
	Wrong int `json:"wrong"`
	// Seconds from the last strike to figures that equal the oracle's, the rest of the load included.
	Seconds float64 `json:"seconds"`
	// Note says more in words.
	Note string `json:"note,omitempty"`
}

// Append adds a line to a file, which is made where there is none.
func Append(file string, l Line) error {
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("a trial's line: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Close())
}

// Read reads what Append wrote, in its order: one line per fault and broker, counts added up, the longest of the seconds.
func Read(r io.Reader) ([]Line, error) {
	var lines []Line
	for d := json.NewDecoder(r); ; {
		var l Line
		err := d.Decode(&l)
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("lines of trials: %w", err)
		}
		i := slices.IndexFunc(lines, func(o Line) bool { return o.Fault == l.Fault && o.Broker == l.Broker })
		if i < 0 {
			lines = append(lines, l)
			continue
		}
		lines[i] = lines[i].and(l)
	}
}

func (l Line) and(o Line) Line {
	o.Injected, o.Sent, o.Acknowledged, o.Redelivered = o.Injected+l.Injected, o.Sent+l.Sent, o.Acknowledged+l.Acknowledged, o.Redelivered+l.Redelivered
	o.Lost, o.Wrong, o.Seconds = o.Lost+l.Lost, o.Wrong+l.Wrong, max(o.Seconds, l.Seconds)
	return o
}

//go:embed page.md.tmpl
var page string

// Page is docs/faults.md; conditions say in words where and how it ran.
func Page(lines []Line, conditions string) (string, error) {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return "", fmt.Errorf("page of faults: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, map[string]any{"Lines": lines, "Conditions": conditions}); err != nil {
		return "", fmt.Errorf("page of faults: %w", err)
	}
	return b.String(), nil
}
