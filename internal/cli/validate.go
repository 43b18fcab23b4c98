package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
)

func validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check events: each refusal with its reason and field",
		Long: "Check CloudEvents in files (- is standard input, .gz is unpacked): one JSON object, an array of them, or one a line.\n" +
			"Nothing is published. The verdicts are those of ingest and of the processors.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			c, _, err := settings()
			if err != nil {
				return err
			}
			defs, err := c.Definitions()
			if err != nil {
				return err
			}
			v := validator{defs: defs, out: cmd.OutOrStdout(), now: time.Now()}
			for _, name := range files {
				if err := v.file(name, cmd.InOrStdin()); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			printf(v.out, "%d events: %d good, %d refused\n", v.good+v.refused, v.good, v.refused)
			if v.refused > 0 {
				return errSilent
			}
			return nil
		},
	}
}

type validator struct {
	defs          *app.Definitions
	out           io.Writer
	now           time.Time
	good, refused int
}

func (v *validator) file(name string, stdin io.Reader) (err error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	r := bufio.NewReader(in)
	if magic, err := r.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		return v.events(name, bufio.NewReaderSize(z, window))
	}
	return v.events(name, bufio.NewReaderSize(r, window))
}

// window is how much of a file is looked at to tell its layout: more than any event may have.
const window = 2 * schemas.DefaultMaxBytes

// events reads a stream of events, however they are laid out: what does not fit into window is read bit by bit.
func (v *validator) events(name string, r *bufio.Reader) error {
	head, err := r.Peek(window)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	whole := err != nil // the end came within the window
	trimmed := bytes.TrimSpace(head)
	switch {
	case whole && len(trimmed) == 0:
		return errors.New("no event in it")
	case bytes.HasPrefix(trimmed, []byte("[")):
		return v.array(name, r)
	case whole && (json.Valid(trimmed) || !hasEventLine(trimmed)):
		v.event(name, trimmed)
		return nil
	}
	return v.lines(name, r)
}

// hasEventLine says whether a line that is not indented is an object of its own, as where there is one event a line and not
// one event over many lines.
func hasEventLine(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimRight(line, "\r\n"); bytes.HasPrefix(line, []byte("{")) && json.Valid(line) {
			return true
		}
	}
	return false
}

// lines reads one event a line.
func (v *validator) lines(name string, r *bufio.Reader) error {
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			v.event(fmt.Sprintf("%s, line %d", name, n), line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// array reads the events of one array. What is no JSON ends what can be told apart, and counts as one event refused.
func (v *validator) array(name string, r io.Reader) error {
	d := json.NewDecoder(r)
	if _, err := d.Token(); err != nil {
		return err
	}
	n := 1
	for ; d.More(); n++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return v.broken(fmt.Sprintf("%s, event %d", name, n), err)
		}
		v.event(fmt.Sprintf("%s, event %d", name, n), raw)
	}
	if _, err := d.Token(); err != nil {
		return v.broken(fmt.Sprintf("%s, event %d", name, n), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		v.refuse(name, &schemas.InvalidError{Reason: schemas.NotJSON, Detail: "there is more after the end of the array"})
		return nil
	}
	if n == 1 {
		return errors.New("no event in it")
	}
	return nil
}

// broken refuses the rest of an array; a file that cannot be read on is no event's fault.
func (v *validator) broken(where string, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	v.refuse(where, &schemas.InvalidError{Reason: schemas.NotJSON, Detail: "the array is broken here: " + err.Error()})
	return nil
}

func (v *validator) event(where string, raw []byte) {
	e, err := schemas.ParseEvent(raw, v.now, v.defs.Parse)
	if err == nil {
		err = processors.Check(e, v.defs.Processors)
	}
	if err == nil {
		v.good++
		return
	}
	v.refuse(where, err)
}

func (v *validator) refuse(where string, err error) {
	v.refused++
	printf(v.out, "%s: %s\n", where, err)
}
