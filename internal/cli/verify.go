package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/audits"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/rollups"
)

// verifier is `verify` with its flags.
type verifier struct {
	tenant, from, to, asOf, format string
	noWait                         bool
	limit                          int
}

func verifyCommand() *cobra.Command {
	var v verifier
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare outcomes and daily figures with the facts they come from",
		Long: "Waits until what is pending is stored, then computes the outcome of every chain, case and complaint and every row of daily figures anew from the facts\n" +
			"(daily figures of contacts, cases and complaints from the outcomes) and compares them with what is stored, to the bit. What differs is looked at\n" +
			"again after what is pending meanwhile, and told when it still differs and its facts have not changed; what a sweeper finds and mends meanwhile is\n" +
			"told as well. Nothing is changed: the sweeper mends what differs within its rounds.\n\n" +
			"--from and --to name days, both compared: 2026-03-01 is a day of each tenant's zone, 2026-03-01T08:00:00Z the day there in which the instant lies.\n" +
			"--as-of waits for events that came to Kafka before the instant alone, and does not hold against the figures what was marked as changed since: so\n" +
			"a busy system is not chased after. The facts are those of now: what was rightly corrected since is compared as corrected.\n\n" +
			"Exit status: 0 equal, 1 something differs or the comparison failed, 2 the command line is wrong." + usesSystem,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return v.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&v.tenant, "tenant", "", "compare this tenant alone")
	f.StringVar(&v.from, "from", "", "first day, or an instant in it")
	f.StringVar(&v.to, "to", "", "last day, or an instant in it")
	f.StringVar(&v.asOf, "as-of", "", "leave out what came or was marked at or after this instant")
	f.BoolVar(&v.noWait, "no-wait", false, "do not wait for what is pending, which then shows as differences")
	f.StringVar(&v.format, "format", "text", "text or json")
	f.IntVar(&v.limit, "limit", 100, "how many differences are shown as text")
	return cmd
}

// bound reads a day or an instant.
func bound(flag, text string) (rollups.Bound, error) {
	if text == "" {
		return rollups.Bound{}, nil
	}
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return rollups.Bound{Date: text}, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return rollups.Bound{At: at}, nil
	}
	return rollups.Bound{}, usageError{fmt.Errorf("--%s: %q is neither a day, as 2026-03-01, nor an instant, as 2026-03-01T08:00:00Z", flag, text)}
}

// backwards says that the first day of a scope is after the last one, whatever the zone. A day and an instant are told apart by more than any zone is from UTC.
func backwards(from, to rollups.Bound) bool {
	a, b := from.At, to.At
	if from.Date != "" {
		a, _ = time.Parse(time.DateOnly, from.Date)
	}
	if to.Date != "" {
		b, _ = time.Parse(time.DateOnly, to.Date)
	}
	if a.IsZero() || b.IsZero() {
		return false
	}
	if from.Date != "" && to.Date != "" {
		return a.After(b)
	}
	return a.Sub(b) > 48*time.Hour
}

func (v *verifier) run(cmd *cobra.Command) error {
	o := app.AuditOptions{Scope: rollups.Scope{Tenant: v.tenant}, NoWait: v.noWait}
	var err error
	if o.Scope.From, err = bound("from", v.from); err != nil {
		return err
	}
	if o.Scope.To, err = bound("to", v.to); err != nil {
		return err
	}
	if backwards(o.Scope.From, o.Scope.To) {
		return usageError{fmt.Errorf("--from %s is after --to %s", v.from, v.to)}
	}
	if o.AsOf, err = instant("as-of", v.asOf, time.Now()); err != nil {
		return err
	}
	if o.AsOf.After(time.Now()) {
		return usageError{errors.New("--as-of is an instant to come")}
	}
	if err := oneOf("format", v.format, "text", "json"); err != nil {
		return err
	}
	return onSystem(cmd, func(ctx context.Context, s *app.System) error {
		bar := newBar(-1, "comparing")
		o.Progress = func(days, entities int) { _ = bar.Add(days + entities) } // a bar that cannot be drawn is no reason to stop
		begun := time.Now()
		report, err := s.Audit(ctx, o)
		_ = bar.Finish()
		if err != nil {
			return err
		}
		if v.format == "json" {
			err = printJSON(cmd.OutOrStdout(), report)
		} else {
			err = v.print(cmd.OutOrStdout(), report, time.Since(begun))
		}
		if err == nil && len(report.Findings) > 0 {
			return errSilent
		}
		if err == nil && report.Days == 0 && report.Entities == 0 && report.Expired == 0 && v.narrowed() {
			return errors.New("nothing was compared: no facts lie there; are --tenant, --from and --to right?")
		}
		return err
	})
}

// narrowed says whether less than all was asked for.
func (v *verifier) narrowed() bool { return v.tenant+v.from+v.to != "" }

func (v *verifier) print(w io.Writer, r audits.Report, took time.Duration) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	printf(t, "compared\trows\tfigures\tdiffering\t\n")
	for _, c := range r.Tables {
		printf(t, "%s\t%d\t%d\t%d\t\n", c.Name, c.Rows, c.Figures, c.Differing)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for i, f := range r.Findings {
		if i == v.limit {
			printf(w, "... and %d more (--limit shows more)\n", len(r.Findings)-i)
			break
		}
		what := fmt.Sprintf("day %s, cut %q", f.Day, f.Cut)
		if f.Kind != "" {
			what = fmt.Sprintf("%s %q", f.Kind, f.Key)
			if f.Day != "" {
				what += ", day " + f.Day
			}
		} else if f.Healed {
			what = "day " + f.Day
		}
		healed := ""
		if f.Healed {
			healed = " (the sweeper found and mended it meanwhile)"
		}
		printf(w, "%s: tenant %q, %s: %s%s\n", f.Table, f.Tenant, what, printable(f.Detail), healed)
	}
	printf(w, "%s in %s of figures and %d chains, cases and complaints, in %.1f s\n", counted(len(r.Findings), "difference"), counted(r.Days, "day"), r.Entities, took.Seconds())
	for _, n := range []struct {
		n    int
		what string
	}{
		{r.Passed, "rows differed at first and no more once what was pending was stored"},
		{r.Moving, "rows went on changing while they were looked at: nothing can be said of them"},
		{r.Later, "rows differ and were marked since --as-of: they are not held against the figures"},
		{r.Expired, "days are left out, for retention may have removed some of their facts"},
	} {
		if n.n > 0 {
			printf(w, "%d %s\n", n.n, n.what)
		}
	}
	if len(r.Findings) > 0 {
		printf(w, "what to do about differences: docs/operations.md#verify-what-is-stored\n")
	}
	if r.Days == 0 && r.Entities == 0 && !v.narrowed() {
		printf(w, "nothing was compared: nothing is stored\n")
	}
	return nil
}
