package chdb

import (
	"runtime"
	"unsafe"
)

// Insert is an INSERT whose data is appended in parts. While it is open the connection runs nothing else.
type Insert struct {
	conn *Conn
	p    unsafe.Pointer
}

// Insert starts an INSERT. The SQL has neither FORMAT clause nor data; Format is the format of the data appended.
func (c *Conn) Insert(s Statement) (*Insert, error) {
	i := &Insert{conn: c, p: c.start(c.lib.fn.insert, s)}
	if err := i.failure(); err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

// Append hands over bytes of the data, cut anywhere; it waits while the engine is behind. The engine copies data.
func (i *Insert) Append(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	state := i.conn.lib.fn.append(i.p, unsafe.Pointer(&data[0]), uintptr(len(data)))
	runtime.KeepAlive(data)
	if state != 0 {
		if err := i.failure(); err != nil {
			return err
		}
		return newError("the engine refused data of the insert")
	}
	return nil
}

// Done ends the data and waits until the rows are stored.
func (i *Insert) Done() (Stats, error) {
	r, err := i.conn.result(i.conn.lib.fn.done(i.p))
	if err != nil {
		return Stats{}, err
	}
	defer r.Close()
	return r.Stats(), nil
}

// Cancel gives up: rows of blocks already written stay, as in ClickHouse.
func (i *Insert) Cancel() { i.conn.lib.fn.cancelInsert(i.p) }

// Close frees the insert; one that was not done is cancelled.
func (i *Insert) Close() {
	if i.p != nil {
		i.conn.lib.fn.destroyInsrt(i.p)
		i.p = nil
	}
}

func (i *Insert) failure() error {
	if text := i.conn.lib.fn.insertError(i.p); text != "" {
		return newError(text)
	}
	return nil
}
