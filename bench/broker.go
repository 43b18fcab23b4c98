package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/bench/events"
	embeddedkafka "github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/internal/kafka"
)

// brokerCommand as first argument makes this binary the broker.
const brokerCommand = "broker"

// broker is one that runs, and what it holds.
type broker struct {
	kafka kafka.Config
	admin *kadm.Client
	pid   int
	// feed is what its topic of events holds, of eventBytes each on average; the zero value where nothing was published yet.
	feed       events.Feed
	eventBytes int
	digest     uint64 // of what the first contender stored of the feed; the others must have stored the same

	client *kgo.Client
	end    func() error
}

// serveBroker is the broker's process: it tells its address and serves until its parent lets go of its standard input. It is a
// process of its own so that every contender is a client over a socket, and no profile of a contender shows the broker.
func serveBroker(ctx context.Context, dir string, in io.Reader, out io.Writer) error {
	b := embeddedkafka.New(embeddedkafka.Options{
		DataDir: dir, Log: zerolog.New(os.Stderr).Level(zerolog.WarnLevel),
		BrokerConfig: map[string]string{"message.max.bytes": fmt.Sprint(4 << 20)},
	})
	ctx, stop := untilEOF(ctx, in)
	defer stop()
	if err := b.Start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, b.Addr()); err != nil {
		return err
	}
	return b.Run(ctx)
}

// untilEOF is a context that ends when the parent lets go of the standard input: an interrupt of the terminal is the parent's to act on.
func untilEOF(ctx context.Context, in io.Reader) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	return ctx, stop
}

// process is a child that runs this binary.
type process struct {
	pid  int
	told <-chan string // its first line, closed when it ended
	stop func() error
}

// start runs this binary as something else; what it tells on its first line is its address.
func start(environ []string, args ...string) (process, error) {
	exe, err := os.Executable()
	if err != nil {
		return process{}, fmt.Errorf("own path: %w", err)
	}
	cmd := exec.Command(exe, args...) //nolint:noctx,gosec // it ends with its standard input, and is this binary
	cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), environ...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return process{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return process{}, err
	}
	if err := cmd.Start(); err != nil {
		return process{}, fmt.Errorf("%s: %w", args[0], err)
	}
	told, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		defer close(told)
		lines := bufio.NewReader(out)
		if line, err := lines.ReadString('\n'); err == nil {
			told <- strings.TrimSpace(line)
		}
		_, _ = io.Copy(io.Discard, lines)
	}()
	return process{pid: cmd.Process.Pid, told: told, stop: func() error {
		_ = in.Close()
		<-read // all of its output, before Wait closes the pipe
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		return nil
	}}, nil
}

// address is what the child told, once it has.
func (p process) address(ctx context.Context) (string, error) {
	select {
	case addr, ok := <-p.told:
		if !ok {
			return "", errors.New("a child ended before it was up")
		}
		return addr, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// newBroker starts a broker over an empty folder, with rapport's topics.
func (b *bench) newBroker(ctx context.Context, name string) (k *broker, err error) {
	dir := filepath.Join(b.o.dir, "kafka-"+name)
	p, err := start(nil, brokerCommand, dir)
	if err != nil {
		return nil, err
	}
	b.note(p.pid, isBroker)
	k = &broker{pid: p.pid, end: func() error { return errors.Join(p.stop(), os.RemoveAll(dir)) }}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.close())
		}
	}()
	addr, err := p.address(ctx)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	k.kafka = kafka.Config{Brokers: []string{addr}, ClientID: "bench"}
	if k.client, err = kgo.NewClient(kgo.SeedBrokers(addr)); err != nil {
		return nil, err
	}
	k.admin = kadm.NewClient(k.client)
	return k, kafka.NewAdmin(k.kafka).EnsureTopics(ctx, b.topics)
}

func (k *broker) close() error {
	if k.client != nil {
		k.client.Close()
	}
	return k.end()
}
