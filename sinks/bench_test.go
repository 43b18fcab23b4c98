package sinks_test

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/sinks/sinktest"
	"github.com/rapport-project/rapport/store/storetest"
)

// BenchmarkFill builds the block of 10,000 responses, without sending it.
func BenchmarkFill(b *testing.B) {
	rows := sinktest.Batch(1, 10_000).Responses
	b.ReportAllocs()
	for b.Loop() {
		sinks.Responses.Block(rows, drop(b))
	}
	b.ReportMetric(float64(b.N*len(rows))/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkWrite sends them to the embedded ClickHouse, durably.
func BenchmarkWrite(b *testing.B) {
	conn := storetest.Start(b)
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	batch := sinks.Batch{Responses: sinktest.Batch(1, 10_000).Responses}
	for b.Loop() {
		if err := sink.Write(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(batch.Responses))/b.Elapsed().Seconds(), "rows/s")
}
