package cli

import (
	"context"
	"errors"
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

	"github.com/rapport-project/rapport/imports"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
)

func importCommand() *cobra.Command {
	i := importer{}
	c := &cobra.Command{
		Use:   "import --mapping FILE FILE…",
		Short: "Turn the rows of CSV and NDJSON files into events by a mapping file",
		Long: "Turn the rows of CSV and NDJSON files (- is standard input, .gz is unpacked) into events by a mapping file, see docs/import.md.\n" +
			"Rows that are refused are counted, the first ones explained, and make the exit status 1. Importing again changes nothing.\n\n" +
			"It uses a running `rapport up`, or starts the embedded engines for its own run where none is running.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error { return i.run(cmd, files) },
	}
	c.Flags().StringVarP(&i.mapping, "mapping", "m", "", "the mapping file")
	c.Flags().BoolVar(&i.dry, "dry-run", false, "check everything and publish nothing; needs no engines")
	c.Flags().BoolVar(&i.noWait, "no-wait", false, "do not wait until the figures stand")
	c.Flags().IntVar(&i.explain, "refusals", 10, "how many refusals are explained")
	return c
}

// importer is the command with its flags.
type importer struct {
	mapping     string
	dry, noWait bool
	explain     int
	late        int
	out         io.Writer
	log         zerolog.Logger
	m           *imports.Mapping
	options     imports.Options
}

func (i *importer) run(cmd *cobra.Command, files []string) error {
	if i.mapping == "" {
		return usageError{errors.New("--mapping is missing: which file says what the rows mean? docs/import.md has examples")}
	}
	c, log, err := settings()
	if err != nil {
		return err
	}
	if _, ok := os.LookupEnv("RAPPORT_LOG_LEVEL"); !ok {
		log = log.Level(zerolog.WarnLevel) // the summary says what there is to say
	}
	i.out, i.log = cmd.OutOrStdout(), log
	text, err := os.ReadFile(i.mapping)
	if err != nil {
		return err
	}
	m, problems := imports.Check(i.mapping, text)
	if problems != nil {
		return fmt.Errorf("the mapping cannot be used:\n%w", problems)
	}
	defs, err := c.Definitions()
	if err != nil {
		return err
	}
	if err := exist(files); err != nil {
		return err
	}
	i.m = m
	i.options = imports.Options{Mapping: m, Files: files, Stdin: cmd.InOrStdin(), Explain: i.explain, Judge: i.judge(defs)}
	if i.dry {
		return i.report(i.read(cmd.Context(), nil))
	}
	command, err := child()
	if err != nil {
		return err
	}
	return app.WithSystem(cmd.Context(), c, log, command, i.publish)
}

// judge gives the verdict of ingest and processors, and counts what will be kept aside for its age.
func (i *importer) judge(defs *app.Definitions) func([]byte) (*schemas.Event, error) {
	return func(raw []byte) (*schemas.Event, error) {
		now := time.Now()
		e, err := schemas.ParseEvent(raw, now, defs.Parse)
		if err == nil {
			err = processors.Check(e, defs.Processors)
		}
		if err == nil && processors.Late(e, now, defs.Processors.SealHorizon) {
			i.late++
		}
		return e, err
	}
}

// exist refuses to begin where a file is not there: half an import is hard to tell from a whole one.
func exist(files []string) error {
	var wrong []error
	for _, name := range files {
		if name == "-" {
			continue
		}
		if info, err := os.Stat(name); err != nil {
			wrong = append(wrong, err)
		} else if info.IsDir() {
			wrong = append(wrong, fmt.Errorf("%s is a folder", name))
		}
	}
	return errors.Join(wrong...)
}

