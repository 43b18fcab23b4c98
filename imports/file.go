package imports

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/rapport-project/rapport/schemas"
)

// maxRecordBytes bounds one row: a quote that is never closed would make the rest of a file one cell.
const maxRecordBytes = 4 << 20

// rows reads a file row by row. The refusal is of a row that cannot be read, after which others can; io.EOF ends them.
type rows interface {
	next() (row, *Refusal, error)
}

// open reads a file, or standard input for "-", through gzip where its first bytes say so. read is told of the bytes of the file.
func (m *Mapping) open(name string, stdin io.Reader, read func(int)) (rows, func() error, error) {
	in, closer := stdin, func() error { return nil }
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		in, closer = f, f.Close
	}
	all, err := m.rows(name, &counted{r: in, read: read})
	if err != nil {
		return nil, nil, errors.Join(err, closer())
	}
	return all, closer, nil
}

// rows reads what a file contains.
func (m *Mapping) rows(name string, in io.Reader) (rows, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		buffered = bufio.NewReaderSize(z, 64<<10)
	}
	decoder, err := m.decoder()
	if err != nil {
		return nil, err
	}
	text := bufio.NewReaderSize(transform.NewReader(buffered, decoder), 64<<10)
	if m.file.ndjson {
		return newLines(m, name, text), nil
	}
	return newTable(m, name, text)
}

// decoder makes text UTF-8 and takes a byte order mark away. UTF-8 goes through as it is, so that what is none is seen.
func (m *Mapping) decoder() (transform.Transformer, error) {
	if m.file.encoding == "" {
		return unicode.BOMOverride(transform.Nop), nil
	}
	encoding, err := htmlindex.Get(m.file.encoding)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", m.file.encoding, err)
	}
	return unicode.BOMOverride(encoding.NewDecoder()), nil
}

// counted tells how much was read.
type counted struct {
	r    io.Reader
	read func(int)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read(n)
	return n, err
}

// cell is a value as the mapping sees it: trimmed, blanks as "". The verdict is on text that is none in the file's encoding.
func (m *Mapping) cell(s string) (string, *verdict) {
	s = strings.TrimSpace(s)
	if m.blanks[s] {
		return "", nil
	}
	if m.file.encoding == "" {
		if !utf8.ValidString(s) {
			return "", &verdict{schemas.NotUTF8, "the file is not UTF-8 here; say file.encoding, such as windows-1252 or gb18030"}
		}
	} else if strings.ContainsRune(s, utf8.RuneError) {
		return "", &verdict{schemas.NotUTF8, "there are bytes that are nothing in " + m.file.encoding}
	}
	return s, nil
}

// unreadable is the refusal of a whole row.
func unreadable(name string, line int, reason schemas.Reason, cells []string, detail string) *Refusal {
	return &Refusal{File: name, Line: line, Rows: 1, Cells: cells, InvalidError: schemas.InvalidError{Reason: reason, Detail: detail}}
}
