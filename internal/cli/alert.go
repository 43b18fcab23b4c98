package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/yamlfile"
)

func alertCommand(o Options) *cobra.Command {
	c := roleCommand(o, app.Alert, "Judge rules of alerts and tell what fires; `check` and `backtest` try rules")
	var b backtester
	test := &cobra.Command{
		Use:   "backtest FILE… --from TIME --to TIME",
		Short: "Run rules over history and show what they would have told",
		Long: "Walks every instant of each group's grid in (--from, --to] with the code of the role alert, and lists what would have fired, been resolved, and why.\n" +
			"The figures are those that are stored now, as of each instant: what came late, a live rule did not know. Nothing is sent or stored.\n\n" +
			"A week of a group with an interval of 1m is 10,080 instants; try rules on a coarse interval first." + usesSystem,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error { return b.run(cmd, files) },
	}
	f := test.Flags()
	f.StringVar(&b.from, "from", "", "begin after this instant: 2026-03-01T08:00:00Z, 2026-03-01, or 24h for so long ago")
	f.StringVar(&b.to, "to", "", "end with this instant; default: now")
	f.StringVar(&b.tenant, "tenant", "", "for this tenant alone")
	f.StringVar(&b.format, "format", "text", "text or json")
	c.AddCommand(&cobra.Command{
		Use:   "check FILE…",
		Short: "Check files of rules: each mistake with its line and what is wanted, or how the file was understood",
		Long: "Checks files as one configuration, against the metrics there are and the questionnaires and tenants of RAPPORT_CONFIG_DIR. - reads standard input.\n\n" +
			"Exit status: 0 all is well, 1 something is wrong with a file, 2 the command line is wrong.",
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			rules, err := readRules(cmd, files)
			if err != nil {
				return err
			}
			for _, g := range rules.Groups {
				printf(cmd.OutOrStdout(), "group %s, judged every %s: %s\n", g.Name, g.Interval, counted(len(g.Rules), "rule"))
				for _, r := range g.Rules {
					printf(cmd.OutOrStdout(), "  %s: %s\n", r.Alert, r)
				}
			}
			return nil
		},
	}, test)
	return c
}

// readRules reads files of rules, and prints what is wrong with them.
func readRules(cmd *cobra.Command, files []string) (*alerts.Rules, error) {
	c, _, err := settings()
	if err != nil {
		return nil, err
	}
	known, err := c.AlertRules()
	if err != nil {
		return nil, err
	}
	sources := make([]yamlfile.Source, len(files))
	for i, name := range files {
		text, err := readFile(name, cmd.InOrStdin())
		if err != nil {
			return nil, err
		}
		sources[i] = yamlfile.Source{Name: name, Text: text}
	}
	rules, problems := alerts.CheckAll(sources, known)
	if len(problems) > 0 {
		printf(cmd.OutOrStdout(), "%s\n", problems)
		return nil, errSilent
	}
	return rules, nil
}

// backtester is `alert backtest` with its flags.
type backtester struct{ from, to, tenant, format string }

func (b *backtester) run(cmd *cobra.Command, files []string) error {
	now := time.Now()
	if b.from == "" {
		return usageError{errors.New("--from is missing: since when?")}
	}
	from, err := instant("from", b.from, now)
	if err != nil {
		return err
	}
	to := now
	if b.to != "" {
		if to, err = instant("to", b.to, now); err != nil {
			return err
		}
	}
	if !from.Before(to) {
		return usageError{fmt.Errorf("--from %s is not before --to %s", utc(from), utc(to))}
	}
	if err := oneOf("format", b.format, "text", "json"); err != nil {
		return err
	}
	rules, err := readRules(cmd, files)
	if err != nil {
		return err
	}
	return onSystem(cmd, func(ctx context.Context, s *app.System) error {
		const parts = 1000
		bar := newBar(parts, "judging")
		over := alerts.Stretch{From: from, To: to, Progress: func(share float64) { _ = bar.Set(int(share * parts)) }}
		if b.tenant != "" {
			over.Tenants = []string{b.tenant}
		}
		told, err := s.Backtest(ctx, rules, over)
		_ = bar.Finish()
		if err != nil {
			return err
		}
		if b.format == "json" {
			return printJSON(cmd.OutOrStdout(), append([]alerts.Transition{}, told...))
		}
		return b.print(cmd.OutOrStdout(), told, from, to)
	})
}

func (b *backtester) print(w io.Writer, told []alerts.Transition, from, to time.Time) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if len(told) > 0 {
		printf(t, "at\ttenant\talert\t\tof\tvalue\tn\tbefore\tmoved most by\n")
	}
	fired, alone := 0, map[string]bool{}
	for _, x := range told {
		if x.Change == alerts.Fired {
			fired++
			alone[x.ID] = true
		} else {
			delete(alone, x.ID)
		}
		var movers []string
		for _, m := range x.Movers {
			movers = append(movers, m.String())
		}
		printf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", utc(x.At), printable(x.Tenant), printable(x.Alert), x.Change, printable(x.Of()), alerts.Shown(x.Value), x.N,
			alerts.Shown(x.Previous), printable(strings.Join(movers, ", ")))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s fired from %s to %s, %d of them still firing at the end\n", counted(fired, "alert"), utc(from), utc(to), len(alone))
	return err
}
