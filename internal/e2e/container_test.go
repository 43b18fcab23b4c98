package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rapport-project/rapport/deploy/deploytest"
)

// container is one service.
type container struct {
	t       *testing.T
	name    string
	image   deploytest.Image
	files   []string
	environ []string
	args    []string
	addr    string
	log     *os.File
	since   int64 // where in the log the last start is
	cmd     *exec.Cmd
	exited  chan struct{}
	exitErr error
}

func (c *container) start() {
	c.t.Helper()
	if info, err := c.log.Stat(); err == nil {
		c.since = info.Size()
	}
	cmd, exited := c.image.Command(c.environ, c.args...), make(chan struct{})
	cmd.Stdout, cmd.Stderr = c.log, c.log
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.cmd, c.exited = cmd, exited
	go func() { c.exitErr = cmd.Wait(); close(exited) }()
}

// member says whether the process has been given partitions by all groups of its role since it was started. The embedded broker never ends the session
// of a member that dies before it has been answered; a real one does.
func (c *container) member() error {
	text, err := os.ReadFile(c.log.Name())
	if err != nil {
		return err
	}
	for _, group := range map[string][]string{"process": {GroupEvents, GroupDeadLetters}, "roll": {GroupOutcomes, GroupRollups}}[c.name] {
		joined := false
		for line := range strings.Lines(string(text[min(int(c.since), len(text)):])) {
			joined = joined || strings.Contains(line, `"`+group+`"`) && strings.Contains(line, "joined the consumer group")
		}
		if !joined {
			return fmt.Errorf("not a member of %s yet", group)
		}
	}
	return nil
}

// end signals the process and returns how it ended.
func (c *container) end(sig syscall.Signal) error {
	if c.cmd == nil {
		return nil
	}
	_ = c.cmd.Process.Signal(sig)
	c.wait()
	c.cmd = nil
	return c.exitErr
}

// wait returns when the process has ended, and kills it where it does not by itself.
func (c *container) wait() {
	c.t.Helper()
	select {
	case <-c.exited:
	case <-time.After(patience):
		_ = c.cmd.Process.Kill()
		<-c.exited
		c.t.Errorf("%s did not end within %s", c.name, patience)
	}
}

// healthy is the health check of docker-compose.yml.
func (c *container) healthy() error {
	out, err := c.image.Command(c.environ, "health").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
