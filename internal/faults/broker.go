package faults

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/e2e"
)

// Broker is a Kafka in a process of its own: the embedded one or Apache's.
type Broker interface {
	// Addr where clients connect, host:port; a broker that comes back has the same.
	Addr() string
	// Kill is kill -9; it returns when the process has ended.
	Kill()
	// Start starts a broker that was killed again, and returns when it answers.
	Start() error
}

// On is the kind of Kafka that a trial runs on.
type On struct{ Real bool }

func (o On) String() string {
	if o.Real {
		return kafkatest.OnReal
	}
	return kafkatest.OnEmbedded
}

// OnEach runs test as two subtests: on the embedded Kafka and on the real one.
func OnEach(t *testing.T, test func(t *testing.T, on On)) {
	t.Run(kafkatest.OnEmbedded, func(t *testing.T) { test(t, On{}) })
	t.Run(kafkatest.OnReal, func(t *testing.T) {
		kafkatest.RequireReal(t)
		test(t, On{Real: true})
	})
}

// startBroker starts a broker; dir is the embedded one's data folder, or empty for a temporary one.
func startBroker(t testing.TB, on On, dir string) Broker {
	t.Helper()
	if on.Real {
		return kafkatest.StartReal(t)
	}
	if dir == "" {
		dir = t.TempDir()
	}
	b := &child{addr: e2e.FreeAddrs(t, 1)[0], dir: dir}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Kill)
	return b
}

// What makes a test binary a broker: its address, and its data folder.
const (
	brokerAddr = "RAPPORT_FAULTS_BROKER"
	brokerData = "RAPPORT_FAULTS_BROKER_DATA"
)

// Child runs a broker and exits when the process was started to be one; else it returns. It is for TestMain.
func Child() {
	addr := os.Getenv(brokerAddr)
	if addr == "" {
		return
	}
	b := kafka.New(kafka.Options{
		Addr: addr, DataDir: os.Getenv(brokerData), Log: zerolog.New(os.Stderr).Level(zerolog.WarnLevel),
		BrokerConfig: map[string]string{"message.max.bytes": fmt.Sprint(4 << 20)},
	})
	if err := b.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // until whoever started it is gone
	os.Exit(0)
}

// child is the embedded broker in a process of its own.
type child struct {
	addr, dir string
	cmd       *exec.Cmd
	alive     io.Closer
}

func (b *child) Addr() string { return b.addr }

func (b *child) Start() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), brokerAddr+"="+b.addr, brokerData+"="+b.dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	b.cmd, b.alive = cmd, stdin
	var line [6]byte
	if _, err := io.ReadFull(stdout, line[:]); err != nil {
		return fmt.Errorf("the broker did not start: %w", err)
	}
	return nil
}

func (b *child) Kill() {
	if b.cmd == nil {
		return
	}
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait() // it was killed, so it never ends well
	_ = b.alive.Close()
	b.cmd = nil
}
