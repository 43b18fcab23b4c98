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
	r := bufio.NewReaderSize(in, 1<<16)
	if magic, err := r.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r = bufio.NewReaderSize(z, 1<<16)
	}
	return v.events(name, r)
}

// events reads a stream of JSON values, however they are laid out; one that is no JSON ends what can be told apart, unless
// the file has one event a line.
func (v *validator) events(name string, r *bufio.Reader) error {
	whole, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var list []json.RawMessage
	trimmed := bytes.TrimSpace(whole)
	switch {
	case len(trimmed) == 0:
		return errors.New("no event in it")
	case trimmed[0] == '[' && json.Unmarshal(trimmed, &list) == nil:
		for i, raw := range list {
			v.event(fmt.Sprintf("%s, event %d", name, i+1), raw)
		}
	case json.Valid(trimmed) || !bytes.Contains(trimmed, []byte("\n")):
		v.event(name, trimmed)
	default:
		for i, line := range bytes.Split(whole, []byte("\n")) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				v.event(fmt.Sprintf("%s, line %d", name, i+1), line)
			}
		}
	}
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
	v.refused++
	printf(v.out, "%s: %s\n", where, err)
}
