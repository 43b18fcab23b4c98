package clickhouse_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// runClient runs a script of a foreign client against an engine. Where the client is not installed the test is skipped,
// under CI it fails.
func runClient(t *testing.T, installed string, command ...string) {
	t.Helper()
	if _, err := os.Stat(installed); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("client is not installed: %v", err)
		}
		t.Skipf("client is not installed: %v", err)
	}
	dsn := clickhousetest.Start(t)
	out, err := exec.Command(command[0], append(command[1:], dsn)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func TestNodeClient(t *testing.T) {
	runClient(t, "clients/node/node_modules/@clickhouse/client", "node", "clients/node/check.mjs")
}

func TestPythonClient(t *testing.T) {
	python := filepath.Join("..", "..", ".build", "venv", "bin", "python")
	runClient(t, python, python, "clients/python/check.py")
}
