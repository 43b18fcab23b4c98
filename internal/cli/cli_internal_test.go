package cli

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rapport-project/rapport/rollups"
)

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 letters", 1: "1 letter", 2: "2 letters"} {
		if got := counted(n, "letter"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBackwards(t *testing.T) {
	day := func(text string) rollups.Bound { b, _ := bound("from", text); return b }
	for _, tc := range []struct {
		from, to string
		want     bool
	}{
		{"2026-11-05", "2026-11-01", true},
		{"2026-11-01", "2026-11-01", false},
		{"2026-11-05", "", false},
		{"2026-11-02", "2026-11-01T22:00:00Z", false}, // the second of November in Shanghai
		{"2026-11-05", "2026-11-01T22:00:00Z", true},
	} {
		if got := backwards(day(tc.from), day(tc.to)); got != tc.want {
			t.Errorf("from %q to %q: %t", tc.from, tc.to, got)
		}
	}
}

func TestOnlySilentErrorsAreSilent(t *testing.T) {
	lost := errors.New("the figures do not stand yet")
	for _, c := range []struct {
		err  error
		want string
	}{
		{errSilent, ""},
		{errors.Join(errSilent, nil), ""},
		{errors.Join(errors.Join(errSilent, lost), nil), lost.Error()},
		{errors.Join(lost, errSilent), lost.Error()},
		{fmt.Errorf("import: %w", lost), "import: " + lost.Error()},
	} {
		if got := unsaid(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
