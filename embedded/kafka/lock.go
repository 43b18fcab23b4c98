package kafka

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

// dirLock keeps a second process away from a data directory. The kernel drops it with the process, however that ends.
type dirLock struct{ file *os.File }

// lockDir takes the lock, waiting for a predecessor that is still going down.
func lockDir(ctx context.Context, dir string, patience time.Duration) (*dirLock, error) {
	path := filepath.Join(dir, "rapport.lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("embedded kafka: lock: %w", err)
	}
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(50 * time.Millisecond)
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
			return nil, errors.Join(fmt.Errorf("embedded kafka: lock %s: %w", path, err), file.Close())
		case !time.Now().Before(deadline):
			return nil, errors.Join(inUse(dir, path), file.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("embedded kafka: waiting for %s: %w", path, ctx.Err()), file.Close())
		case <-tick.C:
		}
	}
	lock := &dirLock{file: file}
	if err := lock.sign(); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded kafka: lock %s: %w", path, err), lock.release())
	}
	return lock, nil
}

// sign leaves the process id for whoever finds the directory locked.
func (l *dirLock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func (l *dirLock) release() error { return l.file.Close() }

func inUse(dir, path string) error {
	holder := "another process"
	if raw, err := os.ReadFile(path); err == nil {
		if pid := strings.TrimSpace(string(raw)); pid != "" {
			holder = "process " + pid
		}
	}
	return fmt.Errorf("embedded kafka: data directory %s is in use by %s", dir, holder)
}
