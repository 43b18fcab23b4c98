package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rapport-project/rapport/internal/app"
)

// onSystem runs a command on the running rapport, or on one of its own. The log is quiet unless it is asked for: the command says what there is to say.
func onSystem(cmd *cobra.Command, do func(context.Context, *app.System) error) error {
	c, log, err := settings()
	if err != nil {
		return err
	}
	if _, ok := os.LookupEnv("RAPPORT_LOG_LEVEL"); !ok {
		log = log.Level(zerolog.WarnLevel)
	}
	command, err := child()
	if err != nil {
		return err
	}
	return app.WithStored(cmd.Context(), c, log, command, do)
}

// usesSystem ends the help of commands that onSystem runs.
const usesSystem = "\n\nIt uses a running `rapport up`, or starts the embedded engines for its own run where none is running."

// newBar is a progress bar on standard error where somebody watches.
func newBar(total int64, what string) *progressbar.ProgressBar {
	out := io.Discard
	if term.IsTerminal(int(os.Stderr.Fd())) {
		out = os.Stderr
	}
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
}

// instant reads a flag that names a time: RFC 3339, a day (its beginning in UTC), or a duration, which means so long ago.
func instant(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, usageError{fmt.Errorf("--%s: %q is no time: want 2026-03-01T08:00:00Z, 2026-03-01, or 24h for so long ago", flag, text)}
}

// oneOf refuses a flag whose value is none of those there are.
func oneOf(flag, value string, known ...string) error {
	if !slices.Contains(known, value) {
		return usageError{fmt.Errorf("--%s: %q is none of %s", flag, value, strings.Join(known, ", "))}
	}
	return nil
}

// printJSON prints a value as indented JSON.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// counted is a number of things, which are written with an s where there is not one.
func counted[N int | int64 | uint64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// utc is a time as people read it.
func utc(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// tally writes counts by name, those that are 0 left out.
func tally[K ~string](counts map[K]int) string {
	var parts []string
	for k, n := range counts {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k, n))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// bracketed is a text in brackets; nothing for nothing.
func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
