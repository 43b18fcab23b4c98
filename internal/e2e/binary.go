package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// errNoLibrary says what to do where there is no ClickHouse to run on.
type errNoLibrary struct{ error }

// Binary builds rapport into dir and returns where it is, for a test package two folders below the root. It sets RAPPORT_LIBCHDB to the library.
func Binary(dir string) (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	library := os.Getenv("RAPPORT_LIBCHDB")
	if library == "" {
		library = filepath.Join(root, "bin", "libchdb.so")
	}
	if _, err := os.Stat(library); err != nil {
		return "", errNoLibrary{err}
	}
	if err := os.Setenv("RAPPORT_LIBCHDB", library); err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "rapport")
	args := []string{"build", "-o", binary}
	if os.Getenv("RAPPORT_TEST_RACE") != "" {
		args = append(args, "-race") // the system under test, not the test, is what runs concurrently
	}
	build := exec.Command("go", append(args, "./cmd/rapport")...)
	build.Dir, build.Stdout, build.Stderr = root, os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	return binary, nil
}

// Run builds rapport, tells where it is, and runs the tests of a package: its exit status. Without the ClickHouse library nothing is run, which
// fails under CI.
func Run(m interface{ Run() int }, built func(binary string)) int {
	dir, err := os.MkdirTemp("", "rapport-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := Binary(dir)
	if missing := (errNoLibrary{}); errors.As(err, &missing) && os.Getenv("CI") == "" {
		fmt.Fprintln(os.Stderr, "skipped: the ClickHouse library is missing; run `make build`, or set RAPPORT_LIBCHDB")
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	built(binary)
	return m.Run()
}
