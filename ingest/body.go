package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// firstBuffer is what a request holds before its first byte arrives; more is taken only as bytes come in, so that a
// caller that announces much and sends little holds little.
const firstBuffer = 4 << 10

// coding is a content coding of HTTP.
type coding string

const (
	codingIdentity coding = "identity"
	codingGzip     coding = "gzip"
	codingZstd     coding = "zstd"
)

// codingOf reads Content-Encoding. Several codings over each other are not taken: no producer needs them and each layer
// multiplies what a small body can unpack to.
func codingOf(r *http.Request) (coding, *problem) {
	values := r.Header.Values("Content-Encoding")
	name := strings.ToLower(strings.TrimSpace(strings.Join(values, ",")))
	switch name {
	case "", "identity":
		return codingIdentity, nil
	case "gzip", "x-gzip":
		return codingGzip, nil
	case "zstd":
		return codingZstd, nil
	}
	return "", problemUnsupportedCoding()
}

// readBody reads the body as it was sent, within its limits of size and time.
func (h *Handler) readBody(w http.ResponseWriter, r *http.Request, held *share) ([]byte, *problem) {
	if r.ContentLength > h.config.MaxBodyBytes {
		return nil, problemBodyTooLarge(h.config.MaxBodyBytes)
	}
	raw, err := readAll(r.Body, h.config.MaxBodyBytes, held)
	if err == nil {
		// The deadline was for the body. Left in place, the server would take its passing for a caller that has gone away.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		return raw, nil
	}
	switch {
	case errors.Is(err, errTooLarge):
		return nil, problemBodyTooLarge(h.config.MaxBodyBytes)
	case errors.Is(err, errNoRoom):
		return nil, problemOverloaded()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, problemSlowBody(h.config.BodyTimeout)
	}
	return nil, problemBrokenBody("the body broke off before its end")
}

// unpack undoes a content coding, within the limit of unpacked bytes.
func (h *Handler) unpack(raw []byte, c coding, held *share) ([]byte, *problem) {
	if c == codingIdentity {
		return raw, nil
	}
	// An empty body is an empty batch whatever its coding is said to be.
	if len(raw) == 0 {
		return nil, nil
	}
	var body []byte
	var err error
	switch c {
	case codingGzip:
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(raw)); err == nil {
			body, err = readAll(z, h.config.MaxUnpackedBytes, held)
		}
	case codingZstd:
		body, err = h.unzstd(raw, held)
	}
	switch {
	case err == nil:
		return body, nil
	case errors.Is(err, errTooLarge), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return nil, problemUnpackedTooLarge(h.config.MaxUnpackedBytes)
	case errors.Is(err, errNoRoom):
		return nil, problemOverloaded()
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return nil, problemBrokenBody(fmt.Sprintf("the zstd window is over %d bytes", zstdWindow))
	}
	return nil, problemBrokenBody(fmt.Sprintf("the body is not valid %s, or it breaks off", c))
}

// zstdWindow is the largest window that a zstd decoder must support by RFC 8878.
const zstdWindow = 8 << 20

func (h *Handler) unzstd(raw []byte, held *share) ([]byte, error) {
	d, _ := h.zstd.Get().(*zstd.Decoder)
	if d == nil {
		var err error
		// One goroutine, the request's own: decoders in the pool then hold no others.
		if d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow)); err != nil {
			return nil, err
		}
	}
	if err := d.Reset(bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	body, err := readAll(d, h.config.MaxUnpackedBytes, held)
	// The decoder must not hold on to the body while it waits in the pool.
	if d.Reset(nil) == nil {
		h.zstd.Put(d)
	}
	return body, err
}

var (
	errTooLarge = errors.New("more bytes than allowed")
	errNoRoom   = errors.New("no room for more bytes in flight")
)

// readAll reads r to its end, at most limit bytes, and takes what it holds from the budget as it grows. What it returns
// stays taken until the share is closed.
func readAll(r io.Reader, limit int64, held *share) (body []byte, err error) {
	buf := held.borrow(min(int64(firstBuffer), limit+1))
	if buf == nil {
		return nil, errNoRoom
	}
	defer func() { held.keep(buf) }()
	for {
		if len(buf) == cap(buf) {
			// One byte over the limit is room enough to see that there is too much.
			grown := held.borrow(min(2*int64(cap(buf)), limit+1))
			if grown == nil {
				return nil, errNoRoom
			}
			grown = append(grown, buf...)
			held.giveBack(buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return nil, errTooLarge
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return buf, nil
		case err != nil:
			return nil, err
		}
	}
}

// compute waits for one of the few places for work that takes processor time and memory but waits for nobody: unpacking
// and judging. Done after the body is there, it is short, whatever the caller does.
func (h *Handler) compute(ctx context.Context) (leave func(), err error) {
	select {
	case h.places <- struct{}{}:
		return func() { <-h.places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
