package keeper

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Company is how long marks of entities of writers that have caught up are to wait for those of a backlog that are about to be answered: what ends a backlog calls
// much of the same stale as the backlog did.
const Company = 2 * time.Second

// company is how long an answer to marks of a backlog, or to many others, waits for those of other partitions.
const company = 300 * time.Millisecond

// many entities take longer to bring up to date than they wait for others.
const many = 2000

// ending is how long what was cancelled is given to end.
const ending = 2 * time.Second

// job is what the marks of one partition call stale.
type job struct {
	ctx      context.Context
	entities map[schemas.Entity]stale
	backlog  bool
	done     chan error
}

// together has jobs of several partitions done in one go. The chains of a partition lie strewn over all that is stored, so that each one would read
// nearly everything, and each one mark all days anew. Jobs that come while others are done wait and are then done together.
type together struct {
	do func(ctx context.Context, entities map[schemas.Entity]stale, backlog bool) error

	mu      sync.Mutex
	waiting []*job
	running bool
}

// run has a job done. It may be called again for the same job after an error.
func (t *together) run(ctx context.Context, entities map[schemas.Entity]stale, backlog bool) error {
	j := &job{ctx: ctx, entities: entities, backlog: backlog, done: make(chan error, 1)}
	t.mu.Lock()
	t.waiting = append(t.waiting, j)
	lead := !t.running
	t.running = true
	t.mu.Unlock()
	if lead {
		go t.lead()
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
	}
	// What runs ends by ctx too where nobody else waits for it; where somebody does, a partition must not be held for that.
	select {
	case err := <-j.done:
		return err
	case <-time.After(ending):
		return ctx.Err()
	}
}

// lead does what waits until nothing does.
func (t *together) lead() {
	for {
		jobs := t.take()
		if len(jobs) == 0 {
			return
		}
		t.finish(jobs)
	}
}

// take is all that waits, after a moment for others where it is of a backlog or much; nobody leads any more where there is none.
func (t *together) take() []*job {
	t.mu.Lock()
	defer t.mu.Unlock()
	if of := patientOf(t.waiting); of != nil {
		t.mu.Unlock()
		select {
		case <-of.ctx.Done():
		case <-time.After(company):
		}
		t.mu.Lock()
	}
	jobs := t.waiting
	t.waiting = nil
	t.running = len(jobs) > 0
	return jobs
}

// patientOf is one of the jobs if all of them are of a backlog, or if they are of many entities.
func patientOf(jobs []*job) *job {
	entities, backlog := 0, true
	for _, j := range jobs {
		entities += len(j.entities)
		backlog = backlog && j.backlog
	}
	if len(jobs) == 0 || !backlog && entities < many {
		return nil
	}
	return jobs[0]
}

// finish does jobs as one, for as long as one of them is wanted.
func (t *together) finish(jobs []*job) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(jobs[0].ctx))
	defer cancel()
	var wanted atomic.Int32
	wanted.Store(int32(len(jobs)))
	all, backlog := jobs[0].entities, true
	for i, j := range jobs {
		stop := context.AfterFunc(j.ctx, func() {
			if wanted.Add(-1) == 0 {
				cancel()
			}
		})
		defer stop()
		backlog = backlog && j.backlog
		if i > 0 {
			join(all, j.entities)
			j.entities = nil
		}
	}
	err := t.do(ctx, all, backlog)
	for _, j := range jobs {
		j.done <- err
	}
}

// join adds entities to all. Marks of one entity share a partition, so that no two jobs have it but while that partition changes hands: then the newer
// version holds for what either calls stale.
func join(all, more map[schemas.Entity]stale) {
	for e, m := range more {
		was, ok := all[e]
		if !ok {
			all[e] = m
			continue
		}
		if newer := cmp.Or(cmp.Compare(m.epoch, was.epoch), cmp.Compare(m.offset, was.offset)) > 0; newer {
			was.epoch, was.offset = m.epoch, m.offset
		}
		was.always = was.always || m.always
		if !m.span.From.IsZero() {
			was.span.Join(m.span)
		}
		all[e] = was
	}
}
