package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/replays"
	"github.com/rapport-project/rapport/schemas"
)

// replayer is `replay` with its flags.
type replayer struct {
	topic, since, tenant, format string
	from, to                     []string
	all, dry, noWait             bool
}

func replayCommand() *cobra.Command {
	var r replayer
	cmd := &cobra.Command{
		Use:   "replay --topic T (--from-offset P:N… | --since TIME | --all)",
		Short: "Read events of a topic again and put them into place, and say what that changed",
		Long: "Reads the events again, beside the consumer groups, judges them under the definitions of this command's settings and stores them under the same keys\n" +
			"and versions: what is there already stays as it is, what was lost in ClickHouse comes back, what is judged otherwise by now changes. Then it waits\n" +
			"until the figures stand and says what it changed. Running it again changes nothing.\n\n" +
			"A record that was accepted once and would be refused now stays accepted, as its fact stays stored; one that was refused or late and is good now counts\n" +
			"as accepted from then on. --since goes by the records' timestamps. Records that are gone from Kafka are named, and make the exit status 1 unless\n" +
			"--all was asked for." + usesSystem,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&r.topic, "topic", "", "topic of events: "+strings.Join(app.EventTopics(), ", "))
	f.StringSliceVar(&r.from, "from-offset", nil, "P:N, partition P from offset N on; partitions that are not named are left out")
	f.StringVar(&r.since, "since", "", "records stamped at or after a time: 2026-03-01T08:00:00Z, 2026-03-01, or 24h for so long ago")
	f.BoolVar(&r.all, "all", false, "all that Kafka still has")
	f.StringSliceVar(&r.to, "to", nil, "records stamped before a time, or P:N for partition P up to offset N, which is left out; default: what there is when it begins")
	f.StringVar(&r.tenant, "tenant", "", "events of this tenant alone")
	f.BoolVar(&r.dry, "dry-run", false, "read, judge and compare; change nothing")
	f.BoolVar(&r.noWait, "no-wait", false, "do not wait until the figures stand, and do not say which changed")
	f.StringVar(&r.format, "format", "text", "text or json")
	return cmd
}

func (r *replayer) run(cmd *cobra.Command) error {
	ways := 0
	for _, given := range []bool{len(r.from) > 0, r.since != "", r.all} {
		if given {
			ways++
		}
	}
	switch {
	case !slices.Contains(app.EventTopics(), r.topic):
		return usageError{fmt.Errorf("--topic: %q is none of %s", r.topic, strings.Join(app.EventTopics(), ", "))}
	case ways != 1:
		return usageError{errors.New("from where? One of --from-offset, --since and --all")}
	}
	if err := oneOf("format", r.format, "text", "json"); err != nil {
		return err
	}
	since, err := instant("since", r.since, time.Now())
	if err != nil {
		return err
	}
	from, err := offsets("from-offset", r.from)
	if err != nil {
		return err
	}
	before, to, err := r.end()
	if err != nil {
		return err
	}
	return onSystem(cmd, func(ctx context.Context, s *app.System) error {
		spans, gone, err := r.spans(ctx, s.Kafka(), wanted{since: since, before: before, from: from, to: to})
		if err != nil {
			return err
		}
		return r.replay(ctx, cmd, s, spans, gone)
	})
}

// offsets reads P:N.
func offsets(flag string, texts []string) (map[int]int64, error) {
	out := map[int]int64{}
	for _, text := range texts {
		p, n, ok := strings.Cut(text, ":")
		partition, err := strconv.Atoi(p)
		offset, err2 := strconv.ParseInt(n, 10, 64)
		if !ok || err != nil || err2 != nil || partition < 0 || offset < 0 {
			return nil, usageError{fmt.Errorf("--%s: %q is no P:N, as 0:1500 for partition 0 and offset 1500", flag, text)}
		}
		out[partition] = offset
	}
	return out, nil
}

// end reads --to: one time, or offsets.
func (r *replayer) end() (before time.Time, to map[int]int64, err error) {
	if len(r.to) == 1 {
		if before, err = instant("to", r.to[0], time.Now()); err == nil {
			return before, nil, nil
		}
	}
	to, err = offsets("to", r.to)
	if err != nil {
		err = usageError{fmt.Errorf("--to: %q is neither a time, as 2026-03-01T08:00:00Z, nor offsets, as 0:1500", strings.Join(r.to, ","))}
	}
	return before, to, err
}

// wanted are the ends of what is asked for.
type wanted struct {
	since, before time.Time
	from, to      map[int]int64
}

