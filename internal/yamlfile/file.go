// Package yamlfile reads the YAML files that users write: settings and definitions. Unlike a decoder into structs it
// collects every mistake of a file, each with its line, its field and what is wanted, so that one run shows all there is
// to mend. It takes the plain part of YAML only: mappings, lists, text, numbers and booleans; no anchors, aliases, tags or
// merge keys.
package yamlfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	yaml "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	// maxBytes bounds a file: a questionnaire of 200 items with texts in two languages takes a tenth of it.
	maxBytes = 256 << 10
	// maxBrackets and maxLine bound how deep values nest, in flow style and as "- - -", since the parser's time and stack
	// grow faster than the depth.
	maxBrackets = 500
	maxLine     = 4 << 10
)

// File is one parsed file and the problems found in it so far.
type File struct {
	name     string
	root     ast.Node
	problems Problems
}

// Parse reads the text of a file; name is only for messages. A syntax error is a problem like others: Root is then absent.
func Parse(name string, text []byte) *File {
	f := &File{name: name}
	if detail := unreadable(text); detail != "" {
		f.add(0, "", detail)
		return f
	}
	docs, line, detail := parse(text)
	if detail != "" {
		f.add(line, "", "not YAML: "+detail)
		return f
	}
	for _, doc := range docs {
		if doc.Body == nil {
			continue
		}
		if f.root != nil {
			f.add(doc.Body.GetToken().Position.Line, "", "a second document in the file; want one document in each file")
			break
		}
		f.root = doc.Body
	}
	// A file that says null says nothing either: every reader would take it for one in which all is missing, and none for a mistake.
	if _, null := f.root.(*ast.NullNode); null || f.root == nil {
		f.root = nil
		f.add(0, "", "the file is empty")
	}
	return f
}

// Name is the file's name as given.
func (f *File) Name() string { return f.name }

// Root is the whole document.
func (f *File) Root() Value { return Value{file: f, node: f.root, line: 1} }

// Problems are those found so far, by line.
func (f *File) Problems() Problems { return f.problems.sorted() }

func (f *File) add(line int, field, detail string) {
	f.problems = append(f.problems, Problem{File: f.name, Line: line, Field: field, Detail: detail})
}

func unreadable(text []byte) string {
	if len(text) > maxBytes {
		return fmt.Sprintf("the file has %d bytes; at most %d are read", len(text), maxBytes)
	}
	if !utf8.Valid(text) {
		return "the file is not UTF-8; save it as UTF-8"
	}
	depth, column := 0, 0
	for _, c := range text {
		column++
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		case '\n', '\r':
			column = 0
		}
		if column > maxLine {
			return fmt.Sprintf("a line has more than %d bytes; break it up", maxLine)
		}
		if depth > maxBrackets {
			return fmt.Sprintf("more than %d brackets are open at once", maxBrackets)
		}
	}
	return ""
}

// parse turns the parser's errors, and its panics on odd input, into a line and a detail.
func parse(text []byte) (docs []*ast.DocumentNode, line int, detail string) {
	defer func() {
		if r := recover(); r != nil {
			docs, detail = nil, "the parser cannot make sense of the file"
		}
	}()
	// Duplicate keys are let through here so that they are reported together with all other mistakes.
	parsed, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err == nil {
		return parsed.Docs, 0, ""
	}
	if syntax, ok := errors.AsType[yaml.Error](err); ok {
		if token := syntax.GetToken(); token != nil && token.Position != nil {
			line = token.Position.Line
		}
		return nil, line, syntax.GetMessage()
	}
	return nil, 0, err.Error()
}

// Source is a file not yet parsed.
type Source struct {
	Name string // for messages
	Text []byte
}

// ReadOwn reads the files of one folder of the user's configuration folder dir, as calendars; dir may be empty, and then there are none.
func ReadOwn(dir, folder string) ([]Source, error) {
	if dir == "" {
		return nil, nil
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("configuration folder: %w", err)
	}
	folder = filepath.Join(dir, folder)
	return ReadDir(os.DirFS(folder), filepath.ToSlash(folder))
}

// ReadDir reads the .yaml and .yml files of a folder in the order of their names; prefix stands before the names in messages. A folder that
// is not there has no files.
func ReadDir(files fs.FS, prefix string) ([]Source, error) {
	entries, err := fs.ReadDir(files, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read folder %s: %w", prefix, err)
	}
	var sources []Source
	for _, entry := range entries {
		// A hidden file is an editor's or the system's, not the user's.
		if ext := path.Ext(entry.Name()); entry.IsDir() || ext != ".yaml" && ext != ".yml" || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		text, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path.Join(prefix, entry.Name()), err)
		}
		sources = append(sources, Source{Name: path.Join(prefix, entry.Name()), Text: text})
	}
	return sources, nil
}
