package front

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

func itoa(n int) string { return strconv.Itoa(n) }

// decodeBody undoes Content-Encoding and, when asked, ClickHouse's own compression within it.
func decodeBody(r *http.Request, native bool) (io.Reader, error) {
	body, err := decodeHTTP(r.Body, strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))))
	if err != nil {
		return nil, err
	}
	if native {
		counted := &countingReader{r: body}
		return &blockReader{source: counted, blocks: compress.NewReader(counted)}, nil
	}
	return body, nil
}

func decodeHTTP(body io.Reader, encoding string) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return lazyReader{open: func() (io.Reader, error) { return gzip.NewReader(body) }}.reader(), nil
	case "deflate":
		return lazyReader{open: func() (io.Reader, error) { return zlib.NewReader(body) }}.reader(), nil
	case "br":
		return brotli.NewReader(body), nil
	case "zstd":
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return d, nil
	case "lz4":
		return lz4.NewReader(body), nil
	case "snappy":
		return snappy.NewReader(body), nil
	}
	return nil, newError(codeNotImplemented, "NOT_IMPLEMENTED", "Unknown compression method: %s", encoding)
}

// lazyReader opens a decoder with the first read: an empty body has no header to read.
type lazyReader struct {
	open func() (io.Reader, error)
}

func (l lazyReader) reader() io.Reader { return &openedReader{open: l.open} }

type openedReader struct {
	open func() (io.Reader, error)
	r    io.Reader
}

func (o *openedReader) Read(p []byte) (int, error) {
	if o.r == nil {
		r, err := o.open()
		if err != nil {
			return 0, err
		}
		o.r = r
	}
	return o.r.Read(p)
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// blockReader reads ClickHouse's compressed blocks. It tells the end of the data between blocks from an end amid one.
type blockReader struct {
	source *countingReader
	blocks *compress.Reader
}

func (b *blockReader) Read(p []byte) (int, error) {
	before := b.source.n
	n, err := b.blocks.Read(p)
	if err == nil || !errors.Is(err, io.EOF) {
		return n, err
	}
	if b.source.n == before {
		return n, io.EOF
	}
	return n, io.ErrUnexpectedEOF
}

// bodyError gives a failed read of the body a code: a broken compressed block is the client's, an ended connection too.
func bodyError(err error) error {
	var corrupted *compress.CorruptedDataErr
	if errors.As(err, &corrupted) {
		return newError(codeChecksum, "CHECKSUM_DOESNT_MATCH", "Checksum of a compressed block does not match: %v", err)
	}
	return newError(codeNetwork, "NETWORK_ERROR", "Cannot read the request body: %v", err)
}

// encodings in the order ClickHouse prefers them.
var encodings = []string{"zstd", "br", "lz4", "snappy", "gzip", "deflate"}

// chooseEncoding picks from an Accept-Encoding header; weights other than 0 are ignored, as ClickHouse does.
func chooseEncoding(header string) string {
	accepted := map[string]bool{}
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		accepted[strings.ToLower(strings.TrimSpace(name))] = strings.ReplaceAll(weight, " ", "") != "q=0"
	}
	for _, e := range encodings {
		if accepted[e] {
			return e
		}
	}
	return ""
}

// encoder wraps w in a Content-Encoding; level is that of zlib, 0 for its default.
func encoder(w io.Writer, encoding string, level int) (io.WriteCloser, error) {
	switch encoding {
	case "gzip":
		return gzip.NewWriterLevel(w, zlibLevel(level))
	case "deflate":
		return zlib.NewWriterLevel(w, zlibLevel(level))
	case "br":
		return brotli.NewWriterLevel(w, 3), nil
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	case "lz4":
		return lz4.NewWriter(w), nil
	case "snappy":
		return snappy.NewBufferedWriter(w), nil
	}
	return nil, newError(codeNotImplemented, "NOT_IMPLEMENTED", "Unknown compression method: %s", encoding)
}

func zlibLevel(level int) int {
	if level < 1 || level > 9 {
		return 3 // ClickHouse's http_zlib_compression_level
	}
	return level
}

// blockWriter writes ClickHouse's compressed blocks, each with its checksum.
type blockWriter struct {
	w io.Writer
	c *compress.Writer
}

// blockSize is the size of a block before compression.
const blockSize = 1 << 20

func newBlockWriter(w io.Writer, method string) *blockWriter {
	m := compress.LZ4
	switch strings.ToUpper(method) {
	case "ZSTD":
		m = compress.ZSTD
	case "LZ4HC":
		m = compress.LZ4HC
	case "NONE":
		m = compress.None
	}
	return &blockWriter{w: w, c: compress.NewWriter(compress.LevelZero, m)}
}

func (b *blockWriter) Write(p []byte) (int, error) {
	for at := 0; at < len(p); at += blockSize {
		if err := b.c.Compress(p[at:min(at+blockSize, len(p))]); err != nil {
			return at, err
		}
		if _, err := b.w.Write(b.c.Data); err != nil {
			return at, err
		}
	}
	return len(p), nil
}

func (b *blockWriter) Close() error { return nil }
