package front

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseStatement(t *testing.T) {
	for text, want := range map[string]statement{
		"SELECT 1":                                  {first: "SELECT"},
		"-- format CSV\n/* /* x */ */ select 1":     {first: "SELECT"},
		"select 1 format JSON":                      {first: "SELECT", format: "JSON"},
		"select 1 FORMAT JSON;":                     {first: "SELECT", format: "JSON"},
		"select 1 format JSON settings x = 1":       {first: "SELECT", format: "JSON"},
		"select 1 settings x = 1 format JSON -- c":  {first: "SELECT", format: "JSON"},
		"select 'a format JSON'":                    {first: "SELECT"},
		"select format('{}', 1)":                    {first: "SELECT"},
		"select 1 as format from t":                 {first: "SELECT", long: true},
		"select * from (select 1 format JSON)":      {first: "SELECT", long: true},
		"select `format` x":                         {first: "SELECT"},
		"(select 1) union all (select 2)":           {first: "SELECT"},
		"select 1 into outfile '/x' format CSV":     {first: "SELECT", format: "CSV", intoOutfile: true},
		"select 'it''s \\' format CSV' format JSON": {first: "SELECT", format: "JSON"},
		"select $a$ format CSV $a$ format XML":      {first: "SELECT", format: "XML"},
		"select a from t group by a with totals":    {first: "SELECT", totals: true, long: true},
		"":                                          {},
		" -- only a comment":                        {},
	} {
		if diff := cmp.Diff(want, parseStatement(text), cmp.AllowUnexported(statement{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseInsert(t *testing.T) {
	type result struct {
		SQL, Format, Data string
		Kind              insertKind
	}
	for text, want := range map[string]result{
		"SELECT 1":                                          {Kind: notInsert},
		"insert into t values (1)":                          {"insert into t ", "Values", " (1)", insertData},
		"INSERT INTO t FORMAT CSV\n1":                       {"INSERT INTO t ", "CSV", "1", insertData},
		"INSERT INTO t FORMAT CSV \t\r\n\n1":                {"INSERT INTO t ", "CSV", "\n1", insertData},
		"INSERT INTO t FORMAT Native\n\n\x00":               {"INSERT INTO t ", "Native", "\n\x00", insertData},
		"insert into db.`values` (`format`, b) format TSV":  {"insert into db.`values` (`format`, b) ", "TSV", "", insertData},
		"insert into values format TSV":                     {"insert into values ", "TSV", "", insertData},
		"insert into format.format format TSV":              {"insert into format.format ", "TSV", "", insertData},
		"insert into t settings a = 1, b = 'format' values": {"insert into t settings a = 1, b = 'format' ", "Values", "", insertData},
		"insert into function null('x Int8') values (1)":    {"insert into function null('x Int8') ", "Values", " (1)", insertData},
		"/* insert */ insert into t (a) select 1":           {Kind: insertSelect},
		"insert into t (select 1)":                          {Kind: insertSelect},
		"insert into t with 1 as x select x":                {Kind: insertSelect},
		"insert into t":                                     {Kind: insertSelect},
	} {
		h, kind := parseInsert(text, true)
		got := result{Kind: kind}
		if kind == insertData {
			got = result{h.sql, h.format, text[h.data:], kind}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// A text of which more is to come must never be taken for something else than it turns out to be.
func TestParseInsertOfAPart(t *testing.T) {
	texts := []string{
		"insert into t (a, b) settings x = 'y' format CSV\n1,2\n", "INSERT INTO values VALUES (1)", "insert into t select 1",
		"SELECT 'insert' FORMAT JSON", "-- comment\ninsert into `t;` format Native\r\n\n",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "text")
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		want, wantKind := parseInsert(text, true)
		got, kind := parseInsert(text[:cut], false)
		if kind != insertOpen && (kind != wantKind || kind == insertData && got != want) {
			t.Fatalf("%q of %q: got %v %v, want %v %v", text[:cut], text, kind, got, wantKind, want)
		}
	})
}

func TestLexerEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("'\"`$ab(-/*#\\\n; é")), 0, 30, -1).Draw(t, "text")
		l := lexer{text: text}
		for at := 0; ; {
			tok := l.next()
			if tok.kind == tokenEnd {
				return
			}
			if tok.end <= tok.start || tok.start < at {
				t.Fatalf("%q: token %v after %d", text, tok, at)
			}
			at = tok.end
		}
	})
}

func TestSettingsDiff(t *testing.T) {
	got := settingsDiff(
		map[string]string{"same": "1", "other": "1", "gone": "1", "based": "1"},
		map[string]string{"same": "1", "other": "it's", "new": `a\b`},
		map[string]string{"based": "0"})
	want := []string{"based = '0'", "gone = DEFAULT", `new = 'a\\b'`, `other = 'it\'s'`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChooseEncoding(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "gzip, deflate, br": "br", "gzip;q=1.0, zstd;q=0": "gzip", "GZIP": "gzip",
	} {
		if got := chooseEncoding(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}
