package clickhouse

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// killGrace is added to the child's own deadline before it is killed.
const killGrace = 3 * time.Second

// runChild runs one child to its end. wasReady tells whether it ever answered. A child that ends after ctx did and without
// an error gives nil.
func (s *Supervisor) runChild(ctx context.Context, listener *os.File) (wasReady bool, err error) {
	p, err := s.start(listener)
	if err != nil {
		return false, err
	}
	defer s.down()

	exited := make(chan struct{})
	go func() {
		defer close(exited)
		p.wait()
	}()
	select {
	case <-exited:
	case <-ctx.Done():
		p.stop()
		select {
		case <-exited:
		case <-time.After(s.o.StopTimeout + killGrace):
			_ = p.cmd.Process.Kill()
			<-exited
			return p.wasReady, fmt.Errorf("embedded ClickHouse did not stop within %s and was killed", s.o.StopTimeout+killGrace)
		}
	}
	if p.failure != "" {
		return p.wasReady, errors.New(p.failure)
	}
	return p.wasReady, p.exit
}

// process is a running child. wasReady, failure and exit may be read when wait has returned.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan error
	pipes sync.WaitGroup

	wasReady bool
	failure  string
	exit     error
}

// start starts the child from a thread of its own that lives as long as the child: the kernel's parent-death signal is
// tied to the thread that forked, and Go ends threads when it likes.
func (s *Supervisor) start(listener *os.File) (*process, error) {
	cmd, err := s.command()
	if err != nil {
		return nil, err
	}
	statusRead, statusWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("status pipe: %w", err)
	}
	stderrRead, stderrWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("log pipe: %w", err), statusRead.Close(), statusWrite.Close())
	}
	cmd.ExtraFiles = []*os.File{listener, statusWrite}
	cmd.Stdout, cmd.Stderr = stderrWrite, stderrWrite
	p := &process{cmd: cmd, done: make(chan error, 1)}
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("stdin of the child: %w", err)
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // not unlocked: the thread ends with this goroutine, after the child
		err := cmd.Start()
		started <- err
		if err == nil {
			p.done <- cmd.Wait()
		}
	}()
	err = <-started
	_, _ = statusWrite.Close(), stderrWrite.Close()
	if err != nil {
		_, _ = statusRead.Close(), stderrRead.Close()
		return nil, fmt.Errorf("start the child: %w", err)
	}
	s.mu.Lock()
	s.pid = cmd.Process.Pid
	s.mu.Unlock()
	p.pipes.Go(func() { s.readStatus(p, statusRead) })
	p.pipes.Go(func() { s.readLog(stderrRead) })
	return p, nil
}

func (s *Supervisor) command() (*exec.Cmd, error) {
	command := s.o.Command
	if len(command) == 0 {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("path of this program: %w", err)
		}
		command = []string{exe}
	}
	options, err := json.Marshal(childOptions{
		DataDir: s.o.DataDir, Library: s.o.Library, MemoryMiB: s.o.MemoryMiB, MaxConnections: s.o.MaxConnections,
		LockWait: s.o.LockWait, StopTimeout: s.o.StopTimeout, LogLevel: s.o.Log.GetLevel().String(),
	})
	if err != nil {
		return nil, fmt.Errorf("options of the child: %w", err)
	}
	cmd := exec.Command(command[0], command[1:]...) //nolint:noctx // the child outlives any context: it is asked to stop, and killed only if it does not
	// The engine reads a config.xml of its working directory, so it gets one of its own.
	cmd.Dir = s.o.DataDir
	cmd.Env = append(childEnviron(), childEnv+"="+string(options))
	cmd.SysProcAttr = childAttributes()
	return cmd, nil
}

// inherited are the variables the child gets of this process: what the loader, the engine and the Go runtime look at.
// Others may hold secrets, which queries could read.
var inherited = []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "GOTRACEBACK", "GORACE", "GOCOVERDIR", "GOMAXPROCS"}

func childEnviron() []string {
	env := []string{"TZ=UTC"}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// stop asks the child to end.
func (p *process) stop() {
	_ = p.stdin.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
}

// wait waits for the child's end and for the last of what it said.
func (p *process) wait() {
	p.exit = <-p.done
	p.pipes.Wait()
	_ = p.stdin.Close()
}

func (s *Supervisor) readStatus(p *process, r *os.File) {
	defer func() { _ = r.Close() }()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), statusError); ok {
			p.failure = text
			continue
		}
		if lines.Text() == statusReady {
			p.wasReady = true
			s.up()
		}
	}
}

func (s *Supervisor) up() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.ready)
	s.metrics.up.Set(1)
	s.o.Log.Info().Str("addr", s.addr).Int("pid", s.pid).Msg("embedded ClickHouse is ready")
}

func (s *Supervisor) down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ready:
		s.ready = make(chan struct{})
	default:
	}
	s.pid = 0
	s.metrics.up.Set(0)
}

// maxLogLine bounds a line of the child's log.
const maxLogLine = 1 << 20

// readLog passes on what the child writes: its own lines with their level, what the engine prints as warnings.
func (s *Supervisor) readLog(r *os.File) {
	defer func() { _ = r.Close() }()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLogLine)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		fields := map[string]any{}
		if json.Unmarshal([]byte(text), &fields) != nil {
			s.o.Log.Warn().Str("output", text).Msg("embedded ClickHouse")
			continue
		}
		level, err := zerolog.ParseLevel(fmt.Sprint(fields[zerolog.LevelFieldName]))
		if err != nil {
			level = zerolog.InfoLevel
		}
		message := fmt.Sprint(fields[zerolog.MessageFieldName])
		delete(fields, zerolog.LevelFieldName)
		delete(fields, zerolog.MessageFieldName)
		s.o.Log.WithLevel(level).Fields(fields).Msg("embedded ClickHouse: " + message)
	}
	_, _ = io.Copy(io.Discard, r) // after a line that is too long: a full pipe would stop the child
}
