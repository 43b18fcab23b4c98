package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
)

// Live rates: a few dozen events a second, with every kind of trouble among them.
const (
	liveRate  = 40
	liveBad   = 0.01
	liveEvery = 5 * time.Second
)

// live publishes as things happen, and shows every few seconds how fresh facts and figures are.
func (s *story) live(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	until := "until Ctrl-C"
	if s.Live > 0 {
		until = "for " + s.Live.String()
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, s.Live)
		defer stop()
	}
	s.say("\n7. Live, %d customers a second, %s · 实时", liveRate, until)
	g, err := generator.New(generator.Config{Seed: uint64(time.Now().UnixNano()), IDPrefix: "live-"})
	if err != nil {
		return err
	}
	sent := 0
	streamed := make(chan error, 1)
	counts := make(chan int, 1024)
	go func() {
		streamed <- g.Stream(ctx, generator.Live{Rate: liveRate, Duplicates: duplicates, Late: late, Bad: liveBad}, func(events []generator.Event) error {
			err := s.producer.Publish(ctx, messages(events)...)
			if ctx.Err() != nil {
				return nil // the end of the demo, not a fault of the broker
			}
			counts <- len(events)
			return err
		})
	}()
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.say("   stopping: what is in hand is finished first")
			return <-streamed
		case err := <-streamed:
			return err
		case n := <-counts:
			sent += n
		case <-tick.C:
			line, err := s.freshness(ctx)
			if err != nil && ctx.Err() == nil {
				return err
			}
			if err == nil {
				s.say("   %s  %d records sent  %s", time.Now().Format(time.TimeOnly), sent, line)
			}
		}
	}
}

// freshness measures how long ago the newest fact happened, and how many responses the rollup of today knows of those there are.
func (s *story) freshness(ctx context.Context) (string, error) {
	var newest time.Time
	var facts, rolled uint64
	row := s.conn.QueryRow(ctx, `SELECT max(occurred_at), countIf(day = today() AND valid AND role = 'customer'),
			(SELECT sum(n) FROM rapport.satisfaction_by_cut_daily WHERE cut = '' AND day = today())
		FROM (SELECT occurred_at, toDate32(occurred_at) AS day, valid, role FROM rapport.survey_responses WHERE occurred_at > now() - INTERVAL 2 DAY)`)
	if err := row.Scan(&newest, &facts, &rolled); err != nil {
		return "", err
	}
	return fmt.Sprintf("newest fact %.1f s old; today %d valid responses in the facts, %d in the daily figures", time.Since(newest).Seconds(), facts, rolled), nil
}
