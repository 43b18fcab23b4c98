package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// rapport is the binary under test, built once.
var rapport string

func TestMain(m *testing.M) {
	clickhousetest.Child()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	root, err := filepath.Abs("../..")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	library := os.Getenv("RAPPORT_LIBCHDB")
	if library == "" {
		library = filepath.Join(root, "bin", "libchdb.so")
	}
	if _, err := os.Stat(library); err != nil {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "the ClickHouse library is missing and this is CI:", err)
			return 1
		}
		fmt.Fprintln(os.Stderr, "skipped: the ClickHouse library is missing; run `make build`, or set RAPPORT_LIBCHDB")
		return 0
	}
	if err := os.Setenv("RAPPORT_LIBCHDB", library); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "rapport-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	rapport = filepath.Join(dir, "rapport")
	args := []string{"build", "-o", rapport}
	if os.Getenv("RAPPORT_TEST_RACE") != "" {
		args = append(args, "-race") // the system under test, not the test, is what runs concurrently
	}
	build := exec.Command("go", append(args, "./cmd/rapport")...)
	build.Dir, build.Stdout, build.Stderr = root, os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		return 1
	}
	return m.Run()
}
