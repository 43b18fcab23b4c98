package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

// TestReplayRestoresWhatWasLost: facts that were deleted by hand come back with the oracle's figures to the bit, what changed is said, and a second replay, with
// a running system or alone, changes nothing. What was refused and is good now is accepted, and the accounting holds.
func TestReplayRestoresWhatWasLost(t *testing.T) {
	mended := folder(t, configFiles())
	s := New(t, rapport, folder(t, with(configFiles(), map[string]string{"questionnaires/rater-5.yaml": notYet})), "ROLLUPS_SWEEP_PAUSE=24h", "OUTCOMES_SWEEP_PAUSE=24h")
	s.Up()
	rates := generator.DefaultRates()
	rates.MovedTimes, rates.MovedKeys = 0, 0 // which only a sweeper can settle
	var events []generator.Event
	for _, e := range generate(t, generator.Config{Seed: 41, Tenants: []string{plain, kathmandu, newYork}, Rates: &rates, Service: serviceShare, Customers: 50}, 300) {
		if !withoutKeys(e) {
			events = append(events, e)
		}
	}
	want := Expect(t, events, options(t))
	s.publishRuns(events, 1, 41)
	refused := int(s.number("SELECT count() FROM rapport.dead_letters"))
	if refused == 0 {
		t.Fatal("nothing was refused: nothing to take later")
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "RAPPORT_"+mended)
	s.Up()
	replay := func(topic string, args ...string) []string {
		return append([]string{"replay", "--topic", topic}, args...)
	}
	s.says(2, replay("rapport.metrics", "--all"), "is none of")
	s.says(2, replay(schemas.TopicSurveyResponses), "from where?")

	s.says(0, replay(schemas.TopicSurveyResponses, "--all", "--dry-run"), fmt.Sprintf("%d were refused or late before and are accepted now", refused), "would be computed again")
	if n := s.number("SELECT count() FROM rapport.dead_letters WHERE state != 'open'"); n != 0 {
		t.Errorf("a dry run changed %d letters", n)
	}
	s.says(0, replay(schemas.TopicSurveyResponses, "--since", "1h"), fmt.Sprintf("%d were refused or late before and are accepted now", refused), "satisfaction_days: the figures of ")
	s.Equals(want)
	s.accounted(t, len(events), 0, want)

	s.exec("ALTER TABLE rapport_store.survey_facts DROP PARTITION 202603")
	lost := s.number("SELECT count() FROM rapport.survey_responses WHERE tenant = 'kathmandu'")
	s.exec("ALTER TABLE rapport_store.contacts_by_chain DELETE WHERE tenant = 'default' SETTINGS mutations_sync = 2")
	s.says(1, []string{"verify"}, "dimension_days: ") // it compares with the facts there are
	s.says(0, replay(schemas.TopicSurveyResponses, "--since", "1h", "--tenant", "kathmandu"), "of other tenants are left alone", "survey_facts: ", "new, 0 changed")
	if n := s.number("SELECT count() FROM rapport.survey_responses WHERE tenant = 'kathmandu'"); n <= lost {
		t.Errorf("%d responses of the tenant, no more than the %d that were left", n, lost)
	}
	if n := s.number("SELECT count() FROM rapport_store.survey_facts WHERE tenant = 'default' AND toYYYYMM(hour) = 202603"); n != 0 {
		t.Errorf("%d facts of another tenant came back", n)
	}
	s.says(0, replay(schemas.TopicSurveyResponses, "--all", "--to", time.Now().UTC().Format(time.RFC3339Nano)), "survey_facts: ")
	s.says(0, replay(schemas.TopicServiceEvents, "--all"), "contact_facts: 0 new, 0 changed")
	s.Equals(want)
	s.accounted(t, len(events), 0, want)
	s.says(0, replay(schemas.TopicSurveyResponses, "--all"), "nothing changed")

	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.says(0, replay(schemas.TopicSurveyResponses, "--from-offset", "0:0", "--from-offset", "1:2"), "nothing changed")
}
