package rolling

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"time"
)

// encoder writes changed figures as encoding/json would, byte for byte, a tenth as dear: a busy company has a hundred thousand of them at once, which share
// nearly all their texts.
type encoder struct {
	version string
	quoted  map[string][]byte
	id      []byte
	at      time.Time
	text    []byte // of at, quoted
}

func newEncoder(version *big.Int) *encoder {
	return &encoder{version: version.String(), quoted: map[string][]byte{}}
}

// eventID is the same when the same is told again, and another for whatever else: the row's version says what days the figure has seen, and the
// figure is in it too, for facts may have come since.
func (e *encoder) eventID(f *Figure) string {
	b := e.id[:0]
	for _, s := range [...]string{f.Tenant, f.Metric, f.Questionnaire, f.Detail, f.Window, f.Cut, f.CutValue, f.AsOf.UTC().Format(time.RFC3339), e.version, f.Label} {
		b = append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
	}
	for _, v := range [...]*float64{f.Value, f.Low, f.High} {
		bits := uint64(math.MaxUint64) // a NaN, which no figure is
		if v != nil {
			bits = math.Float64bits(*v)
		}
		b = binary.BigEndian.AppendUint64(b, bits)
	}
	e.id = binary.BigEndian.AppendUint64(b, f.N)
	sum := sha256.Sum256(e.id)
	return hex.EncodeToString(sum[:16])
}

// changed is the event of changedOf as JSON.
func (e *encoder) changed(f *Figure) ([]byte, error) {
	at, err := e.time(f.AsOf.UTC())
	if err != nil {
		return nil, err
	}
	w := writer{e: e, b: make([]byte, 0, 768)}
	w.raw(`{"specversion":"1.0","id":"`).raw(e.eventID(f)).raw(`","source":`).text(eventSource).raw(`,"type":`).text(string(typeChanged)).raw(`,"time":`).raw(string(at))
	w.raw(`,"tenant":`).text(f.Tenant).raw(`,"datacontenttype":"application/json","data":{"tenant":`).text(f.Tenant)
	w.raw(`,"metric":`).text(f.Metric).raw(`,"questionnaire":`).text(f.Questionnaire).raw(`,"detail":`).text(f.Detail).raw(`,"window":`).text(f.Window)
	w.raw(`,"cut":`).text(f.Cut).raw(`,"cut_value":`).text(f.CutValue).raw(`,"as_of":`).raw(string(at))
	w.raw(`,"value":`).number(f.Value).raw(`,"n":`).count(f.N).raw(`,"n_excluded":`).count(f.Excluded).raw(`,"ci_low":`).number(f.Low).raw(`,"ci_high":`).number(f.High)
	w.raw(`,"previous_value":`).number(f.Previous).raw(`,"change":`).number(f.Change).raw(`,"significant":`).truth(f.Significant).raw(`,"provisional":`).truth(f.Provisional)
	w.raw(`,"unit":`).text(string(f.Unit)).raw(`,"version":`).count(uint64(f.Version)).raw(`,"previous_n":`).count(f.PreviousN).raw(`,"below_min_n":`).truth(f.BelowMinN)
	w.raw(`,"label":`).text(f.Label).raw(`}}`)
	return w.b, w.err
}

func (e *encoder) time(at time.Time) ([]byte, error) {
	if e.text == nil || !at.Equal(e.at) {
		text, err := json.Marshal(at)
		if err != nil {
			return nil, err
		}
		e.at, e.text = at, text
	}
	return e.text, nil
}

// writer appends to one event.
type writer struct {
	e   *encoder
	b   []byte
	err error
}

func (w *writer) raw(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

func (w *writer) text(s string) *writer {
	q, ok := w.e.quoted[s]
	if !ok {
		var err error
		if q, err = json.Marshal(s); err != nil {
			w.err = err
		}
		w.e.quoted[s] = q
	}
	w.b = append(w.b, q...)
	return w
}

func (w *writer) count(n uint64) *writer {
	w.b = strconv.AppendUint(w.b, n, 10)
	return w
}

func (w *writer) truth(v bool) *writer {
	w.b = strconv.AppendBool(w.b, v)
	return w
}

// number writes a figure, which is finite, in the shortest form that is read back as the same.
func (w *writer) number(v *float64) *writer {
	if v == nil {
		return w.raw("null")
	}
	// Beyond these sizes JSON's numbers have an exponent, as those of ECMAScript: encoding/json says how.
	if abs := math.Abs(*v); abs != 0 && (abs < 1e-6 || abs >= 1e21) || math.IsNaN(*v) || math.IsInf(*v, 0) {
		text, err := json.Marshal(*v)
		if err != nil {
			w.err = err
		}
		w.b = append(w.b, text...)
		return w
	}
	w.b = strconv.AppendFloat(w.b, *v, 'f', -1, 64)
	return w
}
