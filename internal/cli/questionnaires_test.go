package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page shows a good file, comparisons, a bad file with its messages, and what check prints of the good one.
func TestQuestionnairesCheck(t *testing.T) {
	page, err := os.ReadFile("../../docs/questionnaires.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```[a-z]+\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 5 {
		t.Fatalf("%d blocks", len(blocks))
	}
	good, ahp, printed, bad, messages := blocks[0][1], blocks[1][1], blocks[2][1], blocks[3][1], blocks[4][1]
	_, printed, _ = strings.Cut(printed, "\n") // without the command itself
	byAHP := regexp.MustCompile(`(?m)^    weight: .*\n`).ReplaceAllString(good, "") + ahp
	second := strings.Replace(good, "2025-01-31", "2026-01-31", 1)

	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	workshop := file("workshop.yaml", good)
	printed = strings.ReplaceAll(printed, "workshop.yaml", workshop)
	rapport(t, nil, nil, "questionnaires", "check", workshop).is(t, 0, []string{printed}, []string{"!rapport"})
	rapport(t, []byte(byAHP), nil, "questionnaires", "check", "-").is(t, 0, []string{
		"-: ok\n", "speed       75.00 % of the index, 1 item\n", "weights       by AHP: lambda max 2.0000, CI 0.0000, CR 0.000 (0.10 at most)\n",
	}, nil)
	mistaken := file("bad.yaml", bad)
	rapport(t, nil, nil, "questionnaires", "check", workshop, mistaken).is(t, 1, []string{strings.ReplaceAll(messages, "workshop.yaml", mistaken), "!ok"}, []string{"!rapport"})
	rapport(t, nil, nil, "questionnaires", "check", workshop, file("second.yaml", second)).is(t, 1, []string{"second.yaml: version: the same as in " + workshop}, nil)
	rapport(t, []byte(""), nil, "questionnaires", "check", "-").is(t, 1, []string{"-: the file is empty"}, nil)
	rapport(t, nil, nil, "questionnaires", "check", "/nowhere").is(t, 1, []string{"!ok"}, []string{"/nowhere"})
	for _, args := range [][]string{{"questionnaires", "check"}, {"questionnaires", "dance"}, {"questionnaires", "show"}, {"questionnaires", "list", "all"}} {
		rapport(t, nil, nil, args...).is(t, 2, []string{"!ok"}, []string{"rapport:"})
	}
	rapport(t, nil, nil, "questionnaires").is(t, 0, []string{"check", "list", "show"}, nil)
}

func TestQuestionnairesInForce(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "questionnaires"), 0o700); err != nil {
		t.Fatal(err)
	}
	own := "id: own\nversion: 7\nvalid_from: 2026-01-01\ntitle: {en: Our own, zh: 自有问卷}\n"
	if err := os.WriteFile(filepath.Join(dir, "questionnaires", "own.yaml"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"CONFIG_DIR=" + dir}
	rapport(t, nil, environ, "questionnaires", "list").is(t, 0, []string{
		"after-sales-10 ", "ecommerce-5 ", "likert-12 ", "rater-5 ", "relationship ", "servqual-22 ", "own                  7        2026-01-01  Our own · 自有问卷\n",
	}, nil)
	rapport(t, nil, environ, "questionnaires", "show", "own").is(t, 0, []string{"own version 7, in force from 2026-01-01: Our own", "items         none"}, nil)
	rapport(t, nil, environ, "questionnaires", "show", "servqual-22").is(t, 0, []string{
		"1 to 7, range", "22 in 5 dimensions", "20.00 % of the index, 5 items", "all items have to be answered; one without expectation is missing", "servqual_gap 0",
	}, nil)
	rapport(t, nil, environ, "questionnaires", "show", "ours").is(t, 1, nil, []string{`no questionnaire "ours"`, "own"})
}
