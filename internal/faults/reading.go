package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/rapport-project/rapport/internal/e2e"
)

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
			is, err := series(m, name, parts...)
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
