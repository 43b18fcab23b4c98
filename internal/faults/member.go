package faults

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rapport-project/rapport/internal/e2e"
)

// series sums the series of a member's metric whose labels hold all of the parts, as in `class="timeout"`; 0 where there are none.
func series(m *e2e.System, name string, parts ...string) (float64, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, m.HTTP+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	sum := 0.0
	lines := bufio.NewScanner(resp.Body)
next:
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), name)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		for _, part := range parts {
			if !strings.Contains(rest, part) {
				continue next
			}
		}
		value, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			return 0, fmt.Errorf("metric %s: %w", name, err)
		}
		sum += value
	}
	return sum, lines.Err()
}

// rises waits until a metric of a member is above a figure.
func (x *Trial) rises(m *e2e.System, above float64, name string, parts ...string) {
	x.t.Helper()
	x.Wait(fmt.Sprintf("above %v: %s %v", above, name, parts), func() error {
		is, err := series(m, name, parts...)
		if err == nil && is <= above {
			err = fmt.Errorf("it is %v", is)
		}
		return err
	})
}

// inGroups waits until a member has its place in all groups. One that dies before, beside others, stays in a group of the embedded Kafka for good: kfake
// starts no session for a member that was gone when the answer to its join was ready, and its partitions stand still until somebody else joins.
func (x *Trial) inGroups(m *e2e.System) {
	x.t.Helper()
	for _, group := range []string{e2e.GroupEvents, e2e.GroupDeadLetters, e2e.GroupOutcomes, e2e.GroupRollups} {
		x.rises(m, 0, "rapport_kafka_group_generations_total", `group="`+group+`"`)
	}
}
