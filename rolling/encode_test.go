package rolling

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/metrics"
)

// TestEncoderWritesWhatJSONWrites: events are, byte for byte, what encoding/json makes of the type that the contract is told by.
func TestEncoderWritesWhatJSONWrites(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) *float64 {
		v := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1000, 1000), rapid.SampledFrom([]float64{0, 1e-6, 1e-7, 1e21, 1e20, math.MaxFloat64, 100})).Draw(t, "number")
		return rapid.SampledFrom([]*float64{&v, finite(&v), nil}).Draw(t, "or none")
	})
	rapid.Check(t, func(t *rapid.T) {
		e := newEncoder(big.NewInt(7))
		for range 3 {
			text := rapid.OneOf(rapid.SampledFrom([]string{"", "region", `valve 2" <A/B>&`, "华东", "a\xff"}), rapid.String())
			f := Figure{
				Tenant: text.Draw(t, "tenant"), Metric: text.Draw(t, "metric"), Questionnaire: text.Draw(t, "questionnaire"), Detail: text.Draw(t, "detail"), Window: "1h",
				Cut: text.Draw(t, "cut"), CutValue: text.Draw(t, "value"), AsOf: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0),
				Value: finite(number.Draw(t, "v")), Low: finite(number.Draw(t, "low")), High: finite(number.Draw(t, "high")), Previous: finite(number.Draw(t, "previous")),
				N: rapid.Uint64().Draw(t, "n"), Excluded: rapid.Uint64().Draw(t, "x"), Significant: rapid.Bool().Draw(t, "s"), Provisional: rapid.Bool().Draw(t, "p"),
				Unit: metrics.Unit(text.Draw(t, "unit")), Version: rapid.IntRange(0, 9).Draw(t, "version"), Label: text.Draw(t, "label"),
			}
			want, err := json.Marshal(changedOf(f, big.NewInt(7)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.changed(&f)
			if err != nil || string(got) != string(want) {
				t.Fatalf("got  %s\nwant %s, %v", got, want, err)
			}
		}
	})
}
