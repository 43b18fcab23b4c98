// Package kafkatest gives tests a Kafka broker: the embedded one, or a real one named by the environment.
package kafkatest

import (
	"context"
	"os"
	"testing"

	"github.com/rapport-project/rapport/embedded/kafka"
)

// Start runs an embedded broker with synchronous writes in a directory of the test, on a free port of 127.0.0.1, until
// the test ends. It returns the address.
func Start(t testing.TB) string {
	t.Helper()
	b := kafka.New(kafka.Options{DataDir: t.TempDir()})
	if err := b.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b.Addr()
}

// Addr returns the broker that RAPPORT_TEST_KAFKA names, or one started for this test. Tests that use it must pick topic
// and group names nobody else has.
func Addr(t testing.TB) string {
	t.Helper()
	if addr := os.Getenv("RAPPORT_TEST_KAFKA"); addr != "" {
		return addr
	}
	return Start(t)
}
