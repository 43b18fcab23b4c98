package store

import (
	"errors"
	"net"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// posted is what the client puts before the cause over HTTP: an address with all the settings of Open in it.
const posted = `(?:failed to query server hello(?: info)?: )*(?:sendQuery: )?(?:Post|Get) "https?://(?:[^"@/?]*@)?([^"/?]+)[^"]*"`

// Away says of an error that it comes of ClickHouse at a DSN not being reachable, and gives it back in words that name host and cause
// in place of a long address. Any other error comes back as it is.
func Away(err error, dsn string) (error, bool) {
	if !errors.As(err, new(*net.OpError)) && !errors.As(err, new(*net.DNSError)) {
		return err, false
	}
	opt, wrong := clickhouse.ParseDSN(dsn)
	if wrong != nil {
		return err, false
	}
	text := regexp.MustCompile(posted).ReplaceAllString(err.Error(), "ClickHouse at $1")
	for _, addr := range opt.Addr {
		host, _, _ := net.SplitHostPort(addr)
		// Another server may be away as well: the error names whom it is about.
		if strings.Contains(text, addr) || host != "" && strings.Contains(text, "lookup "+host) {
			return &awayError{text, err}, true
		}
	}
	return err, false
}

// awayError is an error in other words.
type awayError struct {
	text string
	err  error
}

func (e *awayError) Error() string { return e.text }

func (e *awayError) Unwrap() error { return e.err }
