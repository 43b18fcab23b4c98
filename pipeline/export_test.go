package pipeline

import "time"

// SetNow replaces the watch's clock.
func (w *Watch) SetNow(now func() time.Time) { w.now = now }
