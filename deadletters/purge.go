package deadletters

import (
	"context"
	"fmt"
	"time"
)

// Purging is what a Purge came to.
type Purging struct {
	// Letters that were purged now, or would be; those that are purged already are not among them.
	Letters int `json:"letters"`
	// Appended is the newest time, by topic, at which a purged record came to Kafka, and Received the newest at which a letter was stored: Kafka keeps them from
	// then on for as long as its topics are set to.
	Appended map[string]time.Time `json:"appended"`
	Received time.Time            `json:"received"`
}

// Purge removes what letters hold: detail, key, value and headers, which may be somebody's data. Place, reason, field, tenant, source, id and type stay, since
// letters are counted by them. What is purged is noted before anything is removed, so that pipelines, who ask by erasures.Finder, empty what comes again from then on;
// removal is of all that was ever purged, so that a purge ends what one before it left. settled waits until letters on their way are stored.
func (s *Store) Purge(ctx context.Context, f Filter, dry bool, settled func(context.Context) error) (Purging, error) {
	result := Purging{Appended: map[string]time.Time{}}
	if f.State == "" {
		f.State = Any
	}
	for after := beginning(); ; {
		letters, err := s.Page(ctx, f, after, pageLetters)
		if err != nil {
			return result, err
		}
		if len(letters) == 0 {
			break
		}
		after = letters[len(letters)-1].Place
		var places []Place
		for i := range letters {
			if l := &letters[i]; l.State != Purged {
				places = append(places, l.Place)
				result.note(l)
			}
		}
		if dry {
			continue
		}
		if err := s.SetState(ctx, Purged, places); err != nil {
			return result, err
		}
	}
	if dry {
		return result, nil
	}
	if err := settled(ctx); err != nil {
		return result, fmt.Errorf("the letters are shown empty, but not yet removed from the table; run the same command again: %w", err)
	}
	return result, s.remove(ctx)
}

func (p *Purging) note(l *Letter) {
	p.Letters++
	if l.AppendedAt != nil && l.AppendedAt.After(p.Appended[l.Place.Topic]) {
		p.Appended[l.Place.Topic] = *l.AppendedAt
	}
	if l.ReceivedAt.After(p.Received) {
		p.Received = l.ReceivedAt
	}
}

// remove empties purged letters in the parts of the table, and looks whether it did.
func (s *Store) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, purgeTimeout)
	defer cancel()
	sql, err := render("purge.sql")
	if err != nil {
		return err
	}
	if err := s.conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("dead letters: remove what was purged: %w; run the same command again", err)
	}
	if sql, err = render("unpurged.sql"); err != nil {
		return err
	}
	var left uint64
	if err := s.conn.QueryRow(ctx, sql).Scan(&left); err != nil {
		return fmt.Errorf("dead letters: look for what was purged: %w", err)
	}
	if left > 0 {
		return fmt.Errorf("dead letters: %d purged letters hold something again; run the same command again", left)
	}
	return nil
}
