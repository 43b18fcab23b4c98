package e2e

import (
	"os"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// rapport is the binary under test, built once.
var rapport string

func TestMain(m *testing.M) {
	clickhousetest.Child()
	os.Exit(Run(m, func(binary string) { rapport = binary }))
}
