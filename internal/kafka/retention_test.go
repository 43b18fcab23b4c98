package kafka_test

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

func retention(t *testing.T, cfg kafka.Config) {
	admin, ctx := kafka.NewAdmin(cfg), testContext(t)
	hour, forever := name(t, "hour"), name(t, "forever")
	err := admin.EnsureTopics(ctx, []kafka.TopicSpec{
		{Name: hour, Partitions: 1, Config: map[string]string{"retention.ms": "3600000", "segment.ms": "60000"}},
		{Name: forever, Partitions: 1, Config: map[string]string{"retention.ms": "-1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := admin.Retention(ctx, []string{hour, forever})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[0] != (kafka.Retention{Topic: hour, Keeps: time.Hour, Segment: time.Minute}) || found[1].Keeps >= 0 {
		t.Errorf("found %+v", found)
	}
	if _, err := admin.Retention(ctx, []string{name(t, "nowhere")}); err == nil {
		t.Error("a topic that is not there has a retention")
	}
}
