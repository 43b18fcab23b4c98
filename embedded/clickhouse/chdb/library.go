package chdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"unsafe"
)

// Options say which engine to load and what it may use.
type Options struct {
	// Path is the file name of libchdb.so.
	Path string
	// DataDir is the directory that holds databases. It is created when missing.
	DataDir string
	// Args are further arguments of the form --name=value, given to every connection: server options count for the first
	// connection, settings of queries for each.
	Args []string
}

// Library is the loaded engine.
type Library struct {
	fn   functions
	args []string

	mu sync.Mutex // connect and close touch process-wide state of the engine
}

// Open loads the library; the engine itself starts with the first Connect.
// The signal handlers of the Go runtime are as before when Open returns.
func Open(o Options) (*Library, error) {
	if err := os.MkdirAll(o.DataDir, 0o750); err != nil {
		return nil, fmt.Errorf("data directory of the engine: %w", err)
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data directory of the engine: %w", err)
	}
	before := saveSignals()
	defer before.restore()
	handle, err := dlopen(o.Path)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", o.Path, err)
	}
	lib := &Library{args: append([]string{"clickhouse", "--path=" + dir}, o.Args...)}
	if err := lib.fn.bind(handle); err != nil {
		return nil, fmt.Errorf("library %s is not the pinned version: %w", o.Path, err)
	}
	lib.fn.setSignalHandlers(0)
	return lib, nil
}

// Version returns the release of libchdb, which differs from the ClickHouse version it holds.
func (l *Library) Version() string { return l.fn.version() }

// Connect opens a connection and, for the first one, starts the engine on the data path.
func (l *Library) Connect() (*Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := saveSignals()
	defer before.restore()

	argv := make([]*byte, len(l.args))
	for i, a := range l.args {
		argv[i] = cString(a)
	}
	handle := l.fn.connect(int32(len(argv)), unsafe.Pointer(&argv[0]))
	runtime.KeepAlive(argv)
	if handle == nil {
		return nil, errors.New("the engine refused the connection; its own log on stderr says why")
	}
	return &Conn{lib: l, handle: handle}, nil
}

// Shutdown stops the engine's threads. All connections must be closed; afterwards no connection can be opened.
func (l *Library) Shutdown() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fn.shutdown() != 0 {
		return errors.New("the engine did not stop: a connection is open or a thread still runs")
	}
	return nil
}

// cString returns a NUL-terminated copy of s in Go memory; the caller keeps it alive across the call that uses it.
func cString(s string) *byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return &b[0]
}
