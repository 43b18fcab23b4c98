package api_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/questionnaires"
)

var update = flag.Bool("update", false, "rewrite docs/api.md")

// TestPage: docs/api.md is what the table of routes makes of it.
func TestPage(t *testing.T) {
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := api.Page(catalog)
	if err != nil {
		t.Fatal(err)
	}
	const name = "../docs/api.md"
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/api.md is not of the code (go test ./api -run Page -update):\n%s", diff)
	}
}
