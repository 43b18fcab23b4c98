package cli

import (
	"errors"
	"fmt"
	"testing"
)

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
