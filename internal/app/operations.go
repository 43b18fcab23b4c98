package app

import (
	"context"
	"time"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
)

// EventTopics are where the events of the contract are.
func EventTopics() []string { return eventTopics() }

// Letters are the refused records.
func (s *System) Letters() (*deadletters.Store, error) {
	conn, err := s.Conn()
	if err != nil {
		return nil, err
	}
	return deadletters.NewStore(conn).Defaulting(s.Config.DefaultTenant), nil
}

// definitions reads those of this process, which need not be those of the running one.
func (s *System) definitions() (*Definitions, error) {
	if s.parts.defs == nil {
		defs, err := s.Config.Definitions()
		if err != nil {
			return nil, err
		}
		s.parts.defs = defs
	}
	return s.parts.defs, nil
}

// Judge says what the definitions of this process make of a record.
func (s *System) Judge() (func(kafka.Message) pipeline.Judgement, error) {
	defs, err := s.definitions()
	if err != nil {
		return nil, err
	}
	return func(m kafka.Message) pipeline.Judgement { return pipeline.Judge(m, defs.Processors, defs.Parse) }, nil
}

// KafkaKeeps says until when at the latest Kafka keeps the records of a topic that are not newer than an instant; zero where it keeps them for ever.
func (s *System) KafkaKeeps(ctx context.Context, topic string, newest time.Time) (time.Time, error) {
	retention, err := s.parts.admin().Retention(ctx, []string{topic})
	if err != nil {
		return time.Time{}, err
	}
	return retention[0].Until(newest), nil
}

// LettersSettled waits until the dead letters that are on Kafka now are stored.
func (s *System) LettersSettled(ctx context.Context) error {
	return s.workedOff(ctx, GroupDeadLetters, schemas.TopicDeadLetters)
}

// RefusedSince says how many letters came since an instant.
func (s *System) RefusedSince(ctx context.Context, at time.Time) (n uint64, err error) {
	letters, err := s.Letters()
	if err != nil {
		return 0, err
	}
	counts, err := letters.Counts(ctx, deadletters.Filter{Since: at, State: deadletters.Open})
	for _, c := range counts {
		n += c.N
	}
	return n, err
}
