package keeper

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

const secondsPerHour = 3600

// mark calls one entity stale in the hours from and to, counted since 1970, and all between them; or at all times.
// Deliveries of one fact agree in the hour, not in the minute: what the one before said of another minute has to be undone too.
type mark struct {
	kind     schemas.Kind
	key      string
	from, to int64
	always   bool
}

func newMark(e schemas.Entity, span schemas.Span) mark {
	if span.From.IsZero() {
		return mark{kind: e.Kind, key: e.Key, always: true}
	}
	return mark{kind: e.Kind, key: e.Key, from: hourOf(span.From), to: hourOf(span.To)}
}

func hourOf(at time.Time) int64 { return floorDiv(at.Unix(), secondsPerHour) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// packed begins a record of marks. A backlog makes a mark for nearly every event, so that their size and the time to read them count:
//
//	packed, length of tenant, tenant, then for each mark
//	  kind, with timeless set where it is for all times
//	  bytes that its key shares with the one before, how many more it has, and these
//	  from, to-from                                                            unless it is for all times
//
// All numbers are varints; from and the difference are signed. Marks are sorted, so that neighbours share much of their keys.
const (
	packed   = 1
	timeless = 4
)

var errTorn = errors.New("marks that end too early")

func encode(tenant string, marks []mark) []byte {
	b := make([]byte, 0, 16+len(tenant)+32*len(marks))
	b = append(b, packed)
	b = binary.AppendUvarint(b, uint64(len(tenant)))
	b = append(b, tenant...)
	previous := ""
	for _, m := range marks {
		code := codeOf(m.kind)
		if m.always {
			code |= timeless
		}
		b = append(b, code)
		shared := 0
		for shared < len(previous) && shared < len(m.key) && previous[shared] == m.key[shared] {
			shared++
		}
		b = binary.AppendUvarint(b, uint64(shared))
		b = binary.AppendUvarint(b, uint64(len(m.key)-shared))
		b = append(b, m.key[shared:]...)
		if !m.always {
			b = binary.AppendVarint(b, m.from)
			b = binary.AppendVarint(b, m.to-m.from)
		}
		previous = m.key
	}
	return b
}

func codeOf(kind schemas.Kind) byte {
	switch kind {
	case schemas.ChainOfContacts:
		return 0
	case schemas.CaseOfWork:
		return 1
	}
	return 2
}

func kindOf(code byte) (schemas.Kind, error) {
	switch code {
	case 0:
		return schemas.ChainOfContacts, nil
	case 1:
		return schemas.CaseOfWork, nil
	case 2:
		return schemas.OneComplaint, nil
	}
	return "", fmt.Errorf("mark of an unknown kind %d", code)
}

// decode reads a record of marks, packed or, as versions before wrote it, JSON.
func decode(value []byte) (tenant string, marks []mark, err error) {
	if len(value) == 0 || value[0] != packed {
		return decodeJSON(value)
	}
	c := cursor{rest: value[1:]}
	tenant = string(c.take(c.uvarint()))
	previous := []byte(nil)
	for len(c.rest) > 0 && !c.torn {
		m, code := mark{}, c.take(1)[0]
		m.always = code&timeless != 0
		if m.kind, err = kindOf(code &^ timeless); err != nil {
			return "", nil, err
		}
		shared := c.uvarint()
		if shared > uint64(len(previous)) {
			return "", nil, errTorn
		}
		previous = append(previous[:shared], c.take(c.uvarint())...)
		m.key = string(previous)
		if !m.always {
			m.from = c.varint()
			m.to = m.from + c.varint()
			if !plausible(m.from) || !plausible(m.to) || m.to < m.from {
				return "", nil, errTime
			}
		}
		marks = append(marks, m)
	}
	switch {
	case c.torn:
		return "", nil, errTorn
	case tenant == "":
		return "", nil, errNoTenant
	}
	return tenant, marks, nil
}

var (
	errNoTenant = errors.New("marks without tenant")
	errTime     = errors.New("mark of an impossible time")
)

// plausible says whether an hour is within some 1,900 years of 1970, which no event that was accepted is not.
func plausible(hour int64) bool { return hour > -1<<24 && hour < 1<<24 }

// cursor reads from the front of bytes, and notes where they end too early.
type cursor struct {
	rest []byte
	torn bool
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	return v * c.skip(n)
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.rest)
	return v * int64(c.skip(n))
}

// skip passes over n bytes; it is 0, and the bytes are torn, where a number could not be read.
func (c *cursor) skip(n int) uint64 {
	if n <= 0 {
		c.torn, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return 1
}

func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.rest)) {
		c.torn, c.rest = true, nil
		return nil
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}

// decodeJSON reads marks with instants in microseconds since 1970; those without are for all times.
func decodeJSON(value []byte) (tenant string, marks []mark, err error) {
	var m struct {
		Tenant string `json:"tenant"`
		Marks  []struct {
			Kind     schemas.Kind `json:"kind"`
			Key      string       `json:"key"`
			From, To *int64
		} `json:"marks"`
	}
	if err := json.Unmarshal(value, &m); err != nil {
		return "", nil, err
	}
	for _, one := range m.Marks {
		if kind, err := kindOf(codeOf(one.Kind)); err != nil || kind != one.Kind {
			return "", nil, fmt.Errorf("mark of an unknown kind %q", one.Kind)
		}
		if one.From == nil || one.To == nil {
			marks = append(marks, mark{kind: one.Kind, key: one.Key, always: true})
			continue
		}
		from, to := floorDiv(*one.From, secondsPerHour*1e6), floorDiv(*one.To, secondsPerHour*1e6)
		if !plausible(from) || !plausible(to) {
			return "", nil, errTime
		}
		marks = append(marks, mark{kind: one.Kind, key: one.Key, from: min(from, to), to: max(from, to)})
	}
	if m.Tenant == "" {
		return "", nil, errNoTenant
	}
	return m.Tenant, marks, nil
}
