package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// Options are what an import is run with.
type Options struct {
	Mapping *Mapping
	Files   []string // names, - for Stdin
	Stdin   io.Reader
	// Judge is the verdict on an event, as ingest and processors give it; a *schemas.InvalidError refuses the event.
	Judge func(event []byte) (*schemas.Event, error)
	// Publish returns nil once all messages are acknowledged. nil: a dry run.
	Publish func(context.Context, []kafka.Message) error
	// Read is told of bytes of the files as they are read; nil: nobody asks.
	Read func(bytes int)
	// Explain is how many refusals are kept to be shown; the rest is counted.
	Explain int
	// GatherBytes bounds the memory of gathered rows; 0 is DefaultGatherBytes.
	GatherBytes int
}

// Summary is what came of an import.
type Summary struct {
	Rows    int // read, those refused among them
	Skipped int // rows that the mapping makes nothing of
	Refused int // events, and rows that could not be read
	// Events that are good, by type; all of them are published but in a dry run.
	Events    map[schemas.Type]int
	Reasons   map[schemas.Reason]int // of the refused
	Refusals  []Refusal              // the first ones
	Samples   map[schemas.Type][]byte
	Published int
	Elapsed   time.Duration
}

// Batches are published when they have this many events or bytes.
const (
	batchEvents = 2000
	batchBytes  = 4 << 20
)

// Run turns the rows of the files into events and publishes them, each once it is judged good. What was acknowledged before an error
// stays published: ids come from the rows, so running it again makes duplicates and nothing else. The summary is of what was
// done in any case.
func Run(ctx context.Context, o Options) (Summary, error) {
	begun := time.Now()
	r := &run{Options: o, s: Summary{Events: map[schemas.Type]int{}, Reasons: map[schemas.Reason]int{}, Samples: map[schemas.Type][]byte{}}}
	if r.Read == nil {
		r.Read = func(int) {}
	}
	if r.GatherBytes == 0 {
		r.GatherBytes = DefaultGatherBytes
	}
	for _, e := range o.Mapping.events {
		var g *gatherer
		if e.gather != nil {
			g = newGatherer(o.Mapping, e, r.GatherBytes)
		}
		r.gatherers = append(r.gatherers, g)
	}
	err := r.files(ctx)
	r.s.Elapsed = time.Since(begun)
	return r.s, err
}

// run is an import under way.
type run struct {
	Options
	s         Summary
	gatherers []*gatherer // by event of the mapping; nil where a row is an event
	batch     []kafka.Message
	bytes     int
}

func (r *run) files(ctx context.Context) error {
	for _, name := range r.Files {
		if err := r.file(ctx, name); err != nil {
			return err // events that gather may lack rows now, and are not published
		}
	}
	for _, g := range r.gatherers {
		if g == nil {
			continue
		}
		for _, done := range g.flush() {
			if err := r.gathered(ctx, done); err != nil {
				return err
			}
		}
	}
	return r.publish(ctx)
}

func (r *run) file(ctx context.Context, name string) (err error) {
	all, closer, err := r.Mapping.open(name, r.Stdin, r.Read)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := closer(); err == nil {
			err = cerr
		}
	}()
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		next, refused, err := all.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.Join(err, r.publish(ctx)) // what came before is good all the same
		}
		r.s.Rows++
		if refused != nil {
			r.refuse(*refused)
			continue
		}
		if err := r.row(ctx, next); err != nil {
			return err
		}
	}
}

func (r *run) row(ctx context.Context, next row) error {
	skipped := true
	for i, e := range r.Mapping.events {
		d, refused := e.draft(next, r.Mapping)
		if d == nil && refused == nil {
			continue
		}
		skipped = false
		if refused != nil {
			d = nil
		}
		if g := r.gatherers[i]; g != nil {
			done, err := g.add(next, d, refused)
			if err == nil && done != nil {
				err = r.gathered(ctx, done)
			}
			if err != nil {
				return err
			}
			continue
		}
		if refused != nil {
			r.refuse(*refused)
		} else if err := r.event(ctx, d); err != nil {
			return err
		}
	}
	if skipped {
		r.s.Skipped++
	}
	return nil
}

func (r *run) gathered(ctx context.Context, done *group) error {
	if done.refused != nil {
		r.refuse(*done.refused)
		return nil
	}
	return r.event(ctx, done.draft)
}

func (r *run) refuse(refused Refusal) {
	r.s.Refused++
	r.s.Reasons[refused.Reason]++
	if len(r.s.Refusals) < r.Explain {
		r.s.Refusals = append(r.s.Refusals, refused)
	}
}

// event judges an event and adds it to the batch.
func (r *run) event(ctx context.Context, d *draft) error {
	raw := d.json(r.Mapping.source)
	event, err := r.Judge(raw)
	var invalid *schemas.InvalidError
	if errors.As(err, &invalid) {
		r.refuse(r.Mapping.judged(d, *invalid))
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %w", d.at.file, d.at.line, err)
	}
	r.s.Events[event.Type]++
	if r.s.Samples[event.Type] == nil {
		r.s.Samples[event.Type] = raw
	}
	if r.Publish == nil {
		return nil
	}
	r.batch = append(r.batch, kafka.Message{
		Topic: event.Type.Topic(), Key: []byte(event.Key()), Value: raw,
		Headers: []schemas.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}},
	})
	if r.bytes += len(raw); len(r.batch) >= batchEvents || r.bytes >= batchBytes {
		return r.publish(ctx)
	}
	return nil
}

// publish sends the batch. Its bytes are not used again: after an error they may still be on their way.
func (r *run) publish(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	batch := r.batch
	r.batch, r.bytes = nil, 0
	if err := r.Publish(ctx, batch); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	r.s.Published += len(batch)
	return nil
}
