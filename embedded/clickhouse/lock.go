package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lockName  = "rapport.lock"
	lockRetry = 50 * time.Millisecond
)

// lock is held on a data directory as long as its file is open: the system lets go of it when the process ends, however.
type lock struct{ file *os.File }

// acquireLock waits up to wait for another process to let go of the directory.
func acquireLock(ctx context.Context, dir string, wait time.Duration) (*lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock of the data directory: %w", err)
	}
	deadline := time.Now().Add(wait)
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			_ = file.Close()
			return nil, fmt.Errorf("lock of the data directory %s: %w", dir, err)
		}
		if time.Now().After(deadline) {
			holder := readHolder(file.Name())
			_ = file.Close()
			return nil, fmt.Errorf("data directory %s is in use by process %s; waited %s for it to end", dir, holder, wait)
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, ctx.Err()
		case <-time.After(lockRetry):
		}
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintf(file, "%d\n", os.Getpid())
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("write the lock of the data directory %s: %w", dir, err)
	}
	return &lock{file}, nil
}

func (l *lock) release() error { return l.file.Close() }

func readHolder(path string) string {
	text, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(text)) == "" {
		return "(unknown)"
	}
	return strings.TrimSpace(string(text))
}
