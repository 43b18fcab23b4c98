package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	embeddedkafka "github.com/rapport-project/rapport/embedded/kafka"
)

// brokerCommand as first argument makes this binary the broker.
const brokerCommand = "broker"

// serveBroker is the broker's process: it tells its address and serves until its parent lets go of its standard input. It is a
// process of its own so that every contender is a client over a socket, and no profile of a contender shows the broker.
func serveBroker(ctx context.Context, dir string, in io.Reader, out io.Writer) error {
	b := embeddedkafka.New(embeddedkafka.Options{
		DataDir: dir, Log: zerolog.New(os.Stderr).Level(zerolog.WarnLevel),
		BrokerConfig: map[string]string{"message.max.bytes": fmt.Sprint(4 << 20)},
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // an interrupt of the terminal is the parent's to act on
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	if err := b.Start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, b.Addr()); err != nil {
		return err
	}
	return b.Run(ctx)
}

// startBroker starts the broker's process; stop ends it.
func startBroker(dir string) (addr string, pid int, stop func() error, err error) {
	exe, err := os.Executable()
	if err != nil {
		return "", 0, nil, fmt.Errorf("own path: %w", err)
	}
	cmd := exec.Command(exe, brokerCommand, filepath.Join(dir, "kafka")) //nolint:noctx // it ends with its standard input
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", 0, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, nil, fmt.Errorf("broker: %w", err)
	}
	stop = func() error {
		_ = in.Close()
		return cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", 0, nil, fmt.Errorf("broker did not start: %w, %w", err, stop())
	}
	return strings.TrimSpace(line), cmd.Process.Pid, stop, nil
}
