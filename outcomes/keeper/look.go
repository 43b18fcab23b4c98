package keeper

import (
	"context"

	"github.com/rapport-project/rapport/schemas"
)

// Ground is what a comparison of stored figures rests on beside facts. Each field may be nil.
type Ground struct {
	// Calm tells whether the epochs in force are marked and are those of this process, with a stamp of them; rollups.Epochs.Calm is one. Nil: always.
	Calm func(ctx context.Context) (stamp string, calm bool, err error)
	// Erasures names the state of erasures, which take facts away before they mark anything; empty while one does. Nil: there are none.
	Erasures func(ctx context.Context) (string, error)
}

// Stamp is another one after any epoch that began and any step of an erasure; firm says that it is one to compare on at all.
func (g Ground) Stamp(ctx context.Context) (stamp string, firm bool, err error) {
	firm = true
	if g.Calm != nil {
		if stamp, firm, err = g.Calm(ctx); err != nil {
			return "", false, err
		}
	}
	if g.Erasures == nil {
		return stamp, firm, nil
	}
	state, err := g.Erasures(ctx)
	return stamp + " " + state, firm && state != "", err
}

// Seen is what a comparison of entities rests on at one moment.
type Seen struct {
	facts map[schemas.Entity]uint64 // digests
	stamp string
	firm  bool
}

// Look is to be taken before all that was pending is waited for and again after the comparison: what differs then is wrong where Firm and Same say so of the two.
func (k *Keeper) Look(ctx context.Context, g Ground, kind schemas.Kind, entities []schemas.Entity) (out Seen, err error) {
	if out.stamp, out.firm, err = g.Stamp(ctx); err != nil {
		return out, err
	}
	out.facts, err = k.digest(ctx, kind, entities)
	return out, err
}

// Firm says that no epoch began or waited for its marks and nothing was erased from one look to a later one.
func (s Seen) Firm(later Seen) bool { return s.firm && later.firm && s.stamp == later.stamp }

// Same says that the facts of an entity are those of the look before. That they give what they gave is not enough: they may have changed and changed back.
func (s Seen) Same(later Seen, e schemas.Entity) bool { return s.facts[e] == later.facts[e] }
