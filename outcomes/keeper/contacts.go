package keeper

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/schemas"
)

// contactsOf reads the contacts of chains, those of a chain beside each other. Contacts are by far the most that is read, so they come as plain bytes,
// row after row, and not through a scan by reflection. The memory of into is written over.
func (k *Keeper) contactsOf(ctx context.Context, chains []schemas.Entity, into []schemas.ContactOutcome) (rows []schemas.ContactOutcome, err error) {
	err = k.about(ctx, keysOf(chains), func(ctx context.Context) error {
		// The whole answer is there before its first byte is sent, so that one cut short cannot pass for one of fewer contacts.
		ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"wait_end_of_query": 1}))
		stream, err := k.o.Conn.QueryFormat(ctx, "RowBinary", plain("contacts.sql"))
		if errors.Is(err, clickhouse.ErrFormatNativeUnsupported) {
			return errNative
		}
		if err != nil {
			return err
		}
		rows, err = readContacts(stream, slices.Grow(into[:0], min(2*len(chains), mostAtFirst)))
		return errors.Join(err, stream.Close())
	})
	if errors.Is(err, errNative) {
		rows, err = k.contactsByScan(ctx, chains)
	}
	if err != nil {
		return nil, fmt.Errorf("outcomes: contacts of %d chains: %w", len(chains), err)
	}
	byChain(rows)
	return rows, nil
}

// byChain brings the rows of each chain together, where they are not already.
func byChain(rows []schemas.ContactOutcome) {
	compare := func(a, b *schemas.ContactOutcome) int {
		if a.Tenant != b.Tenant {
			return strings.Compare(a.Tenant, b.Tenant)
		}
		return strings.Compare(a.Chain, b.Chain)
	}
	sorted := true
	for i := 1; i < len(rows) && sorted; i++ {
		sorted = compare(&rows[i-1], &rows[i]) <= 0
	}
	if sorted {
		return
	}
	// Rows are large, so it is their places that are sorted.
	places := make([]int32, len(rows))
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortStableFunc(places, func(a, b int32) int { return compare(&rows[a], &rows[b]) })
	// In place, round by round: a second copy of all rows would be the largest thing that the stage holds.
	for first := range places {
		spare := rows[first]
		for at := first; ; {
			from := int(places[at])
			places[at] = int32(at)
			if from == first {
				rows[at] = spare
				break
			}
			rows[at] = rows[from]
			at = from
		}
	}
}

// errNative is of a connection by ClickHouse's own protocol, which carries blocks alone.
var errNative = errors.New("no rows as bytes over the native protocol")

// contactsByScan is contactsOf over any protocol.
func (k *Keeper) contactsByScan(ctx context.Context, chains []schemas.Entity) ([]schemas.ContactOutcome, error) {
	facts, err := selectWanted[schemas.ContactFact](ctx, k, "contacts.sql", chains)
	if err != nil {
		return nil, err
	}
	rows := make([]schemas.ContactOutcome, len(facts))
	for i := range facts {
		rows[i].ContactFact = facts[i]
	}
	return rows, nil
}

const (
	// readBytes is how much is read at once.
	readBytes = 256 << 10
	// most of one row; ten times what a record may have.
	mostRowBytes = 64 << 20
	// mostAtFirst is how many rows there is room for before it is known how many there are.
	mostAtFirst = 50_000
	// slab is how many numbers that rows point to are allocated at once.
	slab = 1024
)

