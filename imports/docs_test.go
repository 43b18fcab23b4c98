package imports

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The page shows a mapping that is taken and one that is not, with the messages; and it has a row for every key.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:yaml|text)\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 4 {
		t.Fatalf("%d blocks, want a refusal, a good file, a bad one and its messages", len(blocks))
	}
	m, problems := Check("good.yaml", []byte(blocks[1][1]))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := importText(t, m, encoded(t, "windows-1252", "Nr;Tag;Zeit;Kunde;Land;Erledigt;Dauer;Note;Note2\n"+
		"1;3.2.2025;9:05;Müller;Österreich;ja;2.5;5;sehr gut\n2;4.2.2025;10:00;-;Österreich;?;n/a;;gut\n"))
	want := []string{
		`{"specversion":"1.0","datacontenttype":"application/json","id":"1","source":"/import/visits","type":"rapport.contact.v1","time":"2025-02-03T08:05:00Z","data":{"customer_id":"HASH","resolved":true,"talk_seconds":150,"attributes":{"region":"Österreich","channel":"workshop"}}}`,
		`{"specversion":"1.0","datacontenttype":"application/json","id":"1-survey","source":"/import/visits","type":"rapport.survey.response.v1","time":"2025-02-03T08:05:00Z","data":{"questionnaire":"rater-5","customer_id":"HASH","contact_id":"1","attributes":{"region":"Österreich","channel":"workshop"},"answers":[{"item":"reliability","score":5},{"item":"empathy","score":5}]}}`,
		`{"specversion":"1.0","datacontenttype":"application/json","id":"2","source":"/import/visits","type":"rapport.contact.v1","time":"2025-02-04T09:00:00Z","data":{"attributes":{"region":"Österreich","channel":"workshop"}}}`,
	}
	hash := regexp.MustCompile(`[0-9a-f]{32}`)
	if diff := cmp.Diff(want, strings.Split(hash.ReplaceAllString(strings.Join(got.events, "\n"), "HASH"), "\n")); diff != "" {
		t.Error(diff)
	}
	_, problems = Check("visits.yaml", []byte(blocks[2][1]))
	if diff := cmp.Diff(strings.TrimSpace(blocks[3][1]), problems.Error()); diff != "" {
		t.Error(diff)
	}
	// What the reader knows at each place is in the message about a key that it does not know.
	unknown := regexp.MustCompile(`unknown key; want (.*)`)
	for at, text := range map[string]string{
		"": "zzzzzzzzzzzz: 1\n", "file.": "file: {zzzzzzzzzzzz: 1}\n", "time.": "time: {zzzzzzzzzzzz: 1}\n",
		"event": "events: [{zzzzzzzzzzzz: 1}]\n", "value": "tenant: {zzzzzzzzzzzz: 1}\n",
	} {
		_, problems = Check("x.yaml", []byte(text))
		match := unknown.FindStringSubmatch(problems.Error())
		if match == nil {
			t.Fatal(problems)
		}
		prefix := at
		if !strings.HasSuffix(at, ".") {
			prefix = ""
		}
		for key := range strings.SplitSeq(match[1], ", ") {
			row := regexp.MustCompile("(?m)^\\| [^|]*`" + regexp.QuoteMeta(prefix+key))
			if key != "file" && key != "time" && !row.Match(page) || (key == "file" && !strings.Contains(string(page), "`file.format`")) {
				t.Errorf("%s: key %q has no row", at, prefix+key)
			}
		}
	}
}

// Every mapping that ships is sound, has its row, and its questionnaires are read by the command (TestExamples).
func TestShippedMappings(t *testing.T) {
	page, err := os.ReadFile("../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../examples/mappings/*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		load(t, name)
		if !strings.Contains(string(page), "| ["+filepath.Base(name)+"](../examples/mappings/") {
			t.Errorf("%s has no row", name)
		}
	}
}
