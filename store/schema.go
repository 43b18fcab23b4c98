package store

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed sql
var sqlFiles embed.FS

// file is one SQL file of the schema.
type file struct {
	name     string // without folder and .sql
	version  uint32 // of a migration; 0 for a view
	sql      string
	checksum string
}

// schema is what a binary knows of the database.
type schema struct {
	bootstrap  file
	migrations []file // by version
	views      []file // by name, which is the order they are applied in
}

// readSchema reads bootstrap.sql, migrations/NNNN_name.sql and views/name.sql.
func readSchema(files fs.FS) (schema, error) {
	var s schema
	var err error
	if s.bootstrap, err = readFile(files, "bootstrap.sql"); err != nil {
		return s, err
	}
	if s.migrations, err = readFolder(files, "migrations"); err != nil {
		return s, err
	}
	for i := range s.migrations {
		m := &s.migrations[i]
		number, _, ok := strings.Cut(m.name, "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if !ok || err != nil || version == 0 {
			return s, fmt.Errorf("migration %s: want a name as 0001_what.sql", m.name)
		}
		m.version = uint32(version)
	}
	slices.SortStableFunc(s.migrations, func(a, b file) int { return cmp.Compare(a.version, b.version) })
	for i, m := range s.migrations {
		if i > 0 && m.version == s.migrations[i-1].version {
			return s, fmt.Errorf("migrations %s and %s have the same number", s.migrations[i-1].name, m.name)
		}
	}
	s.views, err = readFolder(files, "views")
	return s, err
}

func readFolder(files fs.FS, folder string) ([]file, error) {
	names, err := fs.Glob(files, folder+"/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	out := make([]file, 0, len(names))
	for _, name := range names {
		f, err := readFile(files, name)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func readFile(files fs.FS, name string) (file, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return file{}, fmt.Errorf("read SQL file: %w", err)
	}
	// A checkout with other line ends is the same file.
	sql := strings.ReplaceAll(string(text), "\r\n", "\n")
	sum := sha256.Sum256([]byte(sql))
	return file{name: strings.TrimSuffix(path.Base(name), ".sql"), sql: sql, checksum: hex.EncodeToString(sum[:])}, nil
}
