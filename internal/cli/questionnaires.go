package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/questionnaires"
)

func questionnairesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "questionnaires",
		Short: "Check questionnaire files, and say which questionnaires are in force",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	c.AddCommand(
		&cobra.Command{
			Use:   "check FILE…",
			Short: "Say everything that is wrong in questionnaire files, or what they mean (- is standard input)",
			Args:  usage(cobra.MinimumNArgs(1)),
			RunE:  checkQuestionnaires,
		},
		&cobra.Command{
			Use:   "list",
			Short: "Name the questionnaires in force, shipped ones and those in RAPPORT_CONFIG_DIR, with their versions",
			Args:  usage(cobra.NoArgs),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return eachQuestionnaire("", func(v *questionnaires.Version) {
					printf(cmd.OutOrStdout(), "%-20s %-8s %s  %s · %s\n", v.ID, v.Version, v.ValidFrom.Format(time.DateOnly), v.Title.En, v.Title.Zh)
				})
			},
		},
		&cobra.Command{
			Use:   "show ID",
			Short: "Say what a questionnaire in force is, in all its versions",
			Args:  usage(cobra.ExactArgs(1)),
			RunE: func(cmd *cobra.Command, args []string) error {
				return eachQuestionnaire(args[0], func(v *questionnaires.Version) { describe(cmd.OutOrStdout(), v) })
			},
		},
	)
	return c
}

// usage makes a complaint about arguments a mistake in the command line.
func usage(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := args(cmd, given); err != nil {
			return usageError{err}
		}
		return nil
	}
}

func checkQuestionnaires(cmd *cobra.Command, names []string) error {
	sources := make([]yamlfile.Source, len(names))
	for i, name := range names {
		text, err := readFile(name, cmd.InOrStdin())
		if err != nil {
			return err
		}
		sources[i] = yamlfile.Source{Name: name, Text: text}
	}
	versions, problems := questionnaires.CheckAll(sources)
	if len(problems) > 0 {
		printf(cmd.OutOrStdout(), "%s\n", problems)
		return errSilent
	}
	for i, v := range versions {
		printf(cmd.OutOrStdout(), "%s: ok\n", names[i])
		describe(cmd.OutOrStdout(), v)
	}
	return nil
}

// readFile reads no more than shows that a file is too large.
func readFile(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// eachQuestionnaire goes through the versions in force, of one questionnaire or of all.
func eachQuestionnaire(id string, do func(*questionnaires.Version)) error {
	c, _, err := settings()
	if err != nil {
		return err
	}
	catalog, err := questionnaires.Load(questionnaires.Shipped(), c.ConfigDir)
	if err != nil {
		return err
	}
	ids := catalog.IDs()
	if id != "" {
		ids = []string{id}
	}
	for _, id := range ids {
		versions := catalog.Versions(id)
		if len(versions) == 0 {
			return fmt.Errorf("there is no questionnaire %.80q; there are: %s", id, strings.Join(catalog.IDs(), ", "))
		}
		for _, v := range versions {
			do(v)
		}
	}
	return nil
}

// describe says what a version means, one line a matter.
func describe(w io.Writer, v *questionnaires.Version) {
	line := func(what, format string, args ...any) {
		printf(w, "  %-13s "+format+"\n", append([]any{what}, args...)...)
	}
	printf(w, "  %s version %s, in force from %s: %s\n", v.ID, v.Version, v.ValidFrom.Format(time.DateOnly), v.Title.En)
	if len(v.Items) == 0 {
		line("items", "none: nps, ces and repurchase alone")
	} else {
		line("scale", "%d to %d, %s", v.Scale.Min, v.Scale.Max, v.Scale.Normalisation)
		line("items", "%d in %s", len(v.Items), count(len(v.Dimensions), "dimension"))
		describeDimensions(w, v)
		line("validity", "%s", validity(v))
		line("answers", "%s", levels(v.Scale.Levels[:]))
		line("responses", "%s", levels(v.IndexLevels[:]))
		line("satisfied", "a customer with a mean index of %s or more", v.SatisfiedThreshold)
	}
	if len(v.Targets) > 0 {
		targets := make([]string, len(v.Targets))
		for i, t := range v.Targets {
			targets[i] = fmt.Sprintf("%s %s", t.Metric, t.Value)
		}
		line("target", "%s", strings.Join(targets, ", "))
	}
}

func describeDimensions(w io.Writer, v *questionnaires.Version) {
	members, total := map[string]int{}, int64(0)
	for _, item := range v.Items {
		members[item.Dimension]++
	}
	for _, d := range v.Dimensions {
		total += d.Weight
	}
	for _, d := range v.Dimensions {
		printf(w, "    %-11s %.2f %% of the index, %s\n", d.ID, 100*float64(d.Weight)/float64(total), count(members[d.ID], "item"))
	}
	if v.AHP != nil {
		printf(w, "  %-13s by AHP: lambda max %.4f, CI %.4f, CR %.3f (0.10 at most)\n", "weights", v.AHP.LambdaMax, v.AHP.CI, v.AHP.CR)
	}
}

func validity(v *questionnaires.Version) string {
	text := "all items have to be answered"
	if v.MaxMissing > 0 {
		text = fmt.Sprintf("%s may be missing and counts as %d", count(v.MaxMissing, "item"), v.Neutral)
	}
	if v.ExpectationRequired {
		text += "; one without expectation is missing"
	}
	return text
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// levels says from where the first four of the five levels begin.
func levels[T any](bounds []T) string {
	names := []questionnaires.Level{questionnaires.VerySatisfied, questionnaires.Satisfied, questionnaires.Neutral, questionnaires.Dissatisfied}
	parts := make([]string, len(bounds))
	for i, bound := range bounds {
		parts[i] = fmt.Sprintf("%s from %v", names[i], bound)
	}
	return strings.Join(parts, ", ")
}
