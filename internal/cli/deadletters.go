package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/internal/app"
)

func deadlettersCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "deadletters",
		Short: "Records that could not be used: list, show, requeue, purge",
		Long: "Records of Kafka that could not be used are kept with the reason and the place that they came from. These commands list and show them, publish them\n" +
			"again once the cause is mended, and remove what they hold. A letter's place and reason stay, whatever is done: it stays counted." + usesSystem,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(listLetters(), showLetters(), requeueLetters(), purgeLetters())
	return c
}

// chosen are letters as flags and arguments choose them.
type chosen struct {
	tenant, topic, reason, source, since, until, state string
	all                                                bool
}

func (c *chosen) flags(cmd *cobra.Command, state deadletters.State) {
	f := cmd.Flags()
	f.StringVar(&c.tenant, "tenant", "", "of this tenant alone, as far as it could be read in the record")
	f.StringVar(&c.topic, "topic", "", "of this topic alone")
	f.StringVar(&c.reason, "reason", "", "refused for this reason alone, as unknown_questionnaire")
	f.StringVar(&c.source, "source", "", "of this publishing app alone, as far as it could be read")
	f.StringVar(&c.since, "since", "", "records that came at or after a time: 2026-03-01T08:00:00Z, 2026-03-01 or 24h for so long ago")
	f.StringVar(&c.until, "until", "", "records that came before a time")
	f.StringVar(&c.state, "state", string(state), "open, requeued, accepted, purged or all")
}

// filter reads the flags and the places; none is whether neither chooses anything.
func (c *chosen) filter(places []string) (f deadletters.Filter, none bool, err error) {
	f = deadletters.Filter{Tenant: c.tenant, Topic: c.topic, Reason: c.reason, Source: c.source, State: deadletters.State(c.state)}
	var known []string
	for _, s := range deadletters.States() {
		known = append(known, string(s))
	}
	if err := oneOf("state", c.state, known...); err != nil {
		return f, false, err
	}
	now := time.Now()
	if f.Since, err = instant("since", c.since, now); err != nil {
		return f, false, err
	}
	if f.Until, err = instant("until", c.until, now); err != nil {
		return f, false, err
	}
	filters := c.tenant + c.topic + c.reason + c.source + c.since + c.until
	if len(places) > 0 && (filters != "" || c.all) {
		return f, false, usageError{errors.New("either places or filters: both at once would leave in doubt what is meant")}
	}
	for _, text := range places {
		p, err := deadletters.ParsePlace(text)
		if err != nil {
			return f, false, usageError{err}
		}
		f.Places = append(f.Places, p)
	}
	return f, len(places) == 0 && filters == "" && !c.all, nil
}

func listLetters() *cobra.Command {
	var of chosen
	var limit int
	var format string
	var count bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "One line a letter, the newest first; --count sums up by reason and source",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, _, err := of.filter(nil)
			if err != nil {
				return err
			}
			if err := oneOf("format", format, "text", "json", "ndjson"); err != nil {
				return err
			}
			return onSystem(cmd, func(ctx context.Context, s *app.System) error {
				letters, err := s.Letters()
				if err != nil {
					return err
				}
				counts, err := letters.Counts(ctx, f)
				if err != nil {
					return err
				}
				if count {
					return printCounts(cmd.OutOrStdout(), format, counts)
				}
				found, err := letters.Newest(ctx, f, limit)
				if err != nil {
					return err
				}
				return printLetters(cmd.OutOrStdout(), format, found, counts)
			})
		},
	}
	of.flags(cmd, deadletters.Open)
	cmd.Flags().IntVar(&limit, "limit", 100, "how many letters are listed at most")
	cmd.Flags().StringVar(&format, "format", "text", "text, json or ndjson")
	cmd.Flags().BoolVar(&count, "count", false, "how many there are by reason and source, instead of each")
	return cmd
}

