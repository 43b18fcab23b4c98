package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// requeuer is `deadletters requeue` with its flags.
type requeuer struct {
	of                 chosen
	again, dry, noWait bool
	value              string
	explain            int
}

func requeueLetters() *cobra.Command {
	var r requeuer
	cmd := &cobra.Command{
		Use:   "requeue (PLACE… | filters | --all)",
		Short: "Publish letters again that are good under the definitions in force now",
		Long: "Each letter is judged again under the definitions of this command's settings. One that would be refused once more is not published, and its reason\n" +
			"told; the others go to their topic with the key and headers they came with, and their letters are called requeued. The old record stays rejected,\n" +
			"the new one is accepted. An event that is there already changes nothing." + usesSystem,
		RunE: func(cmd *cobra.Command, places []string) error { return r.run(cmd, places) },
	}
	r.of.flags(cmd, deadletters.Any)
	f := cmd.Flags()
	f.BoolVar(&r.of.all, "all", false, "all letters")
	f.BoolVar(&r.again, "again", false, "those too that were requeued before")
	f.BoolVar(&r.dry, "dry-run", false, "judge and say, publish nothing")
	f.BoolVar(&r.noWait, "no-wait", false, "do not wait until the figures stand")
	f.StringVar(&r.value, "value", "", "file with a repaired value, published instead of the one that came; for a single PLACE")
	f.IntVar(&r.explain, "refusals", 10, "how many refusals are explained")
	return cmd
}

func (r *requeuer) run(cmd *cobra.Command, places []string) error {
	f, none, err := r.of.filter(places)
	if err != nil {
		return err
	}
	if none {
		return usageError{errors.New("which letters? Name places, filters such as --reason, or --all")}
	}
	o := deadletters.RequeueOptions{Filter: f, Again: r.again, DryRun: r.dry, Explain: r.explain}
	if r.value != "" {
		if len(places) != 1 {
			return usageError{errors.New("--value is for a single PLACE")}
		}
		if o.Value, err = os.ReadFile(r.value); err != nil {
			return err
		}
	}
	return onSystem(cmd, func(ctx context.Context, s *app.System) error { return r.requeue(ctx, cmd, s, o) })
}

func (r *requeuer) requeue(ctx context.Context, cmd *cobra.Command, s *app.System, o deadletters.RequeueOptions) error {
	letters, err := s.Letters()
	if err != nil {
		return err
	}
	judge, err := s.Judge()
	if err != nil {
		return err
	}
	counts, err := letters.Counts(ctx, o.Filter)
	if err != nil {
		return err
	}
	total := uint64(0)
	for _, c := range counts {
		total += c.N
	}
	if total == 0 {
		if len(o.Places) > 0 {
			return missing(o.Places, nil)
		}
		printf(cmd.OutOrStdout(), "there is no such letter\n")
		return nil
	}
	bar := newBar(int64(total), "requeueing")
	o.Judge = func(m kafka.Message) (schemas.Verdict, *schemas.InvalidError) {
		j := judge(m)
		return j.Verdict, j.Why
	}
	o.Publish = s.Publish
	o.Progress = func(n int) { _ = bar.Add(n) } // a bar that cannot be drawn is no reason to stop
	begun := time.Now()
	done, err := letters.Requeue(ctx, o)
	_ = bar.Finish()
	r.report(cmd, done)
	if err != nil {
		return fmt.Errorf("%w\nrun the same command again: what is requeued is passed over", err)
	}
	err = r.stand(ctx, cmd, s, done, begun)
	if err == nil && (done.Refusing() > 0 || len(o.Places) > 0 && len(done.Skipped) > 0 || len(o.Places) > int(total)) {
		return errSilent
	}
	return err
}

func (r *requeuer) report(cmd *cobra.Command, done deadletters.Requeuing) {
	out := cmd.OutOrStdout()
	for _, refusal := range done.Refusals {
		at := refusal.Field
		if at != "" {
			at = " at " + at
		}
		printf(out, "%s would be refused again: %s%s: %s\n", refusal.Place, refusal.Reason, at, printable(refusal.Detail))
	}
	if more := done.Refusing() - len(done.Refusals); more > 0 {
		printf(out, "... and %d more refusals (--refusals shows more)\n", more)
	}
	verb := "requeued"
	if r.dry {
		verb = "would be requeued"
	}
	printf(out, "%s %s%s; %d would be refused again%s\n", counted(done.Total(), "letter"), verb, bracketed(tally(done.Published)), done.Refusing(), bracketed(tally(done.Refused)))
	if done.Late > 0 {
		printf(out, "%d of them are from before RAPPORT_SEAL_HORIZON: they are kept aside in rapport.late_facts and are in no figure\n", done.Late)
	}
	if n := done.Skipped[deadletters.Requeued]; n > 0 {
		printf(out, "%d were requeued before and are passed over: --again publishes them once more\n", n)
	}
	if n := done.Skipped[deadletters.Accepted]; n > 0 {
		printf(out, "%d were accepted by a replay and are passed over: --again publishes them all the same\n", n)
	}
	if n := done.Skipped[deadletters.Purged]; n > 0 {
		printf(out, "%d are purged: there is nothing to publish\n", n)
	}
}

// stand waits until what was requeued is in the figures, and looks whether it was refused there.
func (r *requeuer) stand(ctx context.Context, cmd *cobra.Command, s *app.System, done deadletters.Requeuing, begun time.Time) error {
	if done.Total() == 0 || r.dry || r.noWait && !s.Own {
		return nil
	}
	waiting := time.Now()
	if err := s.Settled(ctx, slices.Sorted(maps.Keys(done.Published))); err != nil {
		return fmt.Errorf("the letters are requeued, but their figures do not stand yet: %w", err)
	}
	refused, err := s.RefusedSince(ctx, begun)
	if err != nil {
		return err
	}
	if refused > 0 {
		return fmt.Errorf("%d records that came since were refused by the running rapport: does it have the same RAPPORT_CONFIG_DIR, and was it started again "+
			"since the cause was mended? `rapport deadletters list --since %s` shows them", refused, begun.UTC().Format(time.RFC3339))
	}
	printf(cmd.OutOrStdout(), "the figures stand after another %.1f s\n", time.Since(waiting).Seconds())
	return nil
}
