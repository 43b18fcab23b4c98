package rolling

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// eventSource is the CloudEvents source of what the keeper publishes.
const eventSource = "/rapport/rolling"

// typeChanged is their type.
const typeChanged = schemas.TypeMetricChanged

// publishAtOnce bounds the messages that are built before the first are sent.
const publishAtOnce = 2000

// Changed is a CloudEvent in structured mode that tells of a figure: rapport.metric.changed.v1.
type Changed struct {
	SpecVersion     string      `json:"specversion"`
	ID              string      `json:"id"`
	Source          string      `json:"source"`
	Type            string      `json:"type"`
	Time            time.Time   `json:"time"`
	Tenant          string      `json:"tenant"`
	DataContentType string      `json:"datacontenttype"`
	Data            ChangedData `json:"data"`
}

// ChangedData are the columns of rolling_metrics.
type ChangedData struct {
	Tenant        string    `json:"tenant"`
	Metric        string    `json:"metric"`
	Questionnaire string    `json:"questionnaire"`
	Detail        string    `json:"detail"`
	Window        string    `json:"window"`
	Cut           string    `json:"cut"`
	CutValue      string    `json:"cut_value"`
	AsOf          time.Time `json:"as_of"`
	Value         *float64  `json:"value"`
	N             uint64    `json:"n"`
	Excluded      uint64    `json:"n_excluded"`
	Low           *float64  `json:"ci_low"`
	High          *float64  `json:"ci_high"`
	Previous      *float64  `json:"previous_value"`
	Change        *float64  `json:"change"`
	Significant   bool      `json:"significant"`
	Provisional   bool      `json:"provisional"`
	Unit          string    `json:"unit"`
	Version       int       `json:"version"`
	PreviousN     uint64    `json:"previous_n"`
	BelowMinN     bool      `json:"below_min_n"`
	Label         string    `json:"label"`
}

// changedOf is the event that tells of a figure as a row of a version has it.
func changedOf(f Figure, version *big.Int) Changed {
	return Changed{
		SpecVersion: "1.0", ID: eventID(f, version), Source: eventSource, Type: typeChanged, Time: f.AsOf.UTC(), Tenant: f.Tenant,
		DataContentType: "application/json",
		Data: ChangedData{
			Tenant: f.Tenant, Metric: f.Metric, Questionnaire: f.Questionnaire, Detail: f.Detail, Window: f.Window, Cut: f.Cut, CutValue: f.CutValue, AsOf: f.AsOf.UTC(),
			Value: f.Value, N: f.N, Excluded: f.Excluded, Low: f.Low, High: f.High, Previous: f.Previous, Change: f.Change,
			Significant: f.Significant, Provisional: f.Provisional, Unit: string(f.Unit), Version: f.Version,
			PreviousN: f.PreviousN, BelowMinN: f.BelowMinN, Label: f.Label,
		},
	}
}

// publish tells of figures and returns once the broker has them all.
func (k *Keeper) publish(ctx context.Context, figures []Figure, version *big.Int) error {
	e := newEncoder(version)
	for some := range slices.Chunk(figures, publishAtOnce) {
		msgs := make([]kafka.Message, len(some))
		for i := range some {
			f := &some[i]
			value, err := e.changed(f)
			if err != nil {
				return fmt.Errorf("publish figures: %w", err)
			}
			msgs[i] = kafka.Message{
				Topic: schemas.TopicMetrics, Key: []byte(f.Tenant), Value: value,
				Headers: []kafka.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}},
			}
		}
		if err := k.o.Publisher.Publish(ctx, msgs...); err != nil {
			return fmt.Errorf("publish figures: %w", err)
		}
		k.gauges.published.Add(float64(len(msgs)))
	}
	return nil
}

// eventID is that of one figure.
func eventID(f Figure, version *big.Int) string { return newEncoder(version).eventID(&f) }
