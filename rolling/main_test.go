package rolling

import (
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }
