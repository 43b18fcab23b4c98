package rolling

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// eventSource is the CloudEvents source of what the keeper publishes.
const eventSource = "/rapport/rolling"

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
		SpecVersion: "1.0", ID: eventID(f, version), Source: eventSource, Type: schemas.TypeMetricChanged, Time: f.AsOf.UTC(), Tenant: f.Tenant,
		DataContentType: "application/json",
		Data: ChangedData{
			Tenant: f.Tenant, Metric: f.Metric, Questionnaire: f.Questionnaire, Detail: f.Detail, Window: f.Window, Cut: f.Cut, CutValue: f.CutValue, AsOf: f.AsOf.UTC(),
			Value: f.Value, N: f.N, Excluded: f.Excluded, Low: f.Low, High: f.High, Previous: f.Previous, Change: f.Change,
			Significant: f.Significant, Provisional: f.Provisional, Unit: string(f.Unit), Version: f.Version,
			PreviousN: f.PreviousN, BelowMinN: f.BelowMinN, Label: f.Label,
		},
	}
}

// eventID is the same when the same is told again, and another for whatever else: the row's version says what days the figure has seen, and the
// figure is in it too, for facts may have come since.
func eventID(f Figure, version *big.Int) string {
	h := sha256.New()
	for _, s := range []string{f.Tenant, f.Metric, f.Questionnaire, f.Detail, f.Window, f.Cut, f.CutValue, f.AsOf.UTC().Format(time.RFC3339), version.String(), f.Label} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	for _, v := range []*float64{f.Value, f.Low, f.High} {
		bits := uint64(math.MaxUint64) // a NaN, which no figure is
		if v != nil {
			bits = math.Float64bits(*v)
		}
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, bits))
	}
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, f.N))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// publish tells of figures and returns once the broker has them all.
func (k *Keeper) publish(ctx context.Context, figures []Figure, version *big.Int) error {
	for some := range slices.Chunk(figures, publishAtOnce) {
		msgs := make([]kafka.Message, len(some))
		for i, f := range some {
			value, err := json.Marshal(changedOf(f, version))
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
