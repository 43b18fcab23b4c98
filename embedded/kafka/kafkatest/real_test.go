package kafkatest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

// victimDir makes the test binary run a broker in that directory until it is killed.
const victimDir = "RAPPORT_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		p, err := startProcess(dir)
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("addr", p.addr)
		select {}
	}
	goleak.VerifyTestMain(m)
}

func TestRealIsThereUntilTheTestEnds(t *testing.T) {
	var addr string
	t.Run("while it runs", func(t *testing.T) {
		addr = StartReal(t).Addr()
		if err := listed(addr); err != nil {
			t.Error(err)
		}
	})
	if addr != "" && listed(addr) == nil {
		t.Error("the broker outlived its test")
	}
}

func listed(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = kadm.NewClient(client).ListBrokers(ctx)
	return err
}

func TestRealDiesWithItsTestBinary(t *testing.T) {
	RequireReal(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var addr string
	if _, err := fmt.Fscanf(out, "addr %s\n", &addr); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for deadline := time.Now().Add(time.Minute); listed(addr) == nil; {
		if time.Now().After(deadline) {
			t.Fatal("the broker outlived a killed test binary")
		}
	}
}
