package datadir_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/embedded/datadir"
)

func TestAHeldDirectoryIsRefusedByName(t *testing.T) {
	dir := t.TempDir()
	held, err := datadir.Acquire(context.Background(), dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	// A second descriptor of this process is as good as another process: the lock belongs to the open file.
	_, err = datadir.Acquire(context.Background(), dir, time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Fatalf("%v does not name directory and holder", err)
	}
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := datadir.Acquire(context.Background(), dir, 0)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestAWaiterGetsTheDirectoryWhenItIsLetGo(t *testing.T) {
	dir := t.TempDir()
	held, err := datadir.Acquire(context.Background(), dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		l, err := datadir.Acquire(context.Background(), dir, time.Minute)
		if err == nil {
			err = l.Release()
		}
		got <- err
	}()
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	held, err := datadir.Acquire(context.Background(), dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Release() }()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := datadir.Acquire(ctx, dir, time.Minute); err == nil {
		t.Fatal("a cancelled wait got the lock")
	}
}

func TestSpace(t *testing.T) {
	free, size := datadir.Space(t.TempDir())
	if !(free > 0 && free <= size) {
		t.Errorf("%v of %v bytes free", free, size)
	}
	if free, size := datadir.Space(filepath.Join(t.TempDir(), "nowhere")); !math.IsNaN(free) || !math.IsNaN(size) {
		t.Errorf("%v of %v bytes free where there is nothing", free, size)
	}
}
