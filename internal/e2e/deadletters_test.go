package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

// notYet takes the place of a shipped questionnaire, and is in force in a time to come: until it goes, its responses are refused.
const notYet = `id: rater-5
version: 99
valid_from: 2099-01-01
title: {en: Not yet}
scale: {min: 1, max: 5, normalisation: ratio, levels: {very_satisfied: 5, satisfied: 4, neutral: 3, dissatisfied: 2}}
items:
  - {id: all, text: {en: All in all?}}
`

// status is the exit status of a command's error.
func status(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// says runs a command and checks its exit status and that it says all of parts, on either output.
func (s *System) says(want int, args []string, parts ...string) string {
	s.t.Helper()
	out, errs, err := s.Command("", args...)
	if got := status(err); got != want {
		s.t.Fatalf("rapport %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), got, want, out, errs)
	}
	for _, part := range parts {
		if !strings.Contains(out+errs, part) {
			s.t.Errorf("rapport %s does not say %q:\n%s%s", strings.Join(args, " "), part, out, errs)
		}
	}
	return out
}

// number is one number of the database.
func (s *System) number(query string) (n uint64) {
	s.t.Helper()
	conn := s.Conn()
	defer func() { _ = conn.Close() }()
	if err := conn.QueryRow(context.Background(), query).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// TestRequeueGivesTheFigures: what was refused for a cause that was mended then is in the figures as if it had been taken at once; what is still bad
// stays, and can be emptied.
func TestRequeueGivesTheFigures(t *testing.T) {
	mended := folder(t, configFiles())
	s := New(t, rapport, folder(t, with(configFiles(), map[string]string{"questionnaires/rater-5.yaml": notYet})))
	s.Up()
	events := Generated(t, 21, 400)
	bad := poisons(t, plain, func(k generator.Poison) bool { return k.NoDefaultTenant })
	sent := generator.Mix(events, bad, generator.NewRand(21))
	var records []*kgo.Record
	for _, e := range sent {
		records = append(records, Record(e))
	}
	client := s.Client(kgo.ProducerBatchMaxBytes(4 << 20))
	s.Publish(client, records...)
	client.Close()
	s.Drained()
	refused := int(s.number("SELECT count() FROM rapport.dead_letters"))
	if refused <= len(bad) {
		t.Fatalf("%d refused, of which %d are bad anyway: nothing to mend", refused, len(bad))
	}

	// With the definitions that refused them, none passes.
	s.says(1, []string{"deadletters", "requeue", "--reason", "unknown_questionnaire_version"}, "0 letters requeued", "would be refused again (unknown_questionnaire_version ")

	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "RAPPORT_"+mended)
	s.Up()
	s.says(2, []string{"deadletters", "requeue"}, "which letters?")
	s.says(0, []string{"deadletters", "list", "--count"}, "unknown_questionnaire_version")
	s.says(1, []string{"deadletters", "requeue", "--all", "--dry-run"}, "letters would be requeued (rapport.survey-responses ")
	s.says(1, []string{"deadletters", "requeue", "--all"}, "letters requeued (rapport.survey-responses ", "would be refused again", "the figures stand after")
	requeued := int(s.number("SELECT count() FROM rapport.dead_letters WHERE state = 'requeued' AND requeued_at IS NOT NULL"))
	if requeued != refused-len(bad) {
		t.Errorf("%d requeued, want %d of %d: all but those that are bad for ever", requeued, refused-len(bad), refused)
	}
	s.says(1, []string{"deadletters", "requeue", "--all"}, "0 letters requeued", "were requeued before and are passed over: --again")
	want := Expect(t, events, options(t))
	s.Equals(want)
	s.accounted(t, len(sent)+requeued, refused, want)

	var found []struct{ Place, Reason, Value string }
	if err := json.Unmarshal([]byte(s.says(0, []string{"deadletters", "list", "--format", "json"})), &found); err != nil || len(found) != len(bad) {
		t.Fatalf("%d listed, want the %d that are still bad: %v", len(found), len(bad), err)
	}
	place := found[0].Place
	s.says(0, []string{"deadletters", "show", place}, place, found[0].Reason, "value")
	s.says(1, []string{"deadletters", "show", "rapport.complaints/0/999999"}, "there is no dead letter at rapport.complaints/0/999999")
	s.says(2, []string{"deadletters", "show", "somewhere"}, "want TOPIC/PARTITION/OFFSET")

	s.says(2, []string{"deadletters", "purge", "--all"}, "say --yes")
	s.says(1, []string{"deadletters", "purge", "rapport.complaints/0/999999999", "--yes"}, "there is no dead letter at")
	// 30 days of the topic, and the 7 of a segment.
	s.says(0, []string{"deadletters", "purge", place, "--yes"}, "1 letter purged", "Kafka keeps the records on rapport.dead-letters until "+time.Now().UTC().Add(37*24*time.Hour).Format("2006-01"))
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.says(0, []string{"deadletters", "purge", "--all", "--yes"}, "letters purged") // alone, on engines of its own
	s.Up()
	s.again(schemas.TopicDeadLetters)
	s.Drained()
	for query, want := range map[string]int{
		"SELECT count() FROM rapport.dead_letters WHERE state = 'purged'":                                                    refused,
		"SELECT count() FROM rapport_store.dead_letters WHERE value != '' OR key != '' OR detail != '' OR notEmpty(headers)": 0,
		"SELECT toUInt64(sum(rejected)) FROM rapport.data_quality":                                                           refused,
		"SELECT toUInt64(sum(abs(unexplained))) FROM rapport.data_quality":                                                   0,
		"SELECT count() FROM rapport.dead_letters WHERE reason = '' OR topic = ''":                                           0,
	} {
		if got := s.number(query); int(got) != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	s.Equals(want)
}

// again appends the records of a topic to it once more, as a redelivery would bring them.
func (s *System) again(topic string) {
	s.t.Helper()
	client := s.Client(kgo.ConsumeTopics(topic), kgo.ProducerBatchMaxBytes(4<<20))
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(context.Background(), topic)
	if err != nil {
		s.t.Fatal(err)
	}
	var left int64
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var copies []*kgo.Record
	for int64(len(copies)) < left {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			s.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			copies = append(copies, &kgo.Record{Topic: r.Topic, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp})
		})
	}
	s.Publish(client, copies...)
}