// readContacts appends rows of contacts.sql, in the format RowBinary, to rows.
func readContacts(from io.Reader, rows []schemas.ContactOutcome) ([]schemas.ContactOutcome, error) {
	d := newContactDecoder()
	buffer := make([]byte, readBytes)
	filled := 0
	for {
		n, err := io.ReadFull(from, buffer[filled:])
		filled += n
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return nil, err
		}
		// One copy, of which all strings of these rows are parts.
		d.text, d.at = string(buffer[:filled]), 0
		done := 0
		for d.at < len(d.text) {
			rows = append(rows, schemas.ContactOutcome{})
			if d.row(&rows[len(rows)-1].ContactFact); d.short {
				rows = rows[:len(rows)-1]
				break
			}
			done = d.at
		}
		d.short = false
		filled = copy(buffer, d.text[done:])
		switch {
		case ended && filled > 0:
			return nil, fmt.Errorf("%d bytes after the last contact: %w", filled, io.ErrUnexpectedEOF)
		case ended:
			return rows, nil
		case filled == len(buffer) && filled >= mostRowBytes:
			return nil, fmt.Errorf("a contact of more than %d bytes", mostRowBytes)
		case filled == len(buffer):
			buffer = append(buffer, make([]byte, len(buffer))...)
		}
	}
}

// contactDecoder reads rows of the format RowBinary: fixed numbers in little endian, text and maps after their length as a varint, a byte before what may be null.
type contactDecoder struct {
	text  string
	at    int
	short bool // the text ended within the row
	// What rows point to.
	yes, no *bool
	micros  []int64
}

func newContactDecoder() *contactDecoder {
	yes, no := true, false
	return &contactDecoder{yes: &yes, no: &no}
}

func (d *contactDecoder) row(f *schemas.ContactFact) {
	f.Tenant, f.Hour, f.Source, f.ID = d.string(), time.Unix(int64(d.uint32()), 0).UTC(), d.string(), d.string()
	f.Revision, f.Payload, f.Retracted = d.uint32(), d.uint64(), d.bool()
	f.OccurredAt = time.UnixMicro(int64(d.uint64())).UTC()
	f.Chain, f.CustomerID, f.Issue, f.CaseID = d.string(), d.string(), d.string(), d.string()
	f.Region, f.OrgUnit, f.Product, f.Service = d.string(), d.string(), d.string(), d.string()
	f.Channel, f.Segment, f.Agent = d.string(), d.string(), d.string()
	f.Labels = d.pairs()
	f.Direction, f.Answered = d.string(), d.bool()
	if f.Resolved = nil; !d.null() {
		if f.Resolved = d.no; d.bool() {
			f.Resolved = d.yes
		}
	}
	f.WaitMicros, f.TalkMicros, f.HoldMicros, f.WrapMicros = d.orNull(), d.orNull(), d.orNull(), d.orNull()
	f.Transferred, f.Superseded = d.bool(), d.bool()
}

// take is the next n bytes; empty where there are fewer.
func (d *contactDecoder) take(n uint64) string {
	if d.short || n > uint64(len(d.text)-d.at) {
		d.short = true
		return ""
	}
	part := d.text[d.at : d.at+int(n)]
	d.at += int(n)
	return part
}

func (d *contactDecoder) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := d.take(1)
		if d.short {
			return 0
		}
		v |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			return v
		}
	}
	d.short = true // no length is that large
	return 0
}

func (d *contactDecoder) string() string { return d.take(d.uvarint()) }

func (d *contactDecoder) uint32() uint32 {
	var b [4]byte
	copy(b[:], d.take(4))
	return binary.LittleEndian.Uint32(b[:])
}

func (d *contactDecoder) uint64() uint64 {
	var b [8]byte
	copy(b[:], d.take(8))
	return binary.LittleEndian.Uint64(b[:])
}

func (d *contactDecoder) bool() bool { return d.take(1) == "\x01" }

// null says whether a value that may be is null.
func (d *contactDecoder) null() bool { return d.take(1) != "\x00" }

func (d *contactDecoder) orNull() *int64 {
	if d.null() {
		return nil
	}
	if len(d.micros) == 0 {
		d.micros = make([]int64, slab)
	}
	v := &d.micros[0]
	*v, d.micros = int64(d.uint64()), d.micros[1:]
	return v
}

func (d *contactDecoder) pairs() map[string]string {
	n := d.uvarint()
	if n == 0 || d.short || n > uint64(len(d.text)-d.at) {
		d.short = d.short || n > 0
		return nil
	}
	m := make(map[string]string, min(n, 64))
	for range n {
		key := d.string()
		m[key] = d.string()
		if d.short {
			return nil
		}
	}
	return m
}
