package main

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/internal/kafka"
)

// chunkEvents is how many events are made up and published at once.
const chunkEvents = 20_000

// publish puts a feed on its topic as ingest would, in order, and returns how many bytes its values have in all. The next chunks are made up while one is on its way.
func publish(ctx context.Context, cfg kafka.Config, f events.Feed, progress func(done int)) (int64, error) {
	p := kafka.NewProducer(cfg, kafka.ProducerOptions{Log: zerolog.Nop()})
	defer func() { _ = p.Close() }()
	group, ctx := errgroup.WithContext(ctx)
	// The channel holds the chunks in order, each as a channel of its own that it will come through.
	chunks := make(chan chan []kafka.Message, runtime.GOMAXPROCS(0))
	var bytes atomic.Int64
	group.Go(func() error {
		defer close(chunks)
		for from := 0; from < f.Len; from += chunkEvents {
			made := make(chan []kafka.Message, 1)
			select {
			case chunks <- made:
			case <-ctx.Done():
				return ctx.Err()
			}
			group.Go(func() error {
				msgs, n := messages(f, from, min(from+chunkEvents, f.Len))
				bytes.Add(n)
				made <- msgs
				return nil
			})
		}
		return nil
	})
	group.Go(func() error {
		done := 0
		for made := range chunks {
			msgs := <-made
			if err := p.Publish(ctx, msgs...); err != nil {
				return err
			}
			done += len(msgs)
			progress(done)
		}
		return nil
	})
	err := group.Wait()
	return bytes.Load(), err
}

// messages are a part of a feed, as an app sends them.
func messages(f events.Feed, from, to int) (msgs []kafka.Message, bytes int64) {
	header := []kafka.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}}
	msgs = make([]kafka.Message, to-from)
	for i := range msgs {
		e := f.At(from + i)
		msgs[i] = kafka.Message{Topic: f.Topic, Key: e.Key, Value: e.Value, Headers: header}
		bytes += int64(len(e.Value))
	}
	return msgs, bytes
}
