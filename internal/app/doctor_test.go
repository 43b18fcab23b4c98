package app_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/app"
)

// findings of the doctor: those that are well, and those that are not.
func findings(environ []string) (well, wrong string) {
	for _, f := range app.Doctor(context.Background(), environ) {
		if f.Wrong {
			wrong += f.Text + "\n"
		} else {
			well += f.Text + "\n"
		}
	}
	return well, wrong
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in:\n%s", p, text)
		}
	}
}

func TestDoctorFindsNothingWrongBeforeUp(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	s := newSite(t)
	well, wrong := findings(s.environ())
	if wrong != "" {
		t.Fatalf("found wrong:\n%s", wrong)
	}
	contains(t, well, "settings are sound", "definitions are sound: questionnaires after-sales-10 1", "no API keys file", "the ClickHouse library is there",
		"the data folder can be written: "+filepath.Join(s.dir, "data"), "of disk are free", s.kafka+" is free", s.clickhouse+" is free")
	left, err := os.ReadDir(filepath.Join(s.dir, "data"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	s := newSite(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	bad := t.TempDir()
	if err := os.Mkdir(filepath.Join(bad, "tenants"), 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(bad, "tenants", "acme.yaml")
	if err := os.WriteFile(file, []byte("time_zone: Mars/Olympus\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stray := t.TempDir()
	if err := os.WriteFile(filepath.Join(stray, "acme.yaml"), []byte("time_zone: Asia/Shanghai\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	busy := taken.Addr().String()
	for _, c := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"settings", s.environ("KAFKA_PARTITIONS=0"), []string{"RAPPORT_KAFKA_PARTITIONS", "`rapport config` lists them"}},
		{"library", s.environ("LIBCHDB=/nowhere/libchdb.so"), []string{"/nowhere/libchdb.so", "make build"}},
		{"http port", s.environ("HTTP_ADDR=" + busy), []string{busy, "set RAPPORT_HTTP_ADDR to another address"}},
		{"kafka port", s.environ("EMBEDDED_KAFKA_ADDR=" + busy), []string{busy, "set RAPPORT_EMBEDDED_KAFKA_ADDR to another address"}},
		{"definitions", s.environ("CONFIG_DIR=" + bad), []string{"acme.yaml"}},
		{"misspelt setting", s.environ("HTTP_ADR=x"), []string{"no such setting: RAPPORT_HTTP_ADR"}},
		{"misplaced definition", s.environ("CONFIG_DIR=" + stray), []string{"not read: " + filepath.Join(stray, "acme.yaml")}},
		{"keys", s.environ("API_KEYS_FILE=/nowhere"), []string{"RAPPORT_API_KEYS_FILE", "/nowhere"}},
		{"data folder", s.environ("DATA_DIR=" + filepath.Join(file, "data")), []string{"RAPPORT_DATA_DIR", "choose a folder that this user may write"}},
		{"engines elsewhere", s.environ("KAFKA_BROKERS="+s.kafka, "CLICKHOUSE_DSN=http://"+s.clickhouse),
			[]string{"Kafka at [" + s.kafka + "] does not answer", "check RAPPORT_KAFKA_BROKERS", "ClickHouse does not answer", "check RAPPORT_CLICKHOUSE_DSN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, wrong := findings(c.environ)
			contains(t, wrong, c.want...)
		})
	}
}
