package store

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestCompression(t *testing.T) {
	for dsn, want := range map[string]clickhouse.CompressionMethod{
		"http://localhost:8123":                    clickhouse.CompressionNone,
		"http://127.0.0.1:8123/db":                 clickhouse.CompressionNone,
		"clickhouse://[::1]:9000":                  clickhouse.CompressionNone,
		"http://clickhouse:8123":                   clickhouse.CompressionLZ4,
		"https://u:p@192.0.2.1:8443":               clickhouse.CompressionLZ4,
		"clickhouse://127.0.0.1:9000,host:9000/db": clickhouse.CompressionLZ4,
		"http://clickhouse:8123?compress=none":     clickhouse.CompressionNone,
		"http://clickhouse:8123?compress=false":    clickhouse.CompressionNone,
		"http://clickhouse:8123?compress=gzip":     clickhouse.CompressionGZIP,
		"http://localhost:8123?compress=zstd":      clickhouse.CompressionZSTD,
	} {
		opt, err := Options(Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		got := clickhouse.CompressionNone
		if opt.Compression != nil {
			got = opt.Compression.Method
		}
		if got != want {
			t.Errorf("%s: %s, want %s", dsn, got, want)
		}
	}
}
