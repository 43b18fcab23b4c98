// Package e2e runs rapport as its users do: the real binary as a child process, fed by an independent Kafka client and by
// HTTP, its figures read from ClickHouse and held against the batch oracle.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rapport-project/rapport/embedded/datadir"
)

// patience bounds every wait; a test that reaches it has failed.
const patience = 3 * time.Minute

// Groups of the consumers, as `rapport` names them.
const (
	GroupEvents      = "rapport-processors"
	GroupDeadLetters = "rapport-dead-letters"
	GroupOutcomes    = "rapport-outcomes"
	GroupRollups     = "rapport-rollups"
)

// System is one `rapport up` with data and ports of its own.
type System struct {
	t       testing.TB
	binary  string
	env     []string
	dir     string
	HTTP    string // http://127.0.0.1:port
	Kafka   string // 127.0.0.1:port
	DSN     string
	cmd     *exec.Cmd
	exited  chan struct{}
	exitErr error
	log     *os.File
}

// New prepares a system over an empty data folder; Up starts it. settings are "NAME=value" without the prefix; KAFKA_BROKERS
// names a broker that is not the embedded one.
func New(t testing.TB, binary string, settings ...string) *System {
	t.Helper()
	s := &System{t: t, binary: binary, dir: t.TempDir()}
	addrs := FreeAddrs(t, 3)
	s.HTTP, s.Kafka, s.DSN = "http://"+addrs[0], addrs[1], "http://"+addrs[2]
	// The developer's own settings are not the test's.
	own := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "RAPPORT_") && !strings.HasPrefix(v, "RAPPORT_LIBCHDB=")
	})
	s.env = append(own, "RAPPORT_HTTP_ADDR="+addrs[0], "RAPPORT_EMBEDDED_KAFKA_ADDR="+addrs[1],
		"RAPPORT_EMBEDDED_CLICKHOUSE_ADDR="+addrs[2], "RAPPORT_DATA_DIR="+filepath.Join(s.dir, "data"), "RAPPORT_LOG_FORMAT=json",
		// The sweeper and the keeper of rolling figures come oftener, so that tests wait less for what only they settle.
		"RAPPORT_ROLLUPS_SWEEP_REST=3", "RAPPORT_OUTCOMES_SWEEP_REST=3", "RAPPORT_ROLLING_REST=1", "RAPPORT_ROLLING_HEAVY_REST=3")
	for _, set := range settings {
		s.env = append(s.env, "RAPPORT_"+set)
		if addr, ok := strings.CutPrefix(set, "KAFKA_BROKERS="); ok {
			s.Kafka = addr
		}
	}
	log, err := os.Create(filepath.Join(s.dir, "rapport.log"))
	if err != nil {
		t.Fatal(err)
	}
	s.log = log
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the end of the system's log:\n%s", s.LogTail(8000))
		}
		_ = log.Close()
		s.deserted()
	})
	return s
}

// Around is what runs elsewhere, on the broker and the database at these addresses, for what this package asks and checks of a system.
func Around(t testing.TB, kafka, dsn string) *System {
	return &System{t: t, dir: t.TempDir(), Kafka: kafka, DSN: dsn}
}

// deserted waits until a killed system's child has let go of its data, which are removed then.
func (s *System) deserted() {
	dir := filepath.Join(s.dir, "data", "clickhouse")
	if _, err := os.Stat(dir); err != nil {
		return
	}
	held, err := datadir.Acquire(context.Background(), dir, patience)
	if err != nil {
		s.t.Error(err)
		return
	}
	_ = held.Release()
}

// FreeAddrs finds ports below those that the system hands out by itself: a killed system comes back to its own ports, which
// nobody else must have taken meanwhile.
func FreeAddrs(t testing.TB, n int) []string {
	t.Helper()
	var out []string
	for len(out) < n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err != nil {
			continue
		}
		defer func() { _ = l.Close() }()
		out = append(out, l.Addr().String())
	}
	return out
}

// Up starts `rapport up` and waits until it accepts events.
func (s *System) Up() {
	s.t.Helper()
	s.Start()
	s.Eventually("ready", func() error { return s.Ready() })
}

// Start starts `rapport up` without waiting.
func (s *System) Start() {
	s.t.Helper()
	s.cmd = exec.Command(s.binary, "up")
	s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = s.env, s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan struct{})
	s.exited = exited
	cmd := s.cmd
	go func() { s.exitErr = cmd.Wait(); close(exited) }()
}

// Command runs another subcommand with the system's settings and returns what it printed.
func (s *System) Command(stdin string, args ...string) (stdout, stderr string, err error) {
	cmd := exec.Command(s.binary, args...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.env, strings.NewReader(stdin), &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// Ready asks whether the system accepts events: nil, or why not. One that has ended fails the test.
func (s *System) Ready() error {
	select {
	case <-s.exited:
		s.t.Fatalf("rapport up ended: %v\n%s", s.exitErr, s.LogTail(4000))
	default:
	}
	resp, err := http.Get(s.HTTP + "/readyz")
	if err != nil {
		return err
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("readyz: %d %s", resp.StatusCode, body)
	}
	return nil
}

// Kill is kill -9 of the process; it returns when it is dead.
func (s *System) Kill() { s.signal(syscall.SIGKILL) }

// Stop asks the process to end and returns how it did.
func (s *System) Stop() error {
	s.signal(syscall.SIGTERM)
	return s.exitErr
}

func (s *System) signal(sig syscall.Signal) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig)
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.exited
		s.t.Errorf("rapport did not end within %s of %s", patience, sig)
	}
	s.cmd = nil
}

// PID of the running process.
func (s *System) PID() int { return s.cmd.Process.Pid }

// ClickHousePID finds the child that runs the embedded ClickHouse; 0 while there is none.
func (s *System) ClickHousePID() int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		// pid (comm) state ppid: comm may hold spaces, so count from its closing bracket.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(s.PID()) {
			return pid
		}
	}
	return 0
}

// LogTail is the end of the system's log.
func (s *System) LogTail(n int64) string {
	b, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, int64(len(b))-n):])
}

// Eventually repeats f until it returns nil.
func (s *System) Eventually(what string, f func() error) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("not %s within %s: %v", what, patience, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
