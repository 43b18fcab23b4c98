package generator_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

func TestPoisonIsRefusedAsExpected(t *testing.T) {
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	kinds := generator.PoisonKinds()
	for i, e := range newGenerator(t, generator.Config{Tenants: []string{"a"}}).Poisons(at, kinds...) {
		kind := kinds[i]
		t.Run(kind.Name, func(t *testing.T) {
			opts := schemas.Options{DefaultTenant: "default"}
			if kind.NoDefaultTenant {
				opts.DefaultTenant = ""
			}
			_, err := schemas.Parse(e.Record(at), opts)
			if kind.NeedsDefinitions || kind.NeedsTopic {
				if err != nil {
					t.Fatalf("refused by the contract alone: %v", err)
				}
				return
			}
			var invalid *schemas.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want %s", err, kind.Reason)
			}
			if invalid.Reason != e.Refused || invalid.Field != e.Field && kind.Field != "" {
				t.Errorf("got %s at %q (%s), want %s at %q", invalid.Reason, invalid.Field, invalid.Detail, e.Refused, e.Field)
			}
		})
	}
}

func TestEveryReasonOfKafkaHasPoison(t *testing.T) {
	covered := map[schemas.Reason]bool{}
	for _, k := range generator.PoisonKinds() {
		covered[k.Reason] = true
	}
	for _, r := range []schemas.Reason{
		schemas.NotJSON, schemas.NotUTF8, schemas.TooLarge, schemas.TooDeep, schemas.DuplicateField, schemas.MissingField,
		schemas.WrongType, schemas.InvalidFormat, schemas.UnknownValue, schemas.OutOfRange, schemas.UnknownType, schemas.WrongTopic,
		schemas.UnknownQuestionnaire, schemas.UnknownVersion, schemas.UnknownItem, schemas.DuplicateItem, schemas.FromTheFuture,
		schemas.Before1970, schemas.MissingTenant,
	} {
		if !covered[r] {
			t.Errorf("no poison for %s", r)
		}
	}
}

func TestDefinitionsRefuseTheRest(t *testing.T) {
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	definitions := &processors.Definitions{Questionnaires: catalog, Tenants: settings}
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	kinds := slices.DeleteFunc(generator.PoisonKinds(), func(k generator.Poison) bool { return !k.NeedsDefinitions })
	for i, e := range newGenerator(t, generator.Config{}).Poisons(at, kinds...) {
		err := processors.Check(parse(t, e, at), definitions)
		var invalid *schemas.InvalidError
		if !errors.As(err, &invalid) || invalid.Reason != e.Refused || invalid.Field != e.Field {
			t.Errorf("%s: got %v, want %s at %s", kinds[i].Name, err, e.Refused, e.Field)
		}
	}
}
