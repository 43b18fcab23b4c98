package faults

import (
	"os"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/e2e"
)

// rapport is the binary under test, built once.
var rapport string

func TestMain(m *testing.M) {
	Child()
	clickhousetest.Child()
	os.Exit(e2e.Run(m, func(binary string) { rapport = binary }))
}
