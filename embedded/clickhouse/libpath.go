package clickhouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

const (
	libraryName = "libchdb.so"
	libraryEnv  = "RAPPORT_LIBCHDB"
)

// ErrNoLibrary says that libchdb was not found and what to do about it.
var ErrNoLibrary = errors.New("the library of the embedded ClickHouse, libchdb.so, was not found: run `make build`, " +
	"or set " + libraryEnv + " to its path, or set RAPPORT_CLICKHOUSE_DSN to a ClickHouse server")

// LibraryPath finds libchdb.so: the explicit path, else the one of the environment variable RAPPORT_LIBCHDB, else beside
// the executable, else bin/ of the Go module around the working directory, which is where tests run.
// A static binary finds none.
func LibraryPath(explicit string) (string, error) {
	if err := chdb.Linked(); err != nil {
		return "", err
	}
	for _, path := range []string{explicit, os.Getenv(libraryEnv)} {
		if path == "" {
			continue
		}
		if !isFile(path) {
			return "", fmt.Errorf("%s is not a file: %w", path, ErrNoLibrary)
		}
		return filepath.Abs(path)
	}
	if exe, err := os.Executable(); err == nil {
		if path := filepath.Join(filepath.Dir(exe), libraryName); isFile(path) {
			return path, nil
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", ErrNoLibrary
	}
	for ; ; dir = filepath.Dir(dir) {
		if path := filepath.Join(dir, "bin", libraryName); isFile(filepath.Join(dir, "go.mod")) && isFile(path) {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", ErrNoLibrary
		}
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// Check tells whether the embedded ClickHouse can start here: nil, or what is wrong in words. explicit is as in
// LibraryPath. It looks at the file and the system, it does not load the library.
func Check(explicit string) error {
	path, err := LibraryPath(explicit)
	if err != nil {
		return err
	}
	if err := chdb.Supported(path); err != nil {
		return fmt.Errorf("the embedded ClickHouse cannot run here: %w", err)
	}
	return nil
}
