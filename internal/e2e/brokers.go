package e2e

import (
	"testing"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
)

// broker is the kind of Kafka that a test runs its systems on.
type broker struct{ real bool }

// onEach runs test as two subtests: on the embedded Kafka and on the real one.
func onEach(t *testing.T, test func(t *testing.T, on broker)) {
	t.Run(kafkatest.OnEmbedded, func(t *testing.T) { test(t, broker{}) })
	t.Run(kafkatest.OnReal, func(t *testing.T) {
		kafkatest.RequireReal(t)
		test(t, broker{real: true})
	})
}

// settings are those of a system on a Kafka that holds nothing yet, together with more. A real one is started for this
// system alone: the names of topics and groups are fixed, so two systems cannot share one.
func (b broker) settings(t testing.TB, more ...string) []string {
	t.Helper()
	if !b.real {
		return more
	}
	return append([]string{"KAFKA_BROKERS=" + kafkatest.StartReal(t).Addr()}, more...)
}

// small is whether a test is to take little time: asked for, or because it is the second time.
func (b broker) small() bool { return b.real || testing.Short() }
