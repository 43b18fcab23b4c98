package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// startTimeout is how long a broker may take to answer on a busy machine.
const startTimeout = 90 * time.Second

// Process is one Kafka: broker and controller in one Java process.
type Process struct {
	addr    string
	command []string
	log     string
	cmd     *exec.Cmd
	done    chan struct{} // closed when it has ended
}

// Addr is where clients connect, host:port.
func (p *Process) Addr() string { return p.addr }

// classPath finds the installed broker below the root of the repository.
func classPath() (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", fmt.Errorf("real Kafka: no Java; install one of 17 or newer, then run `make test-kafka`")
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("real Kafka: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("real Kafka: not run from within the repository")
		}
		dir = filepath.Dir(dir)
	}
	jars := filepath.Join(dir, ".build", "kafka")
	if _, err := os.Stat(filepath.Join(jars, "installed")); err != nil {
		return "", errors.New("real Kafka: not installed; run `make test-kafka`")
	}
	return filepath.Join(jars, "*"), nil
}

// Version of the installed real broker; empty where none is.
func Version() string {
	jars, err := classPath()
	if err != nil {
		return ""
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(jars), "kafka-clients-*.jar"))
	if err != nil || len(found) != 1 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), "kafka-clients-"), ".jar")
}

// startProcess starts a broker on an empty directory and returns when it answers.
func startProcess(dir string) (*Process, error) {
	jars, err := classPath()
	if err != nil {
		return nil, err
	}
	var last error
	// Ports found free may be taken before Java binds them.
	for attempt := range 3 {
		p, err := startOnce(jars, filepath.Join(dir, fmt.Sprint(attempt)))
		if err == nil {
			return p, nil
		}
		last = err
	}
	return nil, last
}

func startOnce(jars, dir string) (*Process, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("real Kafka: %w", err)
	}
	broker, controller, err := freeAddrs()
	if err != nil {
		return nil, fmt.Errorf("real Kafka: %w", err)
	}
	settings := filepath.Join(dir, "server.properties")
	if err := os.WriteFile(settings, []byte(properties(broker, controller, filepath.Join(dir, "data"))), 0o600); err != nil {
		return nil, fmt.Errorf("real Kafka: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	// Any id of a cluster will do.
	format := exec.CommandContext(ctx, "java", append(javaFlags("64m", jars), "kafka.tools.StorageTool", "format", "-t", "cmFwcG9ydC10ZXN0cy0wMQ", "-c", settings)...)
	if out, err := format.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("real Kafka: format its storage: %w\n%s", err, out)
	}
	p := &Process{
		addr: broker, log: filepath.Join(dir, "kafka.log"),
		command: append(javaFlags("512m", jars), "kafka.Kafka", settings),
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	return p, nil
}

func javaFlags(heap, jars string) []string {
	// The quick compiler alone: these brokers live for seconds.
	return []string{"-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", jars}
}

// Start starts a broker that was killed again, on its data and address, and returns when it answers.
func (p *Process) Start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := p.spawn(); err != nil {
		return fmt.Errorf("real Kafka: %w", err)
	}
	if err := p.ready(ctx); err != nil {
		p.Kill()
		return fmt.Errorf("real Kafka: did not start: %w\n%s", err, p.logTail())
	}
	return nil
}

// spawn runs the command from a thread that lives as long as it does: the kernel's parent-death signal is that thread's.
func (p *Process) spawn() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	// It outlives the wait for it to answer: Kill ends it.
	cmd, done := exec.CommandContext(context.Background(), "java", p.command...), make(chan struct{})
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = out, out, attributes()
	p.cmd, p.done = cmd, done
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // not unlocked: the thread ends with this goroutine, after the broker
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is killed, so it never ends well
			close(done)
		}
	}()
	return <-started
}

// ready waits until the broker answers, which a real one does only once it may lead partitions.
func (p *Process) ready(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(p.addr))
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		once, cancel := context.WithTimeout(ctx, time.Second)
		brokers, err := kadm.NewClient(client).ListBrokers(once)
		cancel()
		if err == nil && len(brokers) == 1 {
			return nil
		}
		select {
		case <-p.done:
			return errors.New("it ended")
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s: %w", startTimeout, errors.Join(err, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill is kill -9 of the broker; it returns when it has ended. It may be called twice.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

func (p *Process) logTail() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-8000):])
}

// freeAddrs finds two free ports below those that the system hands out by itself.
func freeAddrs() (first, second string, err error) {
	var found []string
	for range 1000 {
		var l net.Listener
		if l, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000))); err != nil {
			continue
		}
		defer func() { _ = l.Close() }()
		if found = append(found, l.Addr().String()); len(found) == 2 {
			return found[0], found[1], nil
		}
	}
	return "", "", err
}
