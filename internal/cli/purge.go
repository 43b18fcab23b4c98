package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/schemas"
)

// purger is `deadletters purge` with its flags.
type purger struct {
	of       chosen
	older    time.Duration
	yes, dry bool
}

func purgeLetters() *cobra.Command {
	var p purger
	cmd := &cobra.Command{
		Use:   "purge (PLACE… | filters | --older-than D | --all)",
		Short: "Remove what letters hold, which may be somebody's data; they stay counted",
		Long: "Detail, key, value and headers are removed for good, and stay removed when Kafka delivers the letter again. Place, reason, field, tenant, source,\n" +
			"id and type stay: letters are counted by them. It says until when Kafka still holds the records." + usesSystem,
		RunE: func(cmd *cobra.Command, places []string) error { return p.run(cmd, places) },
	}
	p.of.flags(cmd, deadletters.Any)
	f := cmd.Flags()
	f.BoolVar(&p.of.all, "all", false, "all letters")
	f.DurationVar(&p.older, "older-than", 0, "records that came longer ago than this, as 720h")
	f.BoolVarP(&p.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&p.dry, "dry-run", false, "say how many there are, remove nothing")
	return cmd
}

func (p *purger) run(cmd *cobra.Command, places []string) error {
	f, none, err := p.of.filter(places)
	if err != nil {
		return err
	}
	switch {
	case p.older < 0:
		return usageError{errors.New("--older-than wants a duration, as 720h")}
	case p.older > 0 && len(places) > 0:
		return usageError{errors.New("either places or --older-than")}
	case p.older > 0:
		if limit := time.Now().Add(-p.older); f.Until.IsZero() || f.Until.After(limit) {
			f.Until = limit
		}
	case none:
		return usageError{errors.New("which letters? Name places, filters such as --reason, --older-than, or --all")}
	}
	asks := !p.yes && !p.dry
	if asks && !term.IsTerminal(int(os.Stdin.Fd())) {
		return usageError{errors.New("what is purged is gone for good: say --yes, or --dry-run to see how many there are")}
	}
	return onSystem(cmd, func(ctx context.Context, s *app.System) error { return p.purge(ctx, cmd, s, f, asks) })
}

func (p *purger) purge(ctx context.Context, cmd *cobra.Command, s *app.System, f deadletters.Filter, asks bool) error {
	out := cmd.OutOrStdout()
	letters, err := s.Letters()
	if err != nil {
		return err
	}
	if len(f.Places) > 0 {
		found, err := letters.Page(ctx, f, deadletters.Place{Partition: -1, Offset: -1}, len(f.Places))
		if err != nil {
			return err
		}
		if err := missing(f.Places, found); err != nil {
			return fmt.Errorf("nothing is purged: %w", err)
		}
	}
	if asks {
		would, err := letters.Purge(ctx, f, true, s.LettersSettled)
		if err != nil {
			return err
		}
		printf(out, "%s will lose their content for good. Go on? [y/N] ", counted(would.Letters, "letter"))
		answer, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
			printf(out, "nothing is removed\n")
			return errSilent
		}
	}
	done, err := letters.Purge(ctx, f, p.dry, s.LettersSettled)
	if err != nil {
		return err
	}
	if p.dry {
		printf(out, "%s would be purged\n", counted(done.Letters, "letter"))
		return nil
	}
	printf(out, "%s purged: detail, key, value and headers are removed; place and reason stay\n", counted(done.Letters, "letter"))
	if done.Letters == 0 {
		return nil
	}
	for _, topic := range slices.Sorted(maps.Keys(done.Appended)) {
		if err := p.kept(ctx, cmd, s, topic, done.Appended[topic]); err != nil {
			return err
		}
	}
	return p.kept(ctx, cmd, s, schemas.TopicDeadLetters, done.Received)
}

// kept says until when Kafka still holds what was purged here.
func (p *purger) kept(ctx context.Context, cmd *cobra.Command, s *app.System, topic string, newest time.Time) error {
	until, err := s.KafkaKeeps(ctx, topic, newest)
	if err != nil {
		return fmt.Errorf("the letters are purged; how long Kafka keeps their records could not be found out: %w", err)
	}
	if until.IsZero() {
		printf(cmd.OutOrStdout(), "Kafka keeps the records on %s for ever: its retention.ms is unlimited\n", topic)
		return nil
	}
	printf(cmd.OutOrStdout(), "Kafka keeps the records on %s until %s at the latest (newest record plus the topic's retention.ms and segment.ms, since a segment goes as a whole)\n", topic, utc(until))
	return nil
}