func printCounts(w io.Writer, format string, counts []deadletters.Count) error {
	if format != "text" {
		return printAll(w, format, counts)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	printf(t, "N\tREASON\tSOURCE\tSTATE\tFIRST\tLAST\n")
	for _, c := range counts {
		printf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", c.N, c.Reason, short(c.Source), c.State, utc(c.First), utc(c.Last))
	}
	return t.Flush()
}

func printLetters(w io.Writer, format string, found []deadletters.Letter, counts []deadletters.Count) error {
	if format != "text" {
		return printAll(w, format, found)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	printf(t, "PLACE\tTIME\tREASON\tFIELD\tTENANT\tSOURCE\tID\tSTATE\n")
	for _, l := range found {
		printf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Place, utc(l.Time()), l.Reason, short(l.Field), short(l.Tenant), short(l.Source), short(l.ID), l.State)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var all uint64
	for _, c := range counts {
		all += c.N
	}
	printf(w, "%d of %s\n", len(found), counted(all, "letter"))
	return nil
}

// printAll prints values as one array, or one a line.
func printAll[T any](w io.Writer, format string, values []T) error {
	if format == "json" {
		return printJSON(w, append([]T{}, values...))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

// short keeps what others wrote to a cell of a table, without what moves a cursor; nothing is a dash.
func short(s string) string {
	if s == "" {
		return "-"
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if runes := []rune(s); len(runes) > 48 {
		return string(runes[:47]) + "…"
	}
	return s
}

func showLetters() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show PLACE…",
		Short: "All there is of a letter: why it was refused, where it came from, key, headers and value",
		Args:  usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			of := chosen{state: string(deadletters.Any)}
			f, _, err := of.filter(args)
			if err != nil {
				return err
			}
			if err := oneOf("format", format, "text", "json", "ndjson"); err != nil {
				return err
			}
			return onSystem(cmd, func(ctx context.Context, s *app.System) error {
				letters, err := s.Letters()
				if err != nil {
					return err
				}
				found, err := letters.Page(ctx, f, deadletters.Place{Partition: -1, Offset: -1}, len(f.Places))
				if err != nil {
					return err
				}
				if format != "text" {
					err = printAll(cmd.OutOrStdout(), format, found)
				} else {
					for i := range found {
						printLetter(cmd.OutOrStdout(), &found[i])
					}
				}
				return errors.Join(err, missing(f.Places, found))
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or ndjson")
	return cmd
}

// missing names the places at which there is no letter.
func missing(places []deadletters.Place, found []deadletters.Letter) error {
	var errs []error
	for _, p := range places {
		if !slices.ContainsFunc(found, func(l deadletters.Letter) bool { return l.Place == p }) {
			errs = append(errs, fmt.Errorf("there is no dead letter at %s: `rapport deadletters list --state all` shows those there are", p))
		}
	}
	return errors.Join(errs...)
}

func printLetter(w io.Writer, l *deadletters.Letter) {
	line := func(name, value string) { printf(w, "  %-12s %s\n", name, value) }
	printf(w, "%s\n", l.Place)
	line("reason", l.Reason)
	line("field", l.Field)
	line("detail", l.Detail)
	line("tenant", l.Tenant)
	line("source", l.Source)
	line("id", l.ID)
	line("type", l.Type)
	if l.AppendedAt != nil {
		line("appended_at", utc(*l.AppendedAt))
	}
	line("received_at", utc(l.ReceivedAt))
	line("state", string(l.State))
	if l.RequeuedAt != nil {
		line("requeued_at", utc(*l.RequeuedAt))
	}
	line("key", printable(l.Key))
	for _, name := range slices.Sorted(maps.Keys(l.Headers)) {
		line("header", fmt.Sprintf("%s: %s", printable(name), printable(l.Headers[name])))
	}
	var pretty bytes.Buffer
	switch {
	case l.Value == "":
		line("value", "(empty)")
	case json.Indent(&pretty, []byte(l.Value), "    ", "  ") == nil && utf8.ValidString(l.Value):
		printf(w, "  value\n    %s\n", pretty.String())
	default:
		line("value", printable(l.Value))
	}
	if !utf8.ValidString(l.Value) {
		line("value_base64", base64.StdEncoding.EncodeToString([]byte(l.Value)))
	}
}

// printable is a text of others without what would move a cursor.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
