package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

const (
	// clients publish at the same time, ingestBatch events at once.
	clients     = 16
	ingestBatch = 500
	// ingestShare is how many events of a backlog there are for one that is published here.
	ingestShare = 5
	// ingestDistinct is how many different batches are made up before the clock starts: memory bounds it, and neither side knows one from its repeat.
	ingestDistinct = 200
)

// runIngest publishes over HTTP, as apps do: batches in NDJSON, each answered with 202 after all of it is acknowledged.
func runIngest(ctx context.Context, b *bench, _ int) (out []took, err error) {
	p, err := b.startRapport(database{}, app.Ingest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	addr, err := p.address(ctx)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	batches, eventBytes := ingestBatches(b)
	bodies := make([][]byte, len(batches))
	for i, batch := range batches {
		for _, m := range batch {
			bodies[i] = append(append(bodies[i], m.Value...), '\n')
		}
	}
	return b.byClients(ctx, eventBytes, func(ctx context.Context, i int) error {
		return post(ctx, client, "http://"+addr+"/v1/events", bodies[i%len(bodies)])
	})
}

// runWriter publishes the same batches with a bare writer.
func runWriter(ctx context.Context, b *bench, _ int) (out []took, err error) {
	w, err := kafka.NewBare(b.kafka)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	msgs, eventBytes := ingestBatches(b)
	batches := make([]kafka.BareBatch, len(msgs))
	for i := range msgs {
		batches[i] = w.Prepare(msgs[i])
	}
	return b.byClients(ctx, eventBytes, func(ctx context.Context, i int) error { return w.Write(ctx, batches[i%len(batches)]) })
}

// ingestBatches are what is published, without what only ingest adds to it.
func ingestBatches(b *bench) (batches [][]kafka.Message, eventBytes int) {
	n := min(ingestDistinct, b.ingestRequests())
	f, bytes := events.Ordered(n*ingestBatch), int64(0)
	for i := range n {
		msgs, more := messages(f, i*ingestBatch, (i+1)*ingestBatch)
		batches, bytes = append(batches, msgs), bytes+more
	}
	return batches, int(bytes) / f.Len
}

func (b *bench) ingestRequests() int { return max(clients, b.o.events/ingestShare/ingestBatch) }

// byClients has so many clients send all requests, after one of each that is not measured, and checks that all of it is on the topic.
func (b *bench) byClients(ctx context.Context, eventBytes int, send func(ctx context.Context, i int) error) ([]took, error) {
	round := func(requests int) error {
		group, ctx := errgroup.WithContext(ctx)
		var next atomic.Int64
		for range clients {
			group.Go(func() error {
				for i := int(next.Add(1)) - 1; i < requests; i = int(next.Add(1)) - 1 {
					if err := send(ctx, i); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return group.Wait()
	}
	if err := round(clients); err != nil {
		return nil, err
	}
	watch, requests := b.newStopwatch(), b.ingestRequests()
	if err := round(requests); err != nil {
		return nil, err
	}
	t := watch.take()
	t.events, t.eventBytes = requests*ingestBatch, eventBytes
	perMillion := t.spent.harness.Seconds() / float64(t.events) * 1e6
	t.values = []report.Value{{Name: report.ClientsCPU, Unit: "s per million", Value: perMillion}}
	ends, err := b.admin.ListEndOffsets(ctx, schemas.TopicSurveyResponses)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, err
	}
	var n int64
	for _, end := range ends[schemas.TopicSurveyResponses] {
		n += end.Offset
	}
	if want := int64((requests + clients) * ingestBatch); n < want {
		return nil, fmt.Errorf("%d records on the topic of %d", n, want)
	}
	return []took{t}, nil
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("answer %d: %s", answer.StatusCode, text)
	}
	return err
}
