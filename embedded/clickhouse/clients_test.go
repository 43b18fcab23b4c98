package clickhouse_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// What `make test-clients` installs.
const nodeClient = "clients/node/node_modules/@clickhouse/client"

var python = filepath.Join("..", "..", ".build", "venv", "bin", "python")

// requireClient skips the test where a foreign client is not installed; under CI it fails.
func requireClient(t *testing.T, installed string) {
	t.Helper()
	if _, err := os.Stat(installed); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("client is not installed: %v", err)
		}
		t.Skipf("client is not installed: %v; run `make test-clients`", err)
	}
}

// runScript runs a script of a foreign client; it fails the test with what the script printed.
func runScript(t *testing.T, command ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func TestNodeClient(t *testing.T) {
	requireClient(t, nodeClient)
	runScript(t, "node", "clients/node/check.mjs", clickhousetest.Start(t))
}

func TestPythonClient(t *testing.T) {
	requireClient(t, python)
	runScript(t, python, "clients/python/check.py", clickhousetest.Start(t))
}
