package clickhouse

import (
	"bytes"
	"net"
	"testing"

	"github.com/rs/zerolog"
)

func TestOpenAddressIsWarnedOf(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1": false, "127.3.2.1": false, "::1": false, "0.0.0.0": true, "::": true, "10.1.2.3": true} {
		var out bytes.Buffer
		New(Options{Log: zerolog.New(&out)}).warnIfOpen(&net.TCPAddr{IP: net.ParseIP(addr), Port: 8123})
		if got := bytes.Contains(out.Bytes(), []byte("no login")); got != want {
			t.Errorf("%s: warned %t, want %t", addr, got, want)
		}
	}
}
