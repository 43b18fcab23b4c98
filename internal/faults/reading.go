package faults

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/rapport-project/rapport/internal/e2e"
)

// counted sums the series of a member's metric whose labels hold all of the parts, as in `result="error"`; 0 where there are none.
func counted(m *e2e.System, name string, parts ...string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.HTTP+"/metrics", nil)
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
		v, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			return 0, fmt.Errorf("metric %s: %w", name, err)
		}
		sum += v
	}
	return sum, lines.Err()
}

// grows waits until a metric, of all members together, is above a figure: what a fault must have caused.
func (x *Trial) grows(above float64, name string, parts ...string) {
	x.t.Helper()
	x.exceeds(x.Members, above, name, parts)
}

// growsOf is grows of one member.
func (x *Trial) growsOf(m *e2e.System, above float64, name string, parts ...string) {
	x.t.Helper()
	x.exceeds([]*e2e.System{m}, above, name, parts)
}

func (x *Trial) exceeds(members []*e2e.System, above float64, name string, parts []string) {
	x.t.Helper()
	x.Wait(fmt.Sprintf("%s %v above %v", name, parts, above), func() error {
		sum := 0.0
		for _, m := range members {
			is, err := counted(m, name, parts...)
			if err != nil {
				return err
			}
			sum += is
		}
		if sum <= above {
			return fmt.Errorf("it is %v", sum)
		}
		return nil
	})
}

// admin asks the broker past the proxy.
func (x *Trial) admin() *kadm.Client { return kadm.NewClient(x.Direct.Client()) }

// committed are the offsets of a group.
func (x *Trial) committed(group string) (map[place]int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	admin := x.admin()
	defer admin.Close()
	offsets, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return nil, err
	}
	if err := offsets.Error(); err != nil {
		return nil, err
	}
	at := map[place]int64{}
	offsets.Each(func(o kadm.OffsetResponse) { at[place{o.Topic, o.Partition}] = o.At })
	return at, nil
}

// drained waits until a group has read all there is.
func (x *Trial) drained(group string) {
	x.t.Helper()
	admin := x.admin()
	defer admin.Close()
	x.Wait(group+" without lag", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		lags, err := admin.Lag(ctx, group)
		if err != nil {
			return err
		}
		l := lags[group]
		if err := l.Error(); err != nil {
			return err
		}
		if n := l.Lag.Total(); n != 0 || len(l.Lag) == 0 {
			return fmt.Errorf("%d records wait, the group is %s", n, l.State)
		}
		return nil
	})
}
