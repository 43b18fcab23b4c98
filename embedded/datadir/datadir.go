// Package datadir keeps two processes off one data directory: either engine would corrupt what the other writes.
package datadir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// retry is how often a held lock is looked at again.
const retry = 50 * time.Millisecond

// Lock is held on a directory until it is released. The kernel drops it with the process, however that ends.
type Lock struct{ file *os.File }

// Acquire takes the lock of a directory that exists, waiting up to patience for a predecessor that is still going down. The
// error names the directory and the process that holds it.
func Acquire(ctx context.Context, dir string, patience time.Duration) (*Lock, error) {
	path := filepath.Join(dir, "rapport.lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock of the data directory: %w", err)
	}
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(retry)
	defer tick.Stop()
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case !errors.Is(err, unix.EWOULDBLOCK):
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		case !time.Now().Before(deadline):
			return nil, errors.Join(inUse(dir, path, patience), file.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("waiting for %s: %w", path, ctx.Err()), file.Close())
		case <-tick.C:
		}
	}
	l := &Lock{file: file}
	if err := l.sign(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), l.Release())
	}
	return l, nil
}

// sign leaves the process id for whoever finds the directory locked.
func (l *Lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// Release lets the next process in.
func (l *Lock) Release() error { return l.file.Close() }

func inUse(dir, path string, waited time.Duration) error {
	holder := "another process"
	if raw, err := os.ReadFile(path); err == nil {
		if pid := strings.TrimSpace(string(raw)); pid != "" {
			holder = "process " + pid
		}
	}
	return fmt.Errorf("data directory %s is in use by %s; waited %s for it to end", dir, holder, waited)
}
