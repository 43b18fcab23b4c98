package chdb

import (
	"fmt"
	"unsafe"
)

// functions are the entry points of the library used here. Strings are passed as pointer and length, since queries and
// parameters may hold NUL bytes. Results are opaque pointers.
type functions struct {
	version           func() string
	setSignalHandlers func(enabled int32)
	shutdown          func() int32

	connect func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	close   func(conn unsafe.Pointer)

	classify    func(conn unsafe.Pointer, sql unsafe.Pointer, n uintptr, db unsafe.Pointer, dbN uintptr, out unsafe.Pointer) int32
	query       queryFunc
	streamQuery queryFunc
	fetch       func(conn, stream unsafe.Pointer) unsafe.Pointer
	cancel      func(conn, stream unsafe.Pointer)

	insert       queryFunc
	append       func(stream, data unsafe.Pointer, n uintptr) int32
	done         func(stream unsafe.Pointer) unsafe.Pointer
	cancelInsert func(stream unsafe.Pointer)
	insertError  func(stream unsafe.Pointer) string
	destroyInsrt func(stream unsafe.Pointer)

	destroy          func(result unsafe.Pointer)
	buffer           func(result unsafe.Pointer) unsafe.Pointer
	length           func(result unsafe.Pointer) uintptr
	elapsed          func(result unsafe.Pointer) float64
	rows             func(result unsafe.Pointer) uint64
	bytes            func(result unsafe.Pointer) uint64
	storageRowsRead  func(result unsafe.Pointer) uint64
	storageBytesRead func(result unsafe.Pointer) uint64
	rowsWritten      func(result unsafe.Pointer) uint64
	bytesWritten     func(result unsafe.Pointer) uint64
	resultError      func(result unsafe.Pointer) string
}

// queryFunc is the common shape of the calls that start a statement with parameters.
type queryFunc func(conn unsafe.Pointer, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr,
	names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer

// bind looks up every symbol first, so that a wrong library is an error and not a panic.
func (f *functions) bind(handle uintptr) error {
	for _, s := range []struct {
		name string
		fn   any
	}{
		{"chdb_version", &f.version},
		{"chdb_set_signal_handlers_enabled", &f.setSignalHandlers},
		{"chdb_shutdown", &f.shutdown},
		{"chdb_connect", &f.connect},
		{"chdb_close_conn", &f.close},
		{"chdb_classify_query_n", &f.classify},
		{"chdb_query_with_params_n", &f.query},
		{"chdb_stream_query_with_params_n", &f.streamQuery},
		{"chdb_stream_fetch_result", &f.fetch},
		{"chdb_stream_cancel_query", &f.cancel},
		{"chdb_stream_insert_with_params_n", &f.insert},
		{"chdb_stream_append", &f.append},
		{"chdb_stream_done", &f.done},
		{"chdb_stream_cancel_insert", &f.cancelInsert},
		{"chdb_stream_insert_error", &f.insertError},
		{"chdb_destroy_insert_stream", &f.destroyInsrt},
		{"chdb_destroy_query_result", &f.destroy},
		{"chdb_result_buffer", &f.buffer},
		{"chdb_result_length", &f.length},
		{"chdb_result_elapsed", &f.elapsed},
		{"chdb_result_rows_read", &f.rows},
		{"chdb_result_bytes_read", &f.bytes},
		{"chdb_result_storage_rows_read", &f.storageRowsRead},
		{"chdb_result_storage_bytes_read", &f.storageBytesRead},
		{"chdb_result_rows_written", &f.rowsWritten},
		{"chdb_result_bytes_written", &f.bytesWritten},
		{"chdb_result_error", &f.resultError},
	} {
		symbol, err := dlsym(handle, s.name)
		if err != nil {
			return fmt.Errorf("symbol %s: %w", s.name, err)
		}
		registerFunc(s.fn, symbol)
	}
	return nil
}
