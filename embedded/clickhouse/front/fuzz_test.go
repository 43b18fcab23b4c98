package front

import (
	"bytes"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest sends any address and form: it is refused, or none of the interface's own parameters becomes a setting, and every external table has
// the parameter that describes it.
func FuzzRequest(f *testing.F) {
	form := "--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n1\t2\r\n--b\r\nContent-Disposition: form-data; name=\"param_x\"\r\n\r\n3\r\n--b--\r\n"
	f.Add("query=SELECT+1&t_structure=a+Int8&max_threads=2", "multipart/form-data; boundary=b", "", []byte(form))
	f.Add("query=SELECT+1&t_types=Array(Int8),Tuple(a%20String,b%20Int8)&session_id=s&session_timeout=9", "multipart/form-data; boundary=b", "", []byte(form))
	f.Add("decompress=1&compress=1&client_protocol_version=-1&readonly=x", "text/plain", "zstd", []byte("SELECT 1"))
	f.Add("session_timeout=-1&enable_http_compression=1", "multipart/form-data", "br", []byte{0, 1, 2})
	f.Fuzz(func(t *testing.T, query, contentType, encoding string, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Content-Encoding", encoding)
		q, err := parseRequest(r)
		if err != nil {
			return
		}
		for name := range q.settings {
			if reserved[name] || strings.HasPrefix(name, "param_") {
				t.Errorf("%q became a setting", name)
			}
		}
		if q.sessionTimeout < 0 || q.sessionTimeout > maxSessionTimeout {
			t.Errorf("sessions live %s", q.sessionTimeout)
		}
		address, _ := url.ParseQuery(query)
		for _, table := range q.external {
			if !isTable(table.name, address) && !bytes.Contains(body, []byte(table.name+"_")) {
				t.Errorf("nothing describes table %q", table.name)
			}
		}
	})
}

// FuzzEncoding: what is encoded is decoded to what it was, and any bytes are decoded or refused.
func FuzzEncoding(f *testing.F) {
	f.Add(uint8(0), []byte("hello"), []byte{})
	f.Add(uint8(3), bytes.Repeat([]byte("ab"), 1000), []byte{0xff, 0x06, 0, 0})
	f.Fuzz(func(t *testing.T, which uint8, plain, garbage []byte) {
		name := encodings[int(which)%len(encodings)]
		var wire bytes.Buffer
		w, err := encoder(&wire, name, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := decodeHTTP(&wire, name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%s: %d bytes of %d came back: %v", name, len(got), len(plain), err)
		}
		if r, err = decodeHTTP(bytes.NewReader(garbage), name); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		}
		blocks := newBlockWriter(&wire, "LZ4")
		wire.Reset()
		if _, err := blocks.Write(plain); err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest("POST", "/", &wire)
		if r, err = decodeBody(request, true); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("blocks: %d bytes of %d came back: %v", len(got), len(plain), err)
		}
	})
}
