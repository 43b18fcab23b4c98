package rolling

import (
	"context"
	"embed"
	"fmt"
	"math"
	"math/big"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/metrics"
)

//go:embed sql/kept/*.sql
var keptFiles embed.FS

// unit is what is computed at once, in each lane.
type unit struct {
	tenant string
	window metrics.Window
}

// basis is what the figures of a unit rest on, as it was before they were computed: they are computed again when it changes.
type basis struct {
	asOf time.Time
	// epochs and marks are the sums over the versions of the days.
	epochs, marks uint64
	// others changes with the values that are shown as other, invitations with the invitations sent.
	others, invitations uint64
	// live rises with the facts of a busy tenant, of which no version tells: of two rows of one version the one written last has seen more.
	live uint64
	// tables with any day of the tenant, a comma between them: what has none need not be asked for.
	tables string
}

// has are the kinds of states of tables that there is anything in.
func (l basis) has() []metrics.State {
	has := []metrics.State{} // not nil, which is all
	for _, name := range strings.Split(l.tables, ",") {
		has = append(has, metrics.State(name))
	}
	return has
}

// nothing says that a lane has no figures.
func (l basis) nothing(in lane) bool {
	return l.epochs == 0 && l.marks == 0 && (in == laneDays || l.invitations == 0)
}

// of is what the lane depends on.
func (l basis) of(in lane) basis {
	if in == laneDays {
		l.invitations = 0
	} else {
		l.live = 0
	}
	return l
}

// version orders the rows that are computed after the look: by as_of, then by the days that were there. Days' versions only rise, so of two rows
// of one as_of the higher one has seen whatever the other has.
func (l basis) version() *big.Int {
	minutes := uint64(max(l.asOf.Unix(), 0)) / 60
	v := new(big.Int).SetUint64(minutes<<32 | min(l.epochs, math.MaxUint32))
	return v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(l.marks))
}

// dayTables are the tables whose versions are looked at.
func dayTables() []string {
	return []string{
		string(metrics.Surveys), string(metrics.Dimensions), string(metrics.Scores), string(metrics.Reasons), string(metrics.ContactStates),
		string(metrics.Milestones), string(metrics.Durations), string(metrics.DueTimes),
		string(metrics.ComplaintStates), string(metrics.ComplaintDurations), string(metrics.ComplaintDueTimes),
	}
}

// blocks is a number that changes when anything is written that figures rest on.
func (k *Keeper) blocks(ctx context.Context) (n uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	tables := append(dayTables(), "invitation_facts", "attribute_values")
	if err := k.o.Conn.QueryRow(ctx, kept("blocks.sql"), clickhouse.Named("tables", tables)).Scan(&n); err != nil {
		return 0, fmt.Errorf("rolling: look for what was written: %w", err)
	}
	return n, nil
}

// basis is what the figures of all tenants with anything in the last two windows rest on.
func (k *Keeper) look(ctx context.Context, now time.Time) (map[unit]basis, error) {
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	windows := metrics.Windows()
	days := make([]string, len(windows))
	for i, w := range windows {
		// A day of any zone that reaches into the windows: the zones are up to a day apart from UTC.
		days[i] = w.AsOf(now).Add(-2*w.Length).AddDate(0, 0, -2).Format(time.DateOnly)
	}
	rows, err := k.o.Conn.Query(ctx, k.lookSQL, clickhouse.Named("days", days))
	if err != nil {
		return nil, fmt.Errorf("rolling: look at the days: %w", err)
	}
	defer func() { _ = rows.Close() }()
	looks := map[unit]basis{}
	for rows.Next() {
		var tenant string
		var epochs, marks, invitations []uint64
		var others uint64
		var tables []string
		if err := rows.Scan(&tenant, &epochs, &marks, &invitations, &others, &tables); err != nil {
			return nil, fmt.Errorf("rolling: look at the days: %w", err)
		}
		for i, w := range windows {
			looks[unit{tenant, w}] = basis{asOf: w.AsOf(now), epochs: epochs[i], marks: marks[i], invitations: invitations[i], others: others, tables: strings.Join(tables, ",")}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("rolling: look at the days: %w", err)
	}
	return looks, nil
}

// kept is a statement of the keeper.
func kept(name string) string {
	text, err := keptFiles.ReadFile("sql/kept/" + name)
	if err != nil {
		panic(err) // a file of this package
	}
	return string(text)
}

// keptOf is a statement of the keeper with names filled in; values are parameters.
func keptOf(name string, data any) string {
	var b strings.Builder
	if err := template.Must(template.New(name).Parse(kept(name))).Execute(&b, data); err != nil {
		panic(err) // a file of this package, and names from closed lists
	}
	return b.String()
}
