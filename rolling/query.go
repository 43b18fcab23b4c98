package rolling

import (
	"time"

	"github.com/rapport-project/rapport/metrics"
)

// Span is From < time <= To. What the clock decides, overdue and provisional, is judged at Judged.
type Span struct{ From, To, Judged time.Time }

// Query asks for states.
type Query struct {
	Tenant string
	// Cuts by name: '' for overall, an attribute, a pair of the tenant as region,product. All are read in one scan.
	Cuts []string
	// Rests are the kinds of states wanted.
	Rests []metrics.State
	// Has are the kinds of states of tables of rollups that there is anything of: the others are taken to be empty. nil: all.
	Has   []metrics.State
	Spans []Span
}

// States are the answer: by cut and its value, for each span of the query in its order; nil where a span has nothing.
type States map[string]map[string][]*metrics.States

// Asked says which figures are wanted.
type Asked struct {
	Tenant string
	// Metrics by name; none means all that the window is served for. rank is of the metrics asked for beside it; alone it is of all.
	Metrics []string
	Window  metrics.Window
	Cuts    []string
	// Has is that of Query.
	Has []metrics.State
	// AsOf is a whole number of the window's steps.
	AsOf time.Time
}

// SeriesAsked says which series of figures is wanted.
type SeriesAsked struct {
	Tenant, Metric string
	// Questionnaire and Detail; nil: all.
	Questionnaire, Detail *string
	Cut                   string
	// CutValues; none: all.
	CutValues []string
	// From and To bound the series: the first step is the one that From lies in, the last the one that ends at or after To.
	From, To time.Time
	// Step is hour, or day for days of the tenant.
	Step string
}

// Figure is one row of rolling_metrics.
type Figure struct {
	Tenant, Metric, Questionnaire, Detail, Window, Cut, CutValue string
	AsOf                                                         time.Time
	// Value is nil where nothing was observed; the bounds where the kind of figure has none.
	Value, Low, High *float64
	N, Excluded      uint64
	Previous, Change *float64
	PreviousN        uint64
	Significant      bool
	Provisional      bool
	BelowMinN        bool
	Unit             metrics.Unit
	Version          int
	// Label is the value of a figure that is a name; '' otherwise.
	Label string
	// Now and Before are what value and previous value rest on. Rows that were read back have neither.
	Now, Before metrics.Sample
}
