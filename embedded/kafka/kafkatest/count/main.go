// Command count runs `go test` with its arguments, prints what that prints, and then how many tests passed on each kind of
// Kafka broker. With CI=true it fails when none passed on the real one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	code, err := run(context.Background(), os.Args[1:], os.Getenv("CI") == "true", os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "count:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string, ci bool, out io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	passed, err := relay(events, out)
	if err != nil {
		return 1, errors.Join(err, cmd.Wait())
	}
	if err := cmd.Wait(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return max(1, exit.ExitCode()), nil
		}
		return 1, err
	}
	if _, err := fmt.Fprintln(out, passed); err != nil {
		return 1, err
	}
	if ci && passed.real == 0 {
		return 1, errors.New("no test ran on the real Kafka")
	}
	return 0, nil
}
