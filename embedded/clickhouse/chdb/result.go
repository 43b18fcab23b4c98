package chdb

import "unsafe"

// Result is output in memory of the engine.
type Result struct {
	lib *Library
	p   unsafe.Pointer
}

// Bytes returns the output without a copy; it is valid until Close.
func (r *Result) Bytes() []byte {
	n := r.lib.fn.length(r.p)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(r.lib.fn.buffer(r.p)), n)
}

// Stats returns the counters of the statement.
func (r *Result) Stats() Stats {
	f := &r.lib.fn
	return Stats{
		ReadRows: f.storageRowsRead(r.p), ReadBytes: f.storageBytesRead(r.p),
		WrittenRows: f.rowsWritten(r.p), WrittenBytes: f.bytesWritten(r.p),
		ResultRows: f.rows(r.p), ResultBytes: f.bytes(r.p),
		ElapsedSeconds: f.elapsed(r.p),
	}
}

// Close frees the memory. It is safe to call twice.
func (r *Result) Close() {
	if r.p != nil {
		r.lib.fn.destroy(r.p)
		r.p = nil
	}
}
