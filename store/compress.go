package store

import (
	"io"
	"net"
	"net/http"
	"net/netip"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// compression is what a DSN that does not say gets: none to this machine, where it would cost more than it saves.
func compression(addrs []string) *clickhouse.Compression {
	for _, a := range addrs {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			host = a
		}
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.Unmap().IsLoopback()) {
			return &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
		}
	}
	return nil
}

// compressor encodes bodies of requests that clickhouse-go sends as they are: of inserts in a format, where lz4 or zstd is asked for.
type compressor struct {
	next   *http.Transport
	method clickhouse.CompressionMethod
}

// compressBodies is for Options.TransportFunc; nil where clickhouse-go compresses all by itself.
func compressBodies(opt *clickhouse.Options) func(*http.Transport) (http.RoundTripper, error) {
	if opt.Compression == nil || opt.Compression.Method != clickhouse.CompressionLZ4 && opt.Compression.Method != clickhouse.CompressionZSTD {
		return nil
	}
	method := opt.Compression.Method
	return func(next *http.Transport) (http.RoundTripper, error) { return compressor{next, method}, nil }
}

// RoundTrip implements http.RoundTripper.
func (c compressor) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Header.Get("Content-Type") != "application/octet-stream" || r.URL.Query().Has("decompress") {
		return c.next.RoundTrip(r)
	}
	out := r.Clone(r.Context())
	out.Header.Set("Content-Encoding", c.method.String())
	out.ContentLength, out.GetBody = -1, nil
	body, to := io.Pipe()
	out.Body = body
	go func() {
		err := c.compress(to, r.Body)
		_ = to.CloseWithError(err) // which never fails; without an error it is the end
		_ = r.Body.Close()
	}()
	return c.next.RoundTrip(out)
}

// CloseIdleConnections is what http.Client asks for.
func (c compressor) CloseIdleConnections() { c.next.CloseIdleConnections() }

func (c compressor) compress(to io.Writer, from io.Reader) error {
	var w io.WriteCloser
	if c.method == clickhouse.CompressionZSTD {
		encoder, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			return err
		}
		w = encoder
	} else {
		w = lz4.NewWriter(to)
	}
	// Not by the writer's own ReadFrom, which reads pieces of four megabytes at a time.
	if _, err := io.Copy(struct{ io.Writer }{w}, from); err != nil {
		return err
	}
	return w.Close()
}