// read runs the import, with a bar over the bytes of the files where somebody watches.
func (i *importer) read(ctx context.Context, publish func(context.Context, []kafka.Message) error) (imports.Summary, error) {
	total := int64(0)
	for _, name := range i.options.Files {
		info, err := os.Stat(name)
		if name == "-" || err != nil {
			total = -1 // nobody knows
			break
		}
		total += info.Size()
	}
	out := io.Discard
	if term.IsTerminal(int(os.Stderr.Fd())) {
		out = os.Stderr
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("importing"),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	o := i.options
	o.Publish = publish
	o.Read = func(n int) { _ = bar.Add(n) } // a bar that cannot be drawn is no reason to stop
	s, err := imports.Run(ctx, o)
	_ = bar.Finish()
	return s, err
}

// publish imports into a system and waits until its figures stand.
func (i *importer) publish(ctx context.Context, s *app.System) error {
	wait := s.Own || !i.noWait
	var before uint64
	if wait {
		var err error
		if before, err = i.rejected(ctx, s); err != nil {
			return fmt.Errorf("ClickHouse: %w", err)
		}
	}
	summary, err := i.read(ctx, s.Publish)
	failed := i.report(summary, err)
	if err != nil {
		return fmt.Errorf("%w\nwhat was published stays; run the same command again: what is there already changes nothing", failed)
	}
	if !wait {
		return failed
	}
	var topics []string
	for _, t := range i.m.Types() {
		if !slices.Contains(topics, t.Topic()) {
			topics = append(topics, t.Topic())
		}
	}
	begun := time.Now()
	if err := s.Settled(ctx, topics); err != nil {
		return errors.Join(failed, fmt.Errorf("the events are published, but their figures do not stand yet: %w", err))
	}
	after, err := i.rejected(ctx, s)
	if err != nil {
		return errors.Join(failed, err)
	}
	if after > before {
		return errors.Join(failed, fmt.Errorf("%d events were published and refused by the running rapport: does it have the same RAPPORT_CONFIG_DIR? The view rapport.dead_letters says more", after-before))
	}
	i.stands(s, time.Since(begun))
	return errors.Join(failed, i.figures(ctx, s))
}

// stands says where the figures are.
func (i *importer) stands(s *app.System, after time.Duration) {
	printf(i.out, "the figures stand after another %.1f s: database rapport, source %s, at %s\n", after.Seconds(), i.m.Source(), where(s))
}

// where the database is to be asked.
func where(s *app.System) string {
	switch {
	case !s.Config.EmbeddedClickHouse():
		return "RAPPORT_CLICKHOUSE_DSN"
	case s.Own:
		return "http://" + s.Config.ChildClickHouse.Addr + " once `rapport up` runs"
	}
	return "http://" + s.Config.ChildClickHouse.Addr
}

// rejected counts the records of the mapping's source that were refused after they had been published.
func (i *importer) rejected(ctx context.Context, s *app.System) (n uint64, err error) {
	conn, err := s.Conn()
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT toUInt64(sum(rejected)) FROM rapport.data_quality_by_source WHERE source = ?", i.m.Source()).Scan(&n)
	return n, err
}

// figures shows the survey responses of the mapping's source, whenever they came.
func (i *importer) figures(ctx context.Context, s *app.System) error {
	if !slices.Contains(i.m.Types(), schemas.TypeSurveyResponse) {
		return nil
	}
	conn, err := s.Conn()
	if err != nil {
		return err
	}
	found, err := conn.Query(ctx, `SELECT questionnaire, countIf(valid), countIf(NOT valid), ifNull(avgIf(satisfaction_index, valid), 0),
			100 * countIf(valid AND level IN ('satisfied', 'very_satisfied')) / greatest(countIf(valid), 1)
		FROM rapport.survey_responses WHERE source = ? AND role = 'customer' GROUP BY questionnaire ORDER BY questionnaire`, i.m.Source())
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var questionnaire string
		var n, invalid uint64
		var index, top2 float64
		if err := found.Scan(&questionnaire, &n, &invalid, &index, &top2); err != nil {
			return err
		}
		printf(i.out, "  %s: n %d, invalid %d, satisfaction_index %.2f, csat_top2 %.2f %%\n", questionnaire, n, invalid, index, top2)
	}
	return found.Err()
}

// report prints the summary; its error says whether anything was refused.
func (i *importer) report(s imports.Summary, err error) error {
	for _, r := range s.Refusals {
		printf(i.out, "%s\n", r)
	}
	if more := s.Refused - len(s.Refusals); more > 0 {
		printf(i.out, "... and %d more refusals (--refusals shows more)\n", more)
	}
	var parts []string
	for _, t := range i.m.Types() {
		parts = append(parts, fmt.Sprintf("%d %s", s.Events[t], t))
		if sample := s.Samples[t]; i.dry && sample != nil {
			printf(i.out, "the first %s:\n  %s\n", t, sample)
		}
	}
	printf(i.out, "%d rows read, %d of them skipped; good events: %s; %d refused%s; %d published in %.1f s\n",
		s.Rows, s.Skipped, strings.Join(parts, ", "), s.Refused, reasons(s), s.Published, s.Elapsed.Seconds())
	if i.late > 0 {
		printf(i.out, "%d events are from before RAPPORT_SEAL_HORIZON: they are kept aside in rapport.late_facts and are in no figure\n", i.late)
	}
	if err == nil && s.Refused > 0 {
		err = errSilent
	}
	return err
}

func reasons(s imports.Summary) string {
	var parts []string
	for _, reason := range schemas.Reasons() {
		if n := s.Reasons[reason]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", reason, n))
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
