package clickhouse_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// parentEnv makes this binary a parent of its own with the data directory it names, for tests that kill a parent.
const parentEnv = "RAPPORT_TEST_CLICKHOUSE_PARENT"

func TestMain(m *testing.M) {
	clickhousetest.Child()
	if dir := os.Getenv(parentEnv); dir != "" {
		os.Exit(parent(dir))
	}
	goleak.VerifyTestMain(m)
}

// parent runs a supervisor and prints the child's process id and address when it is ready.
func parent(dir string) int {
	s := clickhouse.New(clickhouse.Options{
		Config:  clickhouse.Config{Addr: "127.0.0.1:0", LockWait: 200 * time.Millisecond},
		DataDir: dir, Log: zerolog.Nop(),
	})
	failed := make(chan error, 1)
	go func() { failed <- s.Run(context.Background()) }()
	if err := s.Ready(context.Background()); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println(s.PID(), s.DSN())
	<-failed
	return 0
}
