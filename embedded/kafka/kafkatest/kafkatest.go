// Package kafkatest gives tests a Kafka broker: the embedded one, or a real one in a process of its own.
//
// A package whose tests run on both has
//
//	var realKafka kafkatest.Real
//	func TestMain(m *testing.M) { os.Exit(realKafka.Around(m).Run()) }
//
// and a test calls realKafka.Each(t, func(t *testing.T, b kafkatest.Broker) { ... }).
package kafkatest

import (
	"context"
	"os"
	"testing"

	"github.com/rapport-project/rapport/embedded/kafka"
)

// Names of the subtests by broker. The count of tests per broker that CI prints goes by them.
const (
	OnEmbedded = "embedded"
	OnReal     = "real"
)

// External names a running broker, host:port, that Real uses instead of starting one.
const External = "RAPPORT_TEST_KAFKA"

// Broker is what a test runs against.
type Broker struct {
	// Addr where clients connect, host:port.
	Addr string
	// Real is true for Apache Kafka, false for the embedded broker.
	Real bool
	// Foreign is true for a broker that External names: its settings are not ours, and others may use it.
	Foreign bool
}

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

// StartReal runs a real broker with nothing on it until the test ends. A test without an
// installed one is skipped, under CI it fails.
func StartReal(t testing.TB) *Process {
	t.Helper()
	RequireReal(t)
	p, err := startProcess(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("the end of Kafka's log:\n%s", p.logTail())
		}
	})
	return p
}

// RequireReal skips the test where no real broker is installed, and fails it when CI=true.
func RequireReal(t testing.TB) {
	t.Helper()
	if _, err := classPath(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}
