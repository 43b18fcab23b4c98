package fold

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ClickHouse/ch-go/proto"

	"github.com/rapport-project/rapport/tenants"
)

// revision of the protocol in which the blocks of tests are written.
const revision = proto.Version

// block makes up facts of n responses to a questionnaire of ten items, as the server writes them.
func block(tb testing.TB, rng *rand.Rand, n int) []byte {
	tb.Helper()
	texts := func(pick func(i int) string) *proto.ColLowCardinality[string] {
		c := new(proto.ColStr).LowCardinality()
		for i := range n {
			c.Append(pick(i))
		}
		return c
	}
	one := func(text string) func(int) string { return func(int) string { return text } }
	among := func(name string, values int) func(int) string {
		return func(int) string { return fmt.Sprint(name, rng.IntN(values)) }
	}
	input := proto.Input{{Name: "tenant", Data: texts(among("t", 2))}}
	day, micros := new(proto.ColInt32), new(proto.ColInt64)
	for i := range n {
		day.Append(int32(20000 + i*4/n))
		micros.Append(int64(i))
	}
	input = append(input, proto.InputColumn{Name: "day", Data: day}, proto.InputColumn{Name: "micros", Data: micros})
	for i, a := range tenants.Attributes() {
		input = append(input, proto.InputColumn{Name: a, Data: texts(among(a, []int{4, 30, 20, 1, 5, 3, 500}[i]))})
	}
	bools := func(share int) *proto.ColBool {
		c := new(proto.ColBool)
		for range n {
			c.Append(rng.IntN(100) < share)
		}
		return c
	}
	ints := func(most int64) *proto.ColInt64 {
		c := new(proto.ColInt64)
		for range n {
			c.Append(rng.Int64N(most))
		}
		return c
	}
	small := func(most int) *proto.ColNullable[int8] {
		c := new(proto.ColInt8).Nullable()
		for range n {
			c.Append(proto.Nullable[int8]{Set: rng.IntN(2) == 0, Value: int8(rng.IntN(most))})
		}
		return c
	}
	resolved := proto.NewColNullable[bool](new(proto.ColBool))
	items, dimensions, scored := new(proto.ColStr).LowCardinality().Array(), new(proto.ColStr).LowCardinality().Array(), new(proto.ColStr).LowCardinality().Array()
	scores, none, nums, dens := new(proto.ColInt16).Nullable().Array(), new(proto.ColInt16).Nullable().Array(), new(proto.ColInt64).Array(), new(proto.ColInt64).Array()
	reasons := proto.NewArray[[]string](new(proto.ColStr).Array())
	for range n {
		resolved.Append(proto.Nullable[bool]{Set: rng.IntN(2) == 0, Value: true})
		var item, dimension []string
		var score, empty []proto.Nullable[int16]
		var why [][]string
		for i := range 10 {
			item, dimension = append(item, fmt.Sprint("item", i)), append(dimension, fmt.Sprint("dimension", i/3))
			score, empty = append(score, proto.NewNullable(int16(rng.IntN(10)+1))), append(empty, proto.Null[int16]())
			why = append(why, []string{"late", "rude"}[:max(0, rng.IntN(40)-37)])
		}
		items.Append(item)
		dimensions.Append(dimension)
		scores.Append(score)
		none.Append(empty)
		reasons.Append(why)
		scored.Append([]string{"dimension0", "dimension1", "dimension2", "dimension3"})
		nums.Append([]int64{rng.Int64N(100), rng.Int64N(100), rng.Int64N(100), rng.Int64N(100)})
		dens.Append([]int64{1, 1, 1, 1})
	}
	input = append(input, proto.Input{
		{Name: "questionnaire", Data: texts(one("q"))}, {Name: "questionnaire_version", Data: texts(one("1"))}, {Name: "role", Data: texts(one("customer"))},
		{Name: "valid", Data: bools(98)}, {Name: "retracted", Data: bools(1)}, {Name: "superseded", Data: bools(1)},
		{Name: "index_num", Data: ints(1000)}, {Name: "index_den", Data: ints(2)}, {Name: "level", Data: texts(one("satisfied"))},
		{Name: "nps", Data: small(11)}, {Name: "ces", Data: small(7)}, {Name: "repurchase", Data: small(5)}, {Name: "resolved_first_contact", Data: resolved},
		{Name: "answers.item", Data: items}, {Name: "answers.dimension", Data: dimensions}, {Name: "answers.score", Data: scores},
		{Name: "answers.expectation", Data: none}, {Name: "answers.importance", Data: none}, {Name: "answers.reasons", Data: reasons},
		{Name: "dimensions.dimension", Data: scored}, {Name: "dimensions.num", Data: nums}, {Name: "dimensions.den", Data: dens},
	}...)
	var b proto.Buffer
	if err := (proto.Block{Columns: len(input), Rows: n}).EncodeBlock(&b, revision, input); err != nil {
		tb.Fatal(err)
	}
	return b.Buf
}

var everyCut = append([]string{"", "region,product"}, tenants.Attributes()...)
