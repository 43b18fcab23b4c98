package chdb

import (
	"runtime"
	"unsafe"
)

// Param is the value of a {name:Type} placeholder, as text in ClickHouse's escaped form.
type Param struct{ Name, Value string }

// Statement is one SQL statement with its default format and its parameters.
type Statement struct {
	SQL string
	// Format is used for output, or for the data of an insert. A FORMAT clause in the SQL wins for output.
	Format string
	Params []Param
}

// Stats are the counters of a finished statement.
type Stats struct {
	ReadRows, ReadBytes       uint64
	WrittenRows, WrittenBytes uint64
	ResultRows, ResultBytes   uint64
	ElapsedSeconds            float64
}

// Add sums counters of the parts of one statement.
func (s *Stats) Add(o Stats) {
	s.ReadRows = max(s.ReadRows, o.ReadRows)
	s.ReadBytes = max(s.ReadBytes, o.ReadBytes)
	s.WrittenRows += o.WrittenRows
	s.WrittenBytes += o.WrittenBytes
	s.ResultRows += o.ResultRows
	s.ResultBytes += o.ResultBytes
	s.ElapsedSeconds += o.ElapsedSeconds
}

// Conn is one session with the engine. It is not safe for concurrent use.
type Conn struct {
	lib    *Library
	handle unsafe.Pointer // pointer to the connection, as chdb_connect returns it
}

// inner is what every call but close takes: the connection the handle points to.
func (c *Conn) inner() unsafe.Pointer { return *(*unsafe.Pointer)(c.handle) }

// Close ends the session. It is safe to call twice.
func (c *Conn) Close() {
	if c.handle == nil {
		return
	}
	c.lib.mu.Lock()
	defer c.lib.mu.Unlock()
	before := saveSignals()
	defer before.restore()
	c.lib.fn.close(c.handle)
	c.handle = nil
}

// Query runs a statement and returns its whole output in memory of the engine: the caller calls Close on the result.
func (c *Conn) Query(s Statement) (*Result, error) {
	return c.result(c.start(c.lib.fn.query, s))
}

// Exec runs a statement whose output is not wanted.
func (c *Conn) Exec(sql string) error {
	r, err := c.Query(Statement{SQL: sql, Format: "Null"})
	if err != nil {
		return err
	}
	r.Close()
	return nil
}

// start passes a statement to one of the calls of the common shape and keeps the Go memory alive until it returns.
func (c *Conn) start(call queryFunc, s Statement) unsafe.Pointer {
	sql, format := []byte(s.SQL), []byte(s.Format)
	n := len(s.Params)
	names, values := make([]*byte, n+1), make([]*byte, n+1)
	nameLens, valueLens := make([]uintptr, n+1), make([]uintptr, n+1)
	for i, p := range s.Params {
		names[i], nameLens[i] = cString(p.Name), uintptr(len(p.Name))
		values[i], valueLens[i] = cString(p.Value), uintptr(len(p.Value))
	}
	result := call(c.inner(),
		unsafe.Pointer(unsafe.SliceData(sql)), uintptr(len(sql)),
		unsafe.Pointer(unsafe.SliceData(format)), uintptr(len(format)),
		unsafe.Pointer(&names[0]), unsafe.Pointer(&nameLens[0]),
		unsafe.Pointer(&values[0]), unsafe.Pointer(&valueLens[0]), uintptr(n))
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	runtime.KeepAlive(names)
	runtime.KeepAlive(nameLens)
	runtime.KeepAlive(values)
	runtime.KeepAlive(valueLens)
	return result
}

// result turns an engine result into a Result or its error, freeing it in the latter case.
func (c *Conn) result(p unsafe.Pointer) (*Result, error) {
	if p == nil {
		return nil, newError("the engine gave no result")
	}
	if text := c.lib.fn.resultError(p); text != "" {
		err := newError(text)
		c.lib.fn.destroy(p)
		return nil, err
	}
	return &Result{lib: c.lib, p: p}, nil
}
