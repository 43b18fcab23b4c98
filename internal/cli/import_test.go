package cli_test

import (
	"os"
	"path/filepath"
	"testing"
)

const visits = `source: /import/visits
time: {zone: UTC}
events:
  - type: rapport.survey.response.v1
    when: {column: score, present: true}
    id: "{id}"
    time: "{at}"
    data: {questionnaire: after-sales-10, answers: [{item: skill, score: "{score}"}]}
`

func TestImportDryRun(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	mapping := write("visits.yaml", visits)
	wrong := write("wrong.yaml", "source: /x\nevents:\n  - type: rapport.contact.v1\n")
	good := "id,at,score\n1,2025-01-01,8\n2,2025-01-02,\n"
	bad := "id,at,score\n1,2025-01-01,11\n2,soon,8\n3,2025-01-03,8\n4,2025-01-04,x\n"
	goodFile, badFile := write("good.csv", good), write("bad.csv", bad)
	packed := write("packed", zipped(t, good))
	// Addresses at which nothing runs: a dry run needs nothing.
	nowhere := []string{"KAFKA_BROKERS=127.0.0.1:1", "CLICKHOUSE_DSN=http://127.0.0.1:1"}
	dry := func(args ...string) []string { return append([]string{"import", "--dry-run", "--mapping"}, args...) }

	for _, file := range []string{goodFile, packed, "-"} {
		rapport(t, []byte(good), nowhere, dry(mapping, file)...).is(t, 0, []string{
			"the first rapport.survey.response.v1:\n  {\"specversion\"", "2 rows read, 1 of them skipped; good events: 1 rapport.survey.response.v1; 0 refused; 0 published",
		}, []string{"!rapport:", "!importing"})
	}
	rapport(t, nil, nowhere, dry(mapping, goodFile, badFile)...).is(t, 1, []string{
		badFile + `:2: rapport.survey.response.v1: column "score" = "11": out_of_range at /data/answers/0/score: 11 is off the scale of 1 to 10`,
		badFile + `:3: rapport.survey.response.v1: column "at" = "soon": invalid_format at /time`,
		badFile + `:5: rapport.survey.response.v1: column "score" = "x": wrong_type at /data/answers/0/score`,
		"6 rows read, 1 of them skipped; good events: 2 rapport.survey.response.v1; 3 refused (wrong_type 1, invalid_format 1, out_of_range 1); 0 published",
	}, []string{"!rapport:"})
	rapport(t, nil, nowhere, append(dry(mapping, badFile), "--refusals", "1")...).is(t, 1, []string{"bad.csv:2:", "!bad.csv:3:", "... and 2 more refusals"}, nil)

	rapport(t, nil, nowhere, "import", "--dry-run", goodFile).is(t, 2, nil, []string{"--mapping is missing"})
	rapport(t, nil, nowhere, "import", "--dry-run", "--mapping", mapping).is(t, 2, nil, []string{"at least 1 arg"})
	rapport(t, nil, nowhere, dry("/nowhere", goodFile)...).is(t, 1, nil, []string{"/nowhere"})
	rapport(t, nil, nowhere, dry(mapping, goodFile, "/nowhere", dir)...).is(t, 1, []string{"!read"}, []string{"/nowhere", "is a folder"})
	rapport(t, nil, nowhere, dry(wrong, goodFile)...).is(t, 1, []string{"!read"}, []string{"the mapping cannot be used:\n", "wrong.yaml:3: events[0].id: missing", "wrong.yaml:3: events[0].time: missing"})
	rapport(t, []byte("id,at\n"), nowhere, dry(mapping, "-")...).is(t, 1, nil, []string{`visits.yaml:5: events[0].when.column: there is no column "score" in -`, `the columns are: "id", "at"`})
	rapport(t, []byte(good), append(nowhere, "DEFAULT_TENANT="), dry(mapping, "-")...).is(t, 1, []string{"missing_tenant at /tenant"}, nil)
	rapport(t, []byte(good), append(nowhere, "SEAL_HORIZON=24h"), dry(mapping, "-")...).is(t, 0, []string{"1 events are from before RAPPORT_SEAL_HORIZON"}, nil)
}
