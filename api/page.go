package api

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

// Page is docs/api.md: the routes with their parameters and the fields of their answers, as a tenant without settings of its own has them.
func Page(catalog *questionnaires.Catalog) (string, error) {
	o := offer{config: DefaultConfig(), tenant: tenants.Tenant{Zone: time.UTC}, metrics: metrics.All(), catalog: catalog}
	var b strings.Builder
	b.WriteString(pageHead)
	for _, rt := range routes() {
		fmt.Fprintf(&b, "\n## GET %s\n\n%s. %s\n", rt.pattern, rt.summary, rt.doc)
		if rt.example != "" {
			fmt.Fprintf(&b, "\n```sh\ncurl 'http://127.0.0.1:8080%s'\n```\n", rt.example)
		}
		if len(rt.params) > 0 {
			b.WriteString("\n| parameter | values | |\n| --- | --- | --- |\n")
			for _, p := range rt.params {
				fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", p.name, p.needed(), values(p, o), cell(p.doc))
			}
		}
		if rt.answer == nil {
			continue
		}
		s, err := schemaOf(rt.answer)
		if err != nil {
			return "", err
		}
		b.WriteString("\n| field of the answer | |\n| --- | --- |\n")
		fields(&b, "", s)
	}
	return b.String(), nil
}

const pageHead = `# Read API

Figures, explanations and alerts over HTTP, for programs that do not speak SQL. ` + "`rapport serve`" + ` answers them, as ` + "`rapport up`" + ` and ` + "`rapport demo`" + ` do, at
` + "`RAPPORT_HTTP_ADDR`" + `. The contract is OpenAPI 3.1 at ` + "`/openapi.json`" + `; this page is generated from the same table (` + "`make golden`" + `).

- The tenant is that of the API key (` + "`Authorization: Bearer KEY` or `X-API-Key: KEY`, scope `read`" + `; [keys](http.md)). Without a keys file callers on the same machine are let in, as tenant
  ` + "`default`" + `. No parameter chooses the tenant.
- Parameters are typed, names are of closed lists, and an unknown parameter is refused: a misspelt one that is passed over gives another answer than was asked for. All that is wrong is told at once,
  in ` + "`parameters`" + ` of the answer, which is of RFC 9457 (` + "`application/problem+json`" + `) as all refusals are.
- Answers are bounded: in rows (` + "`RAPPORT_API_MAX_ROWS`, `RAPPORT_API_MAX_PAGE_ROWS`" + `), in time (` + "`RAPPORT_API_TIMEOUT`" + `: 503 ` + "`too-slow`" + `), and in how many are computed at the same time
  (` + "`RAPPORT_API_MAX_TENANT_QUERIES`: 429; `RAPPORT_API_MAX_QUERIES`: 503; both with `Retry-After`" + `).
- Lists come in pages: ` + "`next`" + ` of one is ` + "`cursor`" + ` of the following, beside the same parameters.
- Times are of UTC. A + in a query is written %2B. Numbers are not rounded. Answers are compressed for who accepts gzip; the catalogue and the contract have an ETag, figures are kept by nobody.
- There are no CORS headers: pages of other sites do not read figures.
`

func (p param) needed() string {
	if p.required {
		return ", required"
	}
	return ""
}

// values says what a parameter may be. Long lists have a place of their own.
func values(p param, o offer) string {
	s := p.schema(o)
	switch {
	case p.name == "metric":
		return "a name of [the catalogue](metrics.md)"
	case p.name == "cut":
		return choices(s) + ", or a pair of the tenant's"
	case len(s.Enum) > 0:
		return choices(s)
	case s.Format == "date-time":
		return "an instant, as `2026-03-02T11:00:00Z`"
	case len(s.AnyOf) > 0:
		return "an instant, or a day of the tenant as `2026-03-02`"
	case s.Type == "integer":
		return fmt.Sprintf("%v to %v; `%s`", *s.Minimum, *s.Maximum, s.Default)
	}
	return fmt.Sprintf("text of up to %d characters", *s.MaxLength)
}

func choices(s *jsonschema.Schema) string {
	var names []string
	for _, v := range s.Enum {
		names = append(names, fmt.Sprintf("`%v`", v))
	}
	return strings.Join(names, " ")
}

// fields lists the properties of an object, and of those within it under it.
func fields(b *strings.Builder, prefix string, s *jsonschema.Schema) {
	for _, name := range s.PropertyOrder {
		p := s.Properties[name]
		at := prefix + name
		fmt.Fprintf(b, "| `%s` | %s |\n", at, cell(p.Description))
		inner := p
		if p.Items != nil {
			inner, at = p.Items, at+"[]"
		}
		fields(b, at+".", inner)
	}
}

// cell is text in a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
