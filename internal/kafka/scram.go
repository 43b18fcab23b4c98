package kafka

import (
	"context"

	"github.com/segmentio/kafka-go/sasl"
	franzsasl "github.com/twmb/franz-go/pkg/sasl"
)

// scramLogin lends franz-go's SCRAM to kafka-go, whose own would bring in three more modules.
type scramLogin struct{ franzsasl.Mechanism }

// Start implements sasl.Mechanism.
func (m scramLogin) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	host := ""
	if meta := sasl.MetadataFromContext(ctx); meta != nil {
		host = meta.Host
	}
	session, first, err := m.Authenticate(ctx, host)
	if err != nil {
		return nil, nil, err
	}
	return scramSession{session}, first, nil
}

type scramSession struct{ franzsasl.Session }

// Next implements sasl.StateMachine.
func (s scramSession) Next(_ context.Context, challenge []byte) (bool, []byte, error) {
	return s.Challenge(challenge)
}
