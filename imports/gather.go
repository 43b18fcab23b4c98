package imports

import (
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/rapport-project/rapport/schemas"
)

// DefaultGatherBytes is about how much memory events may take that wait for more of their rows.
const DefaultGatherBytes = 512 << 20

// gatherer makes many rows one event. Its memory is bounded: rows that need not be adjacent wait up to the bound, adjacent ones
// leave eight bytes of each key behind, so that a key which comes again is noticed.
type gatherer struct {
	m      *Mapping
	e      *eventMapping
	groups map[string]*group
	order  []*group // as their first rows came: the order of events must not depend on a map's
	bytes  int
	limit  int
	last   string // the key at hand, where rows are adjacent
	closed map[uint64]struct{}
}

// group is an event that gathers; once a row of it is refused the whole event is, for half an event would be a wrong one.
type group struct {
	draft   *draft
	refused *Refusal
}

// size is about what the group holds in memory, in bytes: a refusal stays as long as an event would.
func (g *group) size() int {
	if g.draft != nil {
		return g.draft.size()
	}
	n := 256 + len(g.refused.Detail) + len(g.refused.Field)
	for _, cell := range g.refused.Cells {
		n += 16 + len(cell)
	}
	return n
}

// TooManyGatheredError says that rows which need not be adjacent take more memory than they may.
type TooManyGatheredError struct {
	Events, Limit int
	Columns       string
}

func (e *TooManyGatheredError) Error() string {
	return fmt.Sprintf("%d events wait for more rows and take over %d MiB: sort the file by %s and say adjacent: true under gather", e.Events, e.Limit>>20, e.Columns)
}

func newGatherer(m *Mapping, e *eventMapping, limit int) *gatherer {
	return &gatherer{m: m, e: e, groups: map[string]*group{}, limit: limit, closed: map[uint64]struct{}{}}
}

func (g *gatherer) key(cells []string) string {
	var b strings.Builder
	for _, c := range g.e.gather.by {
		fmt.Fprintf(&b, "%d:%s", len(cells[c]), cells[c])
	}
	return b.String()
}

// add takes what a row becomes, and gives back the group that is complete by it, if any.
func (g *gatherer) add(r row, d *draft, refused *Refusal) (done *group, err error) {
	key := g.key(r.cells)
	if g.e.gather.adjacent && key != g.last {
		done = g.flushOne()
		g.last = key
		if _, again := g.closed[xxhash.Sum64String(key)]; again && refused == nil {
			refused = &Refusal{File: r.file, Line: r.line, Rows: 1, Type: g.e.kind, InvalidError: schemas.InvalidError{Reason: schemas.InvalidFormat,
				Detail: "rows of one event are not adjacent, as the mapping says they are: sort the file by " + g.columns() + ", or leave adjacent out"}}
		}
	}
	have, there := g.groups[key]
	if !there {
		have = &group{draft: d, refused: refused}
		g.groups[key] = have
		g.order = append(g.order, have)
		if d != nil {
			// A cell would keep its whole row in memory.
			d.at.cells, d.id = nil, strings.Clone(d.id)
		}
		g.bytes += len(key) + have.size()
	} else {
		g.extend(have, d, refused)
	}
	if g.bytes > g.limit {
		return done, &TooManyGatheredError{Events: len(g.groups), Limit: g.limit, Columns: g.columns()}
	}
	return done, nil
}

func (g *gatherer) extend(have *group, d *draft, refused *Refusal) {
	if have.refused != nil {
		return
	}
	before := have.size()
	if refused == nil {
		refused = have.draft.merge(d, g.m)
	}
	if refused != nil {
		have.draft, have.refused = nil, refused
	}
	g.bytes += have.size() - before
}

// flushOne gives back the event of adjacent rows.
func (g *gatherer) flushOne() *group {
	if len(g.order) == 0 {
		return nil
	}
	done := g.order[0]
	g.closed[xxhash.Sum64String(g.last)] = struct{}{}
	clear(g.groups)
	g.order, g.bytes = g.order[:0], 0
	return done
}

// flush gives back all events that wait.
func (g *gatherer) flush() []*group {
	all := g.order
	g.groups, g.order, g.bytes = map[string]*group{}, nil, 0
	return all
}

func (g *gatherer) columns() string {
	var names []string
	for _, c := range g.e.gather.by {
		names = append(names, g.m.columns[c].name)
	}
	return strings.Join(names, ", ")
}
