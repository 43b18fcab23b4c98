package e2e

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Conn opens the database as a BI tool would.
func (s *System) Conn() driver.Conn {
	s.t.Helper()
	o, err := clickhouse.ParseDSN(s.DSN)
	if err != nil {
		s.t.Fatal(err)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Client is an independent Kafka client on the system's broker.
func (s *System) Client(opts ...kgo.Opt) *kgo.Client {
	s.t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(s.Kafka), kgo.ProducerBatchCompression(kgo.SnappyCompression())}, opts...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

// Drained waits until every record appended so far has been processed: events first, then what they led to.
func (s *System) Drained() {
	s.t.Helper()
	c := s.Client()
	defer c.Close()
	admin := kadm.NewClient(c)
	for _, group := range []string{GroupEvents, GroupDeadLetters, GroupOutcomes, GroupRollups} {
		s.Eventually(group+" without lag", func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			lags, err := admin.Lag(ctx, group)
			if err != nil {
				return err
			}
			l, ok := lags[group]
			if !ok {
				return errors.New("no such group")
			}
			if err := l.Error(); err != nil {
				return err
			}
			if n := l.Lag.Total(); n != 0 || len(l.Lag) == 0 {
				return fmt.Errorf("%d records wait, group is %s", n, l.State)
			}
			return nil
		})
	}
}
