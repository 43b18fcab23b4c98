package processors

import (
	"time"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

// Room is where the rows of a batch have their lists and optional numbers, in a few large pieces that the next batch uses again, and what was
// looked up for one event and holds for many. It belongs to one Output, and to one set of definitions until it is cleared.
type Room struct {
	texts   slab[string]
	lists   slab[[]string]
	numbers slab[*int16]
	sums    slab[int64]
	scorer  questionnaires.Scorer
	tenants map[string]*tenantRoom
	last    *tenantRoom
}

// Clear makes room for another batch. What was made of the last one must not be used any more.
func (r *Room) Clear() {
	r.clearSlabs()
	r.scorer.Forget()
	clear(r.tenants)
	r.last = nil
}

// clearSlabs takes back what rows point to.
func (r *Room) clearSlabs() {
	r.texts.clear()
	r.lists.clear()
	r.numbers.clear()
	r.sums.clear()
}

// slab gives out slices of few elements each.
type slab[T any] struct {
	all  []T
	used int
}

// take is a slice of n zero values.
func (s *slab[T]) take(n int) []T {
	if len(s.all)-s.used < n {
		// What was given out stays with the rows that have it.
		s.all, s.used = make([]T, max(2*len(s.all), n)), 0
	}
	s.used += n
	return s.all[s.used-n : s.used : s.used]
}

func (s *slab[T]) clear() {
	clear(s.all[:s.used])
	s.used = 0
}

// tenantRoom is what is known of a tenant.
type tenantRoom struct {
	tenants.Tenant
	marked  map[int64]struct{} // days, counted from 1970, that are marked stale
	last    int64
	offsets [2]offset // that were looked up last
}

// offset of a zone from UTC in seconds, and from when to when it holds, in seconds since 1970.
type offset struct{ from, to, seconds int64 }

// tenant is d.Tenants.For.
func (r *Room) tenant(id string, d *Definitions) *tenantRoom {
	if r.last != nil && r.last.ID == id {
		return r.last
	}
	t, ok := r.tenants[id]
	if !ok {
		if r.tenants == nil {
			r.tenants = map[string]*tenantRoom{}
		}
		t = &tenantRoom{Tenant: d.Tenants.For(id), marked: map[int64]struct{}{}, last: -1 << 62}
		r.tenants[id] = t
	}
	r.last = t
	return t
}

// mark says whether the day of an instant is marked stale for the first time.
func (t *tenantRoom) mark(at time.Time) bool {
	local := at.Unix()
	local += t.offset(at, local)
	day := local / secondsOfDay
	if local%secondsOfDay < 0 {
		day--
	}
	if day == t.last {
		return false
	}
	t.last = day
	_, marked := t.marked[day]
	if !marked {
		t.marked[day] = struct{}{}
	}
	return !marked
}

const secondsOfDay = 24 * 60 * 60

// offset looks a zone's offset up once for each stretch of time that has one: the library reads the zone's rules anew for most instants.
func (t *tenantRoom) offset(at time.Time, unix int64) int64 {
	for i := range t.offsets {
		if o := &t.offsets[i]; unix >= o.from && unix < o.to {
			return o.seconds
		}
	}
	local := at.In(t.Zone)
	_, seconds := local.Zone()
	o := offset{from: -1 << 62, to: 1 << 62, seconds: int64(seconds)}
	from, to := local.ZoneBounds()
	if !from.IsZero() {
		o.from = from.Unix()
	}
	if !to.IsZero() {
		o.to = to.Unix()
	}
	t.offsets[1], t.offsets[0] = t.offsets[0], o
	return o.seconds
}
