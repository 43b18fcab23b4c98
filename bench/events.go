package main

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
)

// chunkEvents is how many events are made up and published at once.
const chunkEvents = 20_000

// span is the month that the events are spread over, in order of time, as a topic holds them after an outage.
func span() (from, to time.Time) {
	return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
}

// rates of the events: every one is a first and only delivery of a valid response, so that every contender stores as many rows
// as there are events.
func rates() *generator.Rates {
	return &generator.Rates{NPS: 0.5, CES: 0.4, Repurchase: 0.3, Resolved: 0.6, Comments: 0.25, Reasons: 0.6, Gaps: 0.03}
}

// chunk makes up the i-th of n chunks; the same ones on every machine.
func chunk(i, n int) ([]kafka.Message, error) {
	from, to := span()
	step := to.Sub(from) / time.Duration(n)
	g, err := generator.New(generator.Config{
		Seed: uint64(i), IDPrefix: fmt.Sprintf("b%05d-", i), From: from.Add(time.Duration(i) * step), To: from.Add(time.Duration(i+1) * step),
		Mix: []generator.Share{{Questionnaire: "after-sales-10", Weight: 1}}, Rates: rates(), Customers: 5000,
	})
	if err != nil {
		return nil, err
	}
	events := g.Events(chunkEvents)
	msgs := make([]kafka.Message, len(events))
	for j, e := range events {
		msgs[j] = kafka.Message{Topic: e.Topic, Key: []byte(e.Key), Value: e.Value}
		for _, h := range e.Headers {
			msgs[j].Headers = append(msgs[j].Headers, kafka.Header(h))
		}
	}
	return msgs, nil
}

// publish puts n events on their topic, as ingest would, and returns how many bytes their values have in all.
func publish(ctx context.Context, cfg kafka.Config, n int, progress func(done int)) (bytes int64, err error) {
	p := kafka.NewProducer(cfg, kafka.ProducerOptions{Log: zerolog.Nop()})
	defer func() { _ = p.Close() }()
	group, ctx := errgroup.WithContext(ctx)
	chunks := make(chan []kafka.Message, 1)
	group.Go(func() error {
		defer close(chunks)
		for i := range n / chunkEvents {
			msgs, err := chunk(i, n/chunkEvents)
			if err != nil {
				return err
			}
			select {
			case chunks <- msgs:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	group.Go(func() error {
		done := 0
		for msgs := range chunks {
			if err := p.Publish(ctx, msgs...); err != nil {
				return err
			}
			for i := range msgs {
				bytes += int64(len(msgs[i].Value))
			}
			done += len(msgs)
			progress(done)
		}
		return nil
	})
	return bytes, group.Wait()
}
