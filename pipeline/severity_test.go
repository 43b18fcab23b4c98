package pipeline_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/pipeline"
)

// TestHeldPartitionSaysWhetherTimeHelps: a fault of ClickHouse that does not pass by itself is logged as an error.
func TestHeldPartitionSaysWhetherTimeHelps(t *testing.T) {
	for _, test := range []struct {
		step, level string
		err         error
	}{
		{facts, "warn", context.DeadlineExceeded},
		{facts, "error", errBroken},
		{marks, "warn", errBroken},
	} {
		r := &rig{fail: func(step string, attempt int) error {
			if step == test.step && attempt == 1 {
				return test.err
			}
			return nil
		}}
		var log bytes.Buffer
		o := options(r, events(t, 0))
		o.Log = zerolog.New(&log)
		handled(t, pipeline.New(o), newScript(r, threeBatches(t)...))
		if want := `"level":"` + test.level + `"`; !strings.Contains(log.String(), want) || !strings.Contains(log.String(), "holding the partition") {
			t.Errorf("%s failed with %v: logged %s", test.step, test.err, log.String())
		}
	}
}
