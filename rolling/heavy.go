package rolling

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/tenants"
)

func (c *Computer) heavy(ctx context.Context, g *errgroup.Group, t tenants.Tenant, rest metrics.State, a *answer) error {
	return fmt.Errorf("rolling: no states %q", rest)
}
