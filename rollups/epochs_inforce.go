package rollups

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Calm says whether what is in force is what this process computes under, with all of its marks out; stamp is another one after any epoch that
// began. Figures that differ from their facts while it is not, or across two stamps, may just not have been computed again yet.
func (e *Epochs) Calm(ctx context.Context) (stamp string, calm bool, err error) {
	rows, err := e.load(ctx)
	if err != nil {
		return "", false, err
	}
	want := e.common.Load()
	calm = want != nil && rows[all].fingerprint == *want
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		row := rows[name]
		calm = calm && row.marked && (name == all || row.fingerprint == e.fingerprint(name))
		stamp += fmt.Sprintf("%q=%d;", name, row.number)
	}
	return stamp, calm, nil
}

// InForce is nil where what is in force is what these settings compute and all that an epoch made stale has been marked. Otherwise stored figures may
// differ from what is computed here with nothing wrong, and the error says why.
func (e *Epochs) InForce(ctx context.Context) error {
	rows, err := e.load(ctx)
	if err != nil {
		return err
	}
	common, err := e.commonFingerprint(ctx)
	if err != nil {
		return err
	}
	for name, row := range rows {
		want := common
		if name != all {
			want = e.fingerprint(name)
		}
		switch {
		case row.fingerprint != want:
			return fmt.Errorf("rollups: for tenant %q in force is %q, here is %q: %w", name, row.fingerprint, want, errOtherSettings)
		case !row.marked:
			return fmt.Errorf("rollups: the epoch of tenant %q has begun and its days are still being marked", name)
		}
	}
	return nil
}