// spans are the offsets that are meant, within what Kafka holds, and what of them is gone.
func (r *replayer) spans(ctx context.Context, admin *kafka.Admin, w wanted) (spans []kafka.Span, gone []string, err error) {
	held, err := admin.Offsets(ctx, r.topic)
	if err != nil {
		return nil, nil, err
	}
	since, err := at(ctx, admin, r.topic, w.since)
	if err != nil {
		return nil, nil, err
	}
	before, err := at(ctx, admin, r.topic, w.before)
	if err != nil {
		return nil, nil, err
	}
	for p := range w.from {
		if _, ok := held[p]; !ok {
			return nil, nil, usageError{fmt.Errorf("--from-offset: %s has no partition %d", r.topic, p)}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(held)) {
		span := kafka.Span{Topic: r.topic, Partition: p, From: held[p].First, To: held[p].End}
		if from, ok := w.from[p]; ok {
			if from < span.From {
				gone = append(gone, fmt.Sprintf("%s/%d: asked from offset %d, the log begins at %d: %d records are gone", r.topic, p, from, span.From, span.From-from))
			}
			span.From = max(span.From, from)
		} else if len(w.from) > 0 {
			continue
		}
		if from, ok := since[p]; ok {
			if from == span.From && from > 0 {
				gone = append(gone, fmt.Sprintf("%s/%d: the log begins at offset %d, after %s: records from before may be gone", r.topic, p, from, utc(w.since)))
			}
			span.From = max(span.From, from)
		}
		if to, ok := before[p]; ok {
			span.To = min(span.To, to)
		}
		if to, ok := w.to[p]; ok {
			span.To = min(span.To, to)
		}
		if span.From < span.To {
			spans = append(spans, span)
		}
	}
	return spans, gone, nil
}

// at are the offsets of a time; none for no time.
func at(ctx context.Context, admin *kafka.Admin, topic string, t time.Time) (map[int]int64, error) {
	if t.IsZero() {
		return nil, nil
	}
	return admin.OffsetsAt(ctx, topic, t)
}

// replayed is what the command tells as JSON.
type replayed struct {
	replays.Report
	Spans   []stretch     `json:"spans"`
	Figures []replays.Day `json:"days_changed"`
	Gone    []string      `json:"gone"`
	DryRun  bool          `json:"dry_run"`
}

// stretch is what of a partition was asked for: offsets from From up to To, which is left out.
type stretch struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
}

func (r *replayer) replay(ctx context.Context, cmd *cobra.Command, s *app.System, spans []kafka.Span, gone []string) error {
	conn, err := s.Conn()
	if err != nil {
		return err
	}
	wait := !r.dry && (s.Own || !r.noWait)
	var before replays.Figures
	if wait {
		// What was pending before is not this command's doing.
		if err := s.Settled(ctx, app.EventTopics()); err != nil {
			return err
		}
		if before, err = replays.Look(ctx, conn, r.tenant); err != nil {
			return err
		}
	}
	total := int64(0)
	for _, span := range spans {
		total += span.To - span.From
	}
	bar := newBar(total, "replaying")
	begun := time.Now()
	report, err := s.Replay(ctx, replays.Options{Spans: spans, Tenant: r.tenant, DryRun: r.dry, Progress: func(n int) { _ = bar.Add(n) }})
	_ = bar.Finish()
	result := replayed{Report: report, Spans: []stretch{}, Figures: []replays.Day{}, Gone: append([]string{}, gone...), DryRun: r.dry}
	for _, span := range spans {
		result.Spans = append(result.Spans, stretch{span.Topic, span.Partition, span.From, span.To})
	}
	for _, g := range report.Gone {
		result.Gone = append(result.Gone, fmt.Sprintf("%s/%d: offsets %d to %d went while they were to be read", g.Topic, g.Partition, g.From, g.First-1))
	}
	if err != nil {
		err = fmt.Errorf("%w\nwhat was replayed before stays; run the same command again: it changes nothing twice", err)
	} else if wait {
		if err = s.Settled(ctx, app.EventTopics()); err == nil {
			var after replays.Figures
			after, err = replays.Look(ctx, conn, r.tenant)
			result.Figures = append(result.Figures, after.Changed(before)...)
		}
	}
	if r.format == "json" {
		err = errors.Join(err, printJSON(cmd.OutOrStdout(), result))
	} else {
		result.print(cmd.OutOrStdout(), wait && err == nil, time.Since(begun))
	}
	if err == nil && len(result.Gone) > 0 && !r.all {
		return errSilent
	}
	return err
}

// shownDays is how many changed days are named a table.
const shownDays = 5

func (r *replayed) print(w io.Writer, stands bool, took time.Duration) {
	for _, g := range r.Gone {
		printf(w, "gone: %s\n", g)
	}
	printf(w, "%s read in %.1f s: accepted %d, rejected %d, late %d", counted(r.Read, "record"), took.Seconds(), r.Verdicts[schemas.Accepted], r.Verdicts[schemas.Rejected], r.Verdicts[schemas.Late])
	if r.Others > 0 {
		printf(w, "; %d of other tenants are left alone", r.Others)
	}
	printf(w, "\n")
	if r.Taken > 0 {
		printf(w, "%d were refused or late before and are accepted now\n", r.Taken)
	}
	if r.Kept > 0 {
		printf(w, "%d would be judged otherwise now and keep their verdict: what is stored of them is not taken back\n", r.Kept)
	}
	changed := 0
	for _, table := range slices.Sorted(maps.Keys(r.Facts)) {
		f := r.Facts[table]
		changed += f.New + f.Changed
		printf(w, "  %s: %d new, %d changed, %d as they were\n", table, f.New, f.Changed, f.Same)
	}
	verb := "are"
	if r.DryRun {
		verb = "would be"
	}
	printf(w, "%s and %d chains, cases and complaints %s computed again\n", counted(r.Days, "day"), r.Entities, verb)
	if !stands {
		return
	}
	tables := map[string][]string{}
	for _, d := range r.Figures {
		tables[d.Table] = append(tables[d.Table], d.Tenant+" "+d.Day)
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		days := tables[table]
		more := ""
		if len(days) > shownDays {
			days, more = days[:shownDays], ", …"
		}
		printf(w, "  %s: the figures of %s changed (%s%s)\n", table, counted(len(tables[table]), "day"), strings.Join(days, ", "), more)
	}
	if len(r.Figures) == 0 && changed == 0 && r.Taken == 0 {
		printf(w, "nothing changed\n")
	} else if len(r.Figures) == 0 {
		printf(w, "no figure changed\n")
	}
}
