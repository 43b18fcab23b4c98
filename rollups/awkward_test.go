package rollups

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// awkward are deliveries with values that no pipeline writes today: the two implementations have to agree on whatever a table can hold.
func awkward(rng *rand.Rand, settings fakeSettings, n int) []delivered {
	facts := random(rng, settings, n)
	pick := func(all ...string) string { return all[rng.IntN(len(all))] }
	text := func() string {
		return pick("", "plain", "\x00\x01\b\f\n\r\t\x1f\x7f", "\u2028x\u2029", "\xff\xfe\xe2\x80", `"\/`, "é中", strings.Repeat("long", 100), fmt.Sprint("v", rng.IntN(300)))
	}
	number := func() int64 { return []int64{math.MaxInt64, math.MinInt64, -1, 0, 1, 1e12}[rng.IntN(6)] }
	score := func() *int16 {
		if rng.IntN(3) == 0 {
			return nil
		}
		x := []int16{math.MaxInt16, math.MinInt16, -9, -8, 0, 1, 10, 23, 24}[rng.IntN(9)]
		return &x
	}
	for i := range facts {
		f := &facts[i]
		if rng.IntN(3) > 0 {
			continue
		}
		f.AttributeColumns = schemas.AttributeColumns{Region: text(), OrgUnit: text(), Product: text(), Service: text(), Channel: text(), Segment: text(), Agent: text()}
		f.Questionnaire, f.QuestionnaireVersion, f.Role = text(), pick("", "1", "\xff"), text()
		f.IndexNum, f.IndexDen, f.Level = number(), number(), pick("", "none of them", "satisfied")
		f.NPS, f.CES, f.Repurchase = p8(rng.IntN(256)-128), p8(rng.IntN(256)-128), p8(rng.IntN(256)-128)
		f.Dimension, f.DimensionNum, f.DimensionDen = nil, nil, nil
		for range rng.IntN(4) {
			f.Dimension, f.DimensionNum, f.DimensionDen = append(f.Dimension, pick("skill", "attitude", "", text())), append(f.DimensionNum, number()), append(f.DimensionDen, number())
		}
		answers := rng.IntN(6)
		f.AnswerItem, f.AnswerDimension, f.AnswerReasons, f.AnswerComment = nil, nil, nil, make([]string, answers)
		f.AnswerScore, f.AnswerExpectation, f.AnswerImportance = nil, nil, nil
		for range answers {
			f.AnswerItem, f.AnswerDimension = append(f.AnswerItem, pick("a", "b", text())), append(f.AnswerDimension, pick("skill", "", text()))
			f.AnswerScore, f.AnswerExpectation, f.AnswerImportance = append(f.AnswerScore, score()), append(f.AnswerExpectation, score()), append(f.AnswerImportance, score())
			f.AnswerReasons = append(f.AnswerReasons, []string{"r", "s", "r", text()}[:rng.IntN(5)])
		}
	}
	return facts
}
