package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/schemas"
)

// dataFile is one of the public files beside the repository; they are not part of the repository, so a test without them is skipped, under CI too.
func dataFile(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("RAPPORT_TEST_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	file := filepath.Join(dir, name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the public data are not there (RAPPORT_TEST_DATA names their folder): %v", err)
	}
	return file
}

// example is the path of a file under examples.
func example(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// imports runs an import that must take everything.
func (s *System) imports(stdin, mapping string, args ...string) string {
	s.t.Helper()
	path, _ := filepath.Abs(filepath.Join("..", "..", "examples", "mappings", mapping))
	out, errs, err := s.Command(stdin, append([]string{"import", "--mapping", path}, args...)...)
	if err != nil || !strings.Contains(out, "0 refused") {
		s.t.Fatalf("import by %s: %v\n%s%s", mapping, err, out, errs)
	}
	return out
}

// figures holds a query's only row of numbers against what the data's own page says, to its last digit.
func figures(t *testing.T, conn driver.Conn, what, query string, want ...float64) {
	t.Helper()
	got := make([]float64, len(want))
	into := make([]any, len(want))
	for i := range got {
		into[i] = &got[i]
	}
	if err := conn.QueryRow(context.Background(), query).Scan(into...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 0.00005001 {
			t.Errorf("%s: number %d is %.5f, want %.4f", what, i+1, got[i], want[i])
		}
	}
}

// callFigures are those of the calls, from the views.
func callFigures(t *testing.T, conn driver.Conn) {
	t.Helper()
	figures(t, conn, "calls", `SELECT toFloat64(sum(n)), toFloat64(sum(n_invalid)), 100 * sum(satisfied_n) / sum(n), sum(index_sum) / sum(index_n) / 20,
		toFloat64(sum(very_dissatisfied)), toFloat64(sum(dissatisfied)), toFloat64(sum(neutral)), toFloat64(sum(satisfied)), toFloat64(sum(very_satisfied))
		FROM rapport.satisfaction_daily WHERE questionnaire = 'call-rating'`, 4054, 0, 49.9013, 3.4036, 417, 396, 1218, 1180, 843)
	figures(t, conn, "calls by cut", `SELECT toFloat64(sum(n)), 100 * sum(satisfied_n) / sum(n) FROM rapport.satisfaction_by_cut_daily WHERE questionnaire = 'call-rating' AND cut = ''`, 4054, 49.9013)
	figures(t, conn, "answers", `SELECT toFloat64(count(score)), avg(score), avg(score_100) / 20 FROM rapport.survey_answers WHERE questionnaire = 'call-rating' AND item = 'rating'`, 4054, 3.4036, 3.4036)
	for agent, want := range map[string][3]float64{
		"Becky": {517, 3.3714, 50.48}, "Dan": {523, 3.4474, 49.90}, "Diane": {501, 3.4052, 49.10}, "Greg": {502, 3.4044, 48.01},
		"Jim": {536, 3.3937, 50.00}, "Joe": {484, 3.3306, 47.52}, "Martha": {514, 3.4708, 52.72}, "Stewart": {477, 3.4004, 51.36},
	} {
		figures(t, conn, agent, fmt.Sprintf(`SELECT toFloat64(sum(n)), sum(index_sum) / sum(index_n) / 20, round(100 * sum(satisfied_n) / sum(n), 2)
			FROM rapport.satisfaction_by_cut_daily WHERE questionnaire = 'call-rating' AND cut = 'agent' AND cut_value = '%s'`, agent), want[:]...)
	}
}

func kioskFigures(t *testing.T, conn driver.Conn) {
	t.Helper()
	figures(t, conn, "kiosks", `SELECT avg(expectation), avg(score), toFloat64(count()), avg(score - expectation), toFloat64(uniqExact(response_id)), toFloat64(count(importance))
		FROM rapport.survey_answers WHERE questionnaire = 'kiosk-servqual'`, 5.9738, 4.8718, 4968, -1.1021, 207, 4968)
	for dimension, want := range map[string]float64{
		"reliability": -0.6296, "fun": 0.0531, "control": -1.1707, "economy": -1.5330, "personalization": -1.3607, "convenience": -1.3800, "security": -1.7101, "tangible": -1.0853,
	} {
		figures(t, conn, dimension, fmt.Sprintf(`SELECT servqual_gap, toFloat64(gap_n), toFloat64(n) FROM rapport.dimension_daily WHERE questionnaire = 'kiosk-servqual' AND dimension = '%s'`, dimension), want, 621, 207)
	}
}

// shown is everything that a view shows but the accounting, as digests.
func shown(t *testing.T, conn driver.Conn) map[string]uint64 {
	t.Helper()
	out := map[string]uint64{}
	for _, view := range []string{"survey_responses", "survey_answers", "satisfaction_daily", "satisfaction_by_cut_daily", "dimension_daily", "dimension_by_cut_daily", "contacts", "contact_daily", "contact_by_cut_daily", "fcr_daily"} {
		var digest uint64
		if err := conn.QueryRow(context.Background(), "SELECT sum(cityHash64(toString(tuple(*)))) FROM rapport."+view).Scan(&digest); err != nil {
			t.Fatalf("%s: %v", view, err)
		}
		out[view] = digest
	}
	return out
}

// TestImportGivesTheFiguresOfTheData: once without a running rapport, then with one, by file and by standard input; the figures are those
// of the data's own page, and importing again changes nothing that a view shows.
func TestImportGivesTheFiguresOfTheData(t *testing.T) {
	calls, kiosks := dataFile(t, "call_center_dataset.csv.gz"), dataFile(t, "kservqual_long_utf8.csv.gz")
	s := New(t, rapport, "CONFIG_DIR="+example(t, "config"))
	out := s.imports("", "call_center.yaml", calls)
	for _, part := range []string{"5000 rows read, 0 of them skipped", "4054 rapport.survey.response.v1, 5000 rapport.contact.v1", "9054 published", "call-rating: n 4054, invalid 0", "csat_top2 49.90 %", "once `rapport up` runs"} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
	s.Up()
	conn := s.Conn()
	callFigures(t, conn) // they stood when the import ended: nothing is waited for
	packed, err := os.ReadFile(kiosks)
	if err != nil {
		t.Fatal(err)
	}
	if out := s.imports(string(packed), "kservqual.yaml", "-"); strings.Contains(out, "once `rapport up` runs") {
		t.Errorf("the running rapport was not used:\n%s", out)
	}
	kioskFigures(t, conn)

	before := shown(t, conn)
	s.imports("", "call_center.yaml", calls)
	s.imports("", "kservqual.yaml", kiosks)
	if diff := cmp.Diff(before, shown(t, conn)); diff != "" {
		t.Errorf("a second import changed views: %s", diff)
	}
	callFigures(t, conn)
	kioskFigures(t, conn)
	s.Eventually("accounted for", func() error {
		var accepted, stored, duplicates, conflicts, rejected int64
		err := conn.QueryRow(context.Background(), `SELECT toInt64(accepted), toInt64(stored), toInt64(duplicates), toInt64(conflicts), toInt64(rejected)
			FROM rapport.data_quality WHERE topic = 'rapport.survey-responses'`).Scan(&accepted, &stored, &duplicates, &conflicts, &rejected)
		if err == nil && (accepted != 2*4261 || stored != 4261 || duplicates != 4261 || conflicts != 0 || rejected != 0) {
			err = fmt.Errorf("accepted %d, stored %d, duplicates %d, conflicts %d, rejected %d", accepted, stored, duplicates, conflicts, rejected)
		}
		return err
	})
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// TestImportAfterAKill: kill -9 in the middle, with its own engines inside; the same command again gives the figures of one import.
func TestImportAfterAKill(t *testing.T) {
	file := dataFile(t, "call_center_dataset.csv.gz")
	packed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	s := New(t, rapport, "CONFIG_DIR="+example(t, "config"))
	cmd := exec.Command(rapport, "import", "--mapping", example(t, "mappings/call_center.yaml"), "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	// Two thirds of the file and no end: some of it will be published, and the rest is waited for.
	written := make(chan error, 1)
	go func() {
		_, err := stdin.Write(text[:2*len(text)/3])
		written <- err
	}()
	client := s.Client(kgo.RetryTimeout(time.Second))
	admin := kadm.NewClient(client)
	s.Eventually("published in part", func() error {
		select {
		case err := <-exited:
			t.Fatalf("the import ended: %v\n%s", err, said.String())
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		ends, err := admin.ListEndOffsets(ctx, schemas.TopicSurveyResponses)
		if err == nil {
			err = ends.Error()
		}
		if err != nil {
			return err
		}
		n := int64(0)
		ends.Each(func(o kadm.ListedOffset) { n += o.Offset })
		if n < 500 {
			return fmt.Errorf("%d responses", n)
		}
		return nil
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-exited; err == nil {
		t.Fatal("the import was done before it was killed")
	}
	if err := <-written; err != nil && !errors.Is(err, os.ErrClosed) && !strings.Contains(err.Error(), "broken pipe") {
		t.Fatal(err)
	}
	client.Close()

	s.imports("", "call_center.yaml", file)
	s.Up()
	conn := s.Conn()
	callFigures(t, conn)
	figures(t, conn, "accounting", "SELECT toFloat64(stored), toFloat64(conflicts), toFloat64(duplicates > 0) FROM rapport.data_quality WHERE topic = 'rapport.survey-responses'", 4054, 0, 1)
}

// TestImportNoticesOtherDefinitions: a running rapport without the questionnaire refuses what the import took, and the import says so.
func TestImportNoticesOtherDefinitions(t *testing.T) {
	s := New(t, rapport)
	s.Up()
	s.env = append(s.env, "RAPPORT_CONFIG_DIR="+example(t, "config"))
	out, errs, err := s.Command("Call Id,Agent,Date,Time,Topic,Answered (Y/N),Resolved,Speed of answer in seconds,AvgTalkDuration,Satisfaction rating\nx1,Joe,2021-01-01,9:00:00,Bill,Y,Y,3,0:01:00,5\n",
		"import", "--mapping", example(t, "mappings/call_center.yaml"), "-")
	if err == nil || !strings.Contains(errs, "1 events were published and refused by the running rapport: does it have the same RAPPORT_CONFIG_DIR?") {
		t.Errorf("%v\n%s%s", err, out, errs)
	}
}
