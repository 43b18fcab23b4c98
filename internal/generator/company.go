package generator

import (
	"fmt"
	"math/rand/v2"
)

// company is one tenant's world. Mood and quality are in points of a 0..1 scale of contentment.
type company struct {
	tenant    string
	agents    []agent
	products  []product
	customers []customer
}

type agent struct {
	id, region, orgUnit string
	quality             float64
}

type product struct {
	name    string
	quality float64
}

type customer struct {
	id, region, segment string
	mood                float64
}

func newCompany(tenant string, customers int, rng *rand.Rand) *company {
	c := &company{tenant: tenant}
	// Names that need quoting in JSON, SQL or HTML are there on purpose: every surface must carry them.
	for _, name := range []string{"pump", "compressor", "excavator", "loader", `valve 2" <A/B>`, "液压泵"} {
		c.products = append(c.products, product{name, 0.12 * rng.NormFloat64()})
	}
	for i, region := range regions() {
		for u := range 2 {
			for a := range 3 {
				c.agents = append(c.agents, agent{
					id:      fmt.Sprintf("agent-%d%d%d", i+1, u+1, a+1),
					region:  region,
					orgUnit: fmt.Sprintf("%s/%d", region, u+1),
					quality: 0.72 + 0.1*rng.NormFloat64(),
				})
			}
		}
	}
	for i := range customers {
		c.customers = append(c.customers, customer{
			id:      fmt.Sprintf("c-%05d", i+1),
			region:  pick(rng, regions()),
			segment: pick(rng, []string{"key", "regular", "regular", "small"}),
			mood:    0.08 * rng.NormFloat64(),
		})
	}
	return c
}

// serve picks who served the customer: mostly somebody of the customer's region.
func (c *company) serve(cu customer, rng *rand.Rand) agent {
	for {
		a := pick(rng, c.agents)
		if a.region == cu.region || rng.Float64() < 0.1 {
			return a
		}
	}
}

func regions() []string { return []string{"north", "south", "east", "west", "华东"} }

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func chance(rng *rand.Rand, p float64) bool { return rng.Float64() < p }
