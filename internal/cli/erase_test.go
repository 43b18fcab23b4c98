package cli_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestNoData: commands that work on what is there do not make a data folder, and do not take a wrong one for an empty one.
func TestNoData(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "wrong")
	environ := []string{"EMBEDDED_KAFKA_ADDR=127.0.0.1:1", "EMBEDDED_CLICKHOUSE_ADDR=127.0.0.1:2", "DATA_DIR=" + dir}
	for _, args := range [][]string{
		{"erase", "--tenant", "t", "--customer", "c", "--yes"},
		{"verify"},
		{"replay", "--topic", "rapport.complaints", "--all"},
		{"deadletters", "list"},
	} {
		rapport(t, nil, environ, args...).is(t, 1, nil, []string{"no data at " + dir, "RAPPORT_DATA_DIR"})
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%q made %s (%v)", args, dir, err)
		}
	}
}

// TestEraseAsks: what cannot be undone is not done by a command line that is not clear, or where nobody can be asked.
func TestEraseAsks(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"erase"}, "--tenant is missing"},
		{[]string{"erase", "--tenant", "t", "--customer", ""}, "--customer is empty"},
		{[]string{"erase", "--tenant", "t"}, "say --yes, or --dry-run"},
		{[]string{"erase", "--tenant", "t", "--customer", "c"}, "say --yes, or --dry-run"},
		{[]string{"erase", "--tenant", "t", "--yes", "--format", "xml"}, "none of text, json"},
		{[]string{"erase", "--receipt", "x", "--tenant", "t"}, "it takes no --tenant"},
		{[]string{"erase", "t"}, "unknown command"},
	} {
		rapport(t, nil, nil, tc.args...).is(t, 2, nil, []string{tc.want})
	}
}
