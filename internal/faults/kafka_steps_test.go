package faults

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/schemas"
)

// eventTopics are those that hold events.
var eventTopics = []string{schemas.TopicSurveyResponses, schemas.TopicComplaints, schemas.TopicServiceEvents}

// kafkaStep is something that a member asks of Kafka.
type kafkaStep struct {
	name  string
	match func(kafkaproxy.Request) bool
}

func kafkaSteps() []kafkaStep {
	return []kafkaStep{
		{"ingest's produce", producesTo(eventTopics...)},
		{"produce of dead letters", producesTo(schemas.TopicDeadLetters)},
		{"produce of marks of entities", producesTo(schemas.TopicStaleEntities)},
		{"produce of marks of days", producesTo(schemas.TopicStaleDays)},
		{"commit of events", commitsOf(e2e.GroupEvents)},
		{"commit of dead letters", commitsOf(e2e.GroupDeadLetters)},
		{"commit of marks of entities", commitsOf(e2e.GroupOutcomes)},
		{"commit of marks of days", commitsOf(e2e.GroupRollups)},
	}
}

// TestKillAtEachKafkaStep: a member dies at each request that it makes of Kafka, before the broker sees it, when its answer is lost, and when it is answered.
func TestKillAtEachKafkaStep(t *testing.T) { OnEach(t, killAtEachKafkaStep) }

func killAtEachKafkaStep(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "kill -9 of a process at each request to Kafka: before it, done with the answer lost, answered", Binary: rapport, On: on,
		HTTP: true, Poison: 2, Endless: true, Pace: 150 * time.Millisecond,
	})
	type at struct {
		kafkaStep
		moment
	}
	var points []at
	for _, s := range kafkaSteps() {
		for _, m := range []moment{unseen, unanswered, answered} {
			points = append(points, at{s, m})
		}
	}
	x.rng.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	if partly() {
		points = points[:6]
	}
	if partly() && on.Real {
		points = points[:3]
	}
	for _, p := range points {
		t.Logf("%s: %s", p.name, p.moment)
		x.killAt(x.Members[0], p.name, p.moment, p.match)
	}
	x.Finish()
	if x.fetched.again() == 0 {
		t.Error("nothing was delivered again")
	}
}
