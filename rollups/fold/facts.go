package fold

import (
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/rapport-project/rapport/tenants"
)

// Facts are a block of survey facts, column by column, as what FINAL leaves of them: those out of force are among them. The memory is used again by each Decode.
type Facts struct {
	rows int

	tenant     names
	day        proto.ColInt32 // the calendar day of the tenant's zone, days since 1970
	micros     proto.ColInt64 // microseconds since 1970 UTC
	attributes []names

	questionnaire, version, role, level names

	valid, retracted, superseded   proto.ColBool
	indexNum, indexDen             proto.ColInt64
	nps, ces, repurchase           proto.ColNullable[int8]
	resolved                       proto.ColNullable[bool]
	answerItem, answerDimension    lists[*names]
	score, expectation, importance lists[*nullable16]
	reasons                        lists[*lists[*texts]]
	dimension                      lists[*names]
	dimensionNum, dimensionDen     lists[*proto.ColInt64]
	digest                         proto.ColUInt64
	fingerprint                    proto.ColUInt64
	digested                       bool
	columns                        proto.Results
}

// nullable16 is a column of Nullable(Int16).
type nullable16 = proto.ColNullable[int16]

// Columns names what blocks consist of, in their order: columns of survey_facts, but for day and micros, which are its occurred_at as a number
// of days in the tenant's zone and of microseconds (Int32, Int64), and with digest a UInt64 that changes with any change of the fact.
func Columns(digest bool) []string {
	var names []string
	for _, c := range newFacts(digest).columns {
		names = append(names, c.Name)
	}
	return names
}

// NewFacts is a block to decode into; digest says whether there is a column of digests.
func NewFacts(digest bool) *Facts { return newFacts(digest) }

func newFacts(digest bool) *Facts {
	f := &Facts{digested: digest, attributes: make([]names, len(tenants.Attributes()))}
	f.nps, f.ces, f.repurchase = *proto.NewColNullable[int8](new(proto.ColInt8)), *proto.NewColNullable[int8](new(proto.ColInt8)), *proto.NewColNullable[int8](new(proto.ColInt8))
	f.resolved = *proto.NewColNullable[bool](new(proto.ColBool))
	f.answerItem.of, f.answerDimension.of, f.dimension.of = &names{}, &names{}, &names{}
	for _, c := range []*lists[*nullable16]{&f.score, &f.expectation, &f.importance} {
		c.of = proto.NewColNullable[int16](new(proto.ColInt16))
	}
	f.reasons.of = &lists[*texts]{of: new(texts)}
	f.dimensionNum.of, f.dimensionDen.of = new(proto.ColInt64), new(proto.ColInt64)
	f.columns = proto.Results{{Name: "tenant", Data: &f.tenant}, {Name: "day", Data: &f.day}, {Name: "micros", Data: &f.micros}}
	for i, a := range tenants.Attributes() {
		f.columns = append(f.columns, proto.ResultColumn{Name: a, Data: &f.attributes[i]})
	}
	f.columns = append(f.columns, proto.Results{
		{Name: "questionnaire", Data: &f.questionnaire}, {Name: "questionnaire_version", Data: &f.version}, {Name: "role", Data: &f.role},
		{Name: "valid", Data: &f.valid}, {Name: "retracted", Data: &f.retracted}, {Name: "superseded", Data: &f.superseded},
		{Name: "index_num", Data: &f.indexNum}, {Name: "index_den", Data: &f.indexDen}, {Name: "level", Data: &f.level},
		{Name: "nps", Data: &f.nps}, {Name: "ces", Data: &f.ces}, {Name: "repurchase", Data: &f.repurchase}, {Name: "resolved_first_contact", Data: &f.resolved},
		{Name: "answers.item", Data: &f.answerItem}, {Name: "answers.dimension", Data: &f.answerDimension}, {Name: "answers.score", Data: &f.score},
		{Name: "answers.expectation", Data: &f.expectation}, {Name: "answers.importance", Data: &f.importance}, {Name: "answers.reasons", Data: &f.reasons},
		{Name: "dimensions.dimension", Data: &f.dimension}, {Name: "dimensions.num", Data: &f.dimensionNum}, {Name: "dimensions.den", Data: &f.dimensionDen},
	}...)
	if digest {
		f.columns = append(f.columns, proto.ResultColumn{Name: "digest", Data: &f.digest})
	}
	return f
}

// Rows are the facts of the block.
func (f *Facts) Rows() int { return f.rows }

// Decode reads the next block in Native format of a protocol revision. It answers false at the end.
func (f *Facts) Decode(r *proto.Reader, revision int) (bool, error) {
	for {
		var b proto.Block
		err := b.DecodeBlock(r, revision, results(f.columns))
		if errors.Is(err, io.EOF) && b.Columns == 0 {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("fold: block of facts: %w", err)
		}
		if b.End() {
			return false, nil
		}
		if f.rows = b.Rows; f.rows == 0 {
			continue
		}
		return true, f.check()
	}
}

// check holds the block to what folding leans on: lists of one length where they are columns of the same things, and keys within dictionaries.
func (f *Facts) check() error {
	for _, c := range []*names{&f.tenant, &f.questionnaire, &f.version, &f.role, &f.level} {
		if err := c.check(f.rows); err != nil {
			return err
		}
	}
	for i := range f.attributes {
		if err := f.attributes[i].check(f.rows); err != nil {
			return err
		}
	}
	answers, dimensions := f.answerItem.ends, f.dimension.ends
	for _, c := range []struct{ ends, others proto.ColUInt64 }{
		{answers, f.answerDimension.ends}, {answers, f.score.ends}, {answers, f.expectation.ends}, {answers, f.importance.ends}, {answers, f.reasons.ends},
		{dimensions, f.dimensionNum.ends}, {dimensions, f.dimensionDen.ends}, {f.reasons.of.ends, f.reasons.of.ends},
	} {
		if err := sameEnds(c.ends, c.others); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		names *names
		ends  proto.ColUInt64
	}{{f.answerItem.of, answers}, {f.answerDimension.of, answers}, {f.dimension.of, dimensions}} {
		if err := c.names.check(last(c.ends)); err != nil {
			return err
		}
	}
	return nil
}

func sameEnds(a, b proto.ColUInt64) error {
	if len(a) != len(b) {
		return errors.New("fold: block of facts: columns of different lengths")
	}
	before := uint64(0)
	for i := range a {
		if a[i] != b[i] || a[i] < before {
			return errors.New("fold: block of facts: lists of one row of different lengths")
		}
		before = a[i]
	}
	return nil
}

func last(ends proto.ColUInt64) int {
	if len(ends) == 0 {
		return 0
	}
	return int(ends[len(ends)-1])
}
