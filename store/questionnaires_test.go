package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// defined is version 1 of questionnaire q, as response scores by it.
func defined(letter string) []Definition {
	return []Definition{{ID: "q", Version: "1", Fingerprint: strings.Repeat(letter, 64), Text: "definition " + letter}}
}

func TestVersionOnceUsedIsNotChanged(t *testing.T) {
	ctx, conn := context.Background(), migrated(t)
	holds := func(want string) {
		t.Helper()
		got := column[string](t, conn, "SELECT argMax(definition, registered_at) FROM rapport_store.questionnaires")
		if !cmp.Equal(got, []string{"definition " + want}) {
			t.Fatalf("%v holds, want %s", got, want)
		}
	}
	registers := func(letter string) {
		t.Helper()
		if err := NewQuestionnaires(conn, defined(letter)).Register(ctx); err != nil {
			t.Fatal(err)
		}
		holds(letter)
	}
	first := NewQuestionnaires(conn, defined("a"))
	registers("a")
	registers("a")
	if n := column[uint64](t, conn, "SELECT count() FROM rapport_store.questionnaires"); n[0] != 1 {
		t.Errorf("%d registrations of one definition", n[0])
	}
	if err := first.Verify(ctx); err != nil {
		t.Fatal(err)
	}

	// Not used yet: other definitions may come and go, and who scored by the one before notices. A retraction is not scored.
	retracted := response("taken back", 8)
	retracted.Retracted = true
	write(t, conn, sinks.Batch{Responses: []schemas.SurveyFact{retracted}})
	registers("b")
	changed := new(ChangedDefinitionError)
	if err := first.Verify(ctx); !errors.As(err, &changed) || changed.Used {
		t.Fatalf("%v", err)
	}
	registers("a")
	registers("b")

	// Used: b stays, and the edited file is told what to do.
	write(t, conn, sinks.Batch{Responses: []schemas.SurveyFact{response("r", 8)}})
	registers("b")
	for _, other := range []string{"a", "c"} {
		err := NewQuestionnaires(conn, defined(other)).Register(ctx)
		if !errors.As(err, &changed) || !changed.Used {
			t.Fatalf("%s: %v", other, err)
		}
		for _, word := range []string{"questionnaire q", "version 1", "new version and a valid_from", "restore the file"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not say %q", err, word)
			}
		}
		holds("b")
	}
	// What the message asks for can be run.
	_, query, _ := strings.Cut(changed.Error(), "it said: ")
	if got := column[string](t, conn, strings.TrimSuffix(query, ")")); len(got) == 0 || got[len(got)-1] != "definition b" {
		t.Errorf("%s: %v", query, got)
	}
	next := defined("c")
	next[0].Version = "2"
	if err := NewQuestionnaires(conn, append(next, defined("b")...)).Register(ctx); err != nil {
		t.Errorf("a new version beside the old one: %v", err)
	}
}

// A response that is stored between the look for responses and the registration takes the registration back.
func TestResponseInBetweenTakesTheRegistrationBack(t *testing.T) {
	ctx, conn := context.Background(), migrated(t)
	holder := NewQuestionnaires(conn, defined("a"))
	if err := holder.Register(ctx); err != nil {
		t.Fatal(err)
	}
	write(t, conn, sinks.Batch{Responses: []schemas.SurveyFact{response("r", 8)}})
	changed := new(ChangedDefinitionError)
	if err := NewQuestionnaires(conn, nil).replace(ctx, defined("b")[0]); !errors.As(err, &changed) || !changed.Used {
		t.Fatalf("%v", err)
	}
	if err := holder.Verify(ctx); err != nil {
		t.Errorf("the definition that was used holds no longer: %v", err)
	}
}

func TestRegisterAtOnce(t *testing.T) {
	ctx, conn := context.Background(), migrated(t)
	var alike errgroup.Group
	for range 4 {
		alike.Go(func() error { return NewQuestionnaires(conn, defined("a")).Register(ctx) })
	}
	if err := alike.Wait(); err != nil {
		t.Fatalf("processes with the same files: %v", err)
	}
	// With different files, just one of them may score in the end.
	var several []*Questionnaires
	var different errgroup.Group
	for _, letter := range []string{"b", "c", "d", "e"} {
		q := NewQuestionnaires(conn, defined(letter))
		several = append(several, q)
		different.Go(func() error {
			changed := new(ChangedDefinitionError)
			if err := q.Register(ctx); err != nil && !errors.As(err, &changed) {
				return err
			}
			return nil
		})
	}
	if err := different.Wait(); err != nil {
		t.Fatal(err)
	}
	holding := 0
	for _, q := range several {
		if q.Verify(ctx) == nil {
			holding++
		}
	}
	if holding != 1 {
		t.Errorf("%d definitions hold", holding)
	}
}
