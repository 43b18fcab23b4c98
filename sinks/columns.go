package sinks

import (
	"encoding/binary"
	"time"
)

// table is how rows of type R become a block of ClickHouse's Native format.
type table[R any] struct {
	name    string
	columns []column[R]
}

// column is one column of a block. Types are those of the table without LowCardinality: the server makes the dictionaries, as
// here every value would have to be hashed for them.
type column[R any] struct {
	name string
	typ  string
	// streams is how many runs of bytes the column is, one after the other: the values of a String are one, an array has its
	// offsets before those of its elements.
	streams int
	// add appends rows to the column's streams. It keeps nothing of the rows, and allocates nothing beyond the streams.
	add func(to [][]byte, rows []R)
}

// putter appends one value of fixed width.
type putter[T any] func(to []byte, v T) []byte

func text[R any](name string, get func(*R) string) column[R] {
	return column[R]{name: name, typ: "String", streams: 1, add: func(to [][]byte, rows []R) {
		b := to[0]
		for i := range rows {
			b = putText(b, get(&rows[i]))
		}
		to[0] = b
	}}
}

func value[R, T any](name, typ string, put putter[T], get func(*R) T) column[R] {
	return column[R]{name: name, typ: typ, streams: 1, add: func(to [][]byte, rows []R) {
		b := to[0]
		for i := range rows {
			b = put(b, get(&rows[i]))
		}
		to[0] = b
	}}
}

// optional is a Nullable column: what is NULL, then the values, zero where there is none.
func optional[R, T any](name, typ string, put putter[T], get func(*R) *T) column[R] {
	return column[R]{name: name, typ: "Nullable(" + typ + ")", streams: 2, add: func(to [][]byte, rows []R) {
		nulls, b := to[0], to[1]
		for i := range rows {
			nulls, b = putOptional(nulls, b, put, get(&rows[i]))
		}
		to[0], to[1] = nulls, b
	}}
}

// list is an Array column: the end of each row's array among the elements of all rows, then the elements.
func list[R, T any](name, typ string, put putter[T], get func(*R) []T) column[R] {
	return column[R]{name: name, typ: "Array(" + typ + ")", streams: 2, add: func(to [][]byte, rows []R) {
		ends, b := to[0], to[1]
		end := lastEnd(ends)
		for i := range rows {
			values := get(&rows[i])
			end += uint64(len(values))
			ends = putUint64(ends, end)
			for _, v := range values {
				b = put(b, v)
			}
		}
		to[0], to[1] = ends, b
	}}
}

func optionals[R, T any](name, typ string, put putter[T], get func(*R) []*T) column[R] {
	return column[R]{name: name, typ: "Array(Nullable(" + typ + "))", streams: 3, add: func(to [][]byte, rows []R) {
		ends, nulls, b := to[0], to[1], to[2]
		end := lastEnd(ends)
		for i := range rows {
			values := get(&rows[i])
			end += uint64(len(values))
			ends = putUint64(ends, end)
			for _, v := range values {
				nulls, b = putOptional(nulls, b, put, v)
			}
		}
		to[0], to[1], to[2] = ends, nulls, b
	}}
}

func lists[R any](name string, get func(*R) [][]string) column[R] {
	return column[R]{name: name, typ: "Array(Array(String))", streams: 3, add: func(to [][]byte, rows []R) {
		ends, inner, b := to[0], to[1], to[2]
		end, innerEnd := lastEnd(ends), lastEnd(inner)
		for i := range rows {
			values := get(&rows[i])
			end += uint64(len(values))
			ends = putUint64(ends, end)
			for _, v := range values {
				innerEnd += uint64(len(v))
				inner = putUint64(inner, innerEnd)
				for _, s := range v {
					b = putText(b, s)
				}
			}
		}
		to[0], to[1], to[2] = ends, inner, b
	}}
}

// pairs is a Map column, which is laid out as an array of keys and one of values with common ends.
func pairs[R any](name string, get func(*R) map[string]string) column[R] {
	return column[R]{name: name, typ: "Map(String, String)", streams: 3, add: func(to [][]byte, rows []R) {
		ends, keys, values := to[0], to[1], to[2]
		end := lastEnd(ends)
		for i := range rows {
			m := get(&rows[i])
			end += uint64(len(m))
			ends = putUint64(ends, end)
			for k, v := range m {
				keys, values = putText(keys, k), putText(values, v)
			}
		}
		to[0], to[1], to[2] = ends, keys, values
	}}
}

// seconds, milliseconds and micros are times of UTC at the precision of their column.
func seconds[R any](name string, get func(*R) time.Time) column[R] {
	return value(name, "DateTime('UTC')", putSeconds, get)
}

func milliseconds[R any](name string, get func(*R) time.Time) column[R] {
	return value(name, "DateTime64(3, 'UTC')", putMillis, get)
}

const typeMicros = "DateTime64(6, 'UTC')"

func micros[R any](name string, get func(*R) time.Time) column[R] {
	return value(name, typeMicros, putMicros, get)
}

// lastEnd is the number of elements that a stream of ends counts so far.
func lastEnd(ends []byte) uint64 {
	if len(ends) == 0 {
		return 0
	}
	return binary.LittleEndian.Uint64(ends[len(ends)-8:])
}

func putText[S ~string](to []byte, s S) []byte {
	if len(s) < 1<<7 { // most are, and this much of a varint is inlined
		to = append(to, byte(len(s)))
	} else {
		to = binary.AppendUvarint(to, uint64(len(s)))
	}
	return append(to, s...)
}

func putOptional[T any](nulls, to []byte, put putter[T], v *T) ([]byte, []byte) {
	if v == nil {
		var none T
		return append(nulls, 1), put(to, none)
	}
	return append(nulls, 0), put(to, *v)
}

func putBool(to []byte, v bool) []byte {
	if v {
		return append(to, 1)
	}
	return append(to, 0)
}

func putInt8(to []byte, v int8) []byte     { return append(to, byte(v)) }
func putInt16(to []byte, v int16) []byte   { return binary.LittleEndian.AppendUint16(to, uint16(v)) }
func putUint16(to []byte, v uint16) []byte { return binary.LittleEndian.AppendUint16(to, v) }
func putInt32(to []byte, v int32) []byte   { return binary.LittleEndian.AppendUint32(to, uint32(v)) }
func putUint32(to []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(to, v) }
func putInt64(to []byte, v int64) []byte   { return binary.LittleEndian.AppendUint64(to, uint64(v)) }
func putUint64(to []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(to, v) }

// Go's zero time, which lies before what ClickHouse can hold, is 1970.
func putSeconds(to []byte, t time.Time) []byte {
	if t.IsZero() {
		return putUint32(to, 0)
	}
	return putUint32(to, uint32(t.Unix()))
}

func putMillis(to []byte, t time.Time) []byte {
	if t.IsZero() {
		return putInt64(to, 0)
	}
	return putInt64(to, t.UnixMilli())
}

func putMicros(to []byte, t time.Time) []byte {
	if t.IsZero() {
		return putInt64(to, 0)
	}
	return putInt64(to, t.UnixMicro())
}
