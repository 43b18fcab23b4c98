package questionnaires

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// compared is a questionnaire of three dimensions weighted by worked example 5.
const compared = `id: compared
version: 1
valid_from: 2025-01-31
title: {en: Compared}
scale:
  min: 1
  max: 5
  normalisation: ratio
  levels: {very_satisfied: 5, satisfied: 4, neutral: 3, dissatisfied: 2}
dimensions:
  - {id: speed, title: {en: Speed}}
  - {id: staff, title: {en: Staff}}
  - {id: price, title: {en: Price}}
ahp:
  order: [staff, speed, price]
  matrix:
    - [1, 3, 5]
    - [1/3, 1, 3]
    - ["1/5", "1/3", 1]
items:
  - {id: speed, text: {en: Speed?}}
  - {id: staff, text: {en: Staff?}}
  - {id: price, text: {en: Price?}}
`

func TestWorkedExample5(t *testing.T) {
	for name, edit := range map[string]*strings.Replacer{
		"dimensions": strings.NewReplacer(),
		"items alone": strings.NewReplacer("dimensions:\n", "", "  - {id: speed, title: {en: Speed}}\n", "",
			"  - {id: staff, title: {en: Staff}}\n", "", "  - {id: price, title: {en: Price}}\n", ""),
	} {
		v, problems := Check("f.yaml", []byte(edit.Replace(compared)))
		if len(problems) > 0 {
			t.Fatalf("%s: %v", name, problems)
		}
		got := fmt.Sprintf("%.3f %.4f %.3f", v.AHP.Weights, v.AHP.LambdaMax, v.AHP.CR)
		if want := "[0.258 0.637 0.105] 3.0385 0.033"; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		// Weights are in the order of the dimensions, not of the matrix.
		if got := []int64{v.Dimensions[0].Weight, v.Dimensions[1].Weight, v.Dimensions[2].Weight}; !cmp.Equal(got, []int64{2583, 6370, 1047}) {
			t.Errorf("%s: weights %v", name, got)
		}
		// Answers of 5, 4 and 3 score 100, 80 and 60.
		r := answered(v, 5)
		r.Answers[1].Score, r.Answers[2].Score = number(4), number(3)
		if result := mustScore(t, v, r); big.NewRat(result.IndexNum, result.IndexDen).FloatString(4) != "83.0720" {
			t.Errorf("%s: index %d/%d", name, result.IndexNum, result.IndexDen)
		}
	}
}

var ahpMistakes = []struct{ name, from, to, want string }{
	{"no order", "  order: [staff, speed, price]\n", "", `
f.yaml:14: ahp.order: missing; want the dimensions in the order of the rows: [speed, staff, price]`},
	{"empty order", "[staff, speed, price]", "[]", `
f.yaml:15: ahp.order: found an empty list; want the dimensions in the order of the rows: [speed, staff, price]`},
	{"order of something else", "[staff, speed, price]", "[staff, speed, parts]", `
f.yaml:15: ahp.order[2]: "parts" is no dimension; want one of speed, staff, price`},
	{"order twice", "[staff, speed, price]", "[staff, speed, speed]", `
f.yaml:15: ahp.order[2]: the dimension speed is there twice`},
	{"order of a list", "[staff, speed, price]", "[staff, speed, [price]]", `
f.yaml:15: ahp.order[2]: found a list; want text`},
	{"order incomplete", compared, strings.NewReplacer("[staff, speed, price]", "[staff, speed]", "[1, 3, 5]", "[1, 3]", "[1/3, 1, 3]", "[1/3, 1]",
		`    - ["1/5", "1/3", 1]`+"\n", "").Replace(compared), `
f.yaml:15: ahp.order: price missing; want every dimension`},
	{"dimension twice", "id: price, title", "id: speed, title", `
f.yaml:13: dimensions[2].id: the dimension speed is there twice
f.yaml:23: items[2].dimension: "price" is not in the list of dimensions; want one of speed, staff, speed`},
	{"dimension twice, and order of those there are", compared, strings.NewReplacer("id: price, title", "id: speed, title", "speed, price]", "speed]",
		"[1, 3, 5]", "[1, 3]", "[1/3, 1, 3]", "[1/3, 1]", `    - ["1/5", "1/3", 1]`+"\n", "").Replace(compared), `
f.yaml:13: dimensions[2].id: the dimension speed is there twice
f.yaml:22: items[2].dimension: "price" is not in the list of dimensions; want one of speed, staff, speed`},
	{"dimension without id", "{id: price, title", "{title", `
f.yaml:13: dimensions[2].id: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"no matrix", compared, compared[:strings.Index(compared, "  matrix:")] + compared[strings.Index(compared, "items:"):], `
f.yaml:14: ahp.matrix: missing; want a row for each dimension, as [[1, 3], [1/3, 1]]: how many times as important the row's dimension is as the column's`},
	{"matrix no list", compared, compared[:strings.Index(compared, "  matrix:")] + "  matrix: 3\n" + compared[strings.Index(compared, "items:"):], `
f.yaml:16: ahp.matrix: found "3"; want a list of rows, as [[1, 3], [1/3, 1]]`},
	{"row missing", "    - [1/3, 1, 3]\n", "", `
f.yaml:16: ahp.matrix: 2 rows; want 3, one for each dimension in order`},
	{"row short", "[1/3, 1, 3]", "[1/3, 1]", `
f.yaml:18: ahp.matrix[1]: 2 numbers; want 3, one for each dimension in order`},
	{"row no list", "[1/3, 1, 3]", "3", `
f.yaml:18: ahp.matrix[1]: found "3"; want a row of 3 numbers`},
	{"cell empty", "[1/3, 1, 3]", "[1/3, null, 3]", `
f.yaml:18: ahp.matrix[1][1]: missing; want a number above 0`},
	{"cell zero", "[1/3, 1, 3]", "[1/3, 1, 0]", `
f.yaml:18: ahp.matrix[1][2]: found "0"; want a number above 0 and at most 100, such as 3, 0.5 or 1/3`},
	{"cell negative", "[1, 3, 5]", "[1, -3, 5]", `
f.yaml:17: ahp.matrix[0][1]: found "-3"; want a number above 0 and at most 100, such as 3, 0.5 or 1/3`},
	{"cell too large", "[1, 3, 5]", "[1, 3, 500]", `
f.yaml:17: ahp.matrix[0][2]: found "500"; want a number above 0 and at most 100, such as 3, 0.5 or 1/3`},
	{"cell in words", "[1, 3, 5]", "[1, three, 5]", `
f.yaml:17: ahp.matrix[0][1]: found "three"; want a number above 0 and at most 100, such as 3, 0.5 or 1/3`},
	{"division by zero", "[1/3, 1, 3]", "[1/0, 1, 3]", `
f.yaml:18: ahp.matrix[1][0]: found "1/0"; want a number above 0 and at most 100, such as 3, 0.5 or 1/3`},
	{"diagonal", "[1, 3, 5]", "[2, 3, 5]", `
f.yaml:17: ahp.matrix[0][0]: found 2; want 1, since it is the dimension against itself`},
	{"not reciprocal", "[1/3, 1, 3]", "[1/2, 1, 3]", `
f.yaml:18: ahp.matrix[1][0]: found 1/2; want 1/3, since row 1, column 2 says 3`},
	{"reciprocal in decimals", "[1/3, 1, 3]", "[0.333, 1, 3]", `
f.yaml:18: ahp.matrix[1][0]: found 333/1000; want 1/3, since row 1, column 2 says 3`},
	{"inconsistent", compared, strings.NewReplacer("[1, 3, 5]", "[1, 3, 1/5]", `"1/5"`, "5").Replace(compared), `
f.yaml:16: ahp.matrix: its consistency ratio CR is 1.585 (lambda max 4.8380, CI 0.9190); want at most 0.10, so compare again what contradicts itself`},
	{"more than ten", compared, eleven(), `
f.yaml:10: ahp: 11 dimensions; want at most 10, the most that pairwise comparisons can be held against chance for; give weights instead`},
	{"weights too", "title: {en: Staff}}", "title: {en: Staff}, weight: 5}", `
f.yaml:12: dimensions[1].weight: the weights of the dimensions come from ahp; leave weight out, or ahp`},
	{"unknown key", "  matrix:", "  matrices: []\n  matrix:", `
f.yaml:16: ahp.matrices: unknown key; want order, matrix`},
	{"no items", compared, compared[:strings.Index(compared, "scale:")] + "ahp: {}\n", `
f.yaml:5: ahp: there is nothing to score without items; add items, or leave ahp out`},
}

// eleven is a file of eleven items, all alike.
func eleven() string {
	head := compared[:strings.Index(compared, "dimensions:")]
	ids, items := make([]string, 11), ""
	for i := range ids {
		ids[i] = fmt.Sprintf("i%d", i)
		items += fmt.Sprintf("  - {id: i%d, text: {en: I}}\n", i)
	}
	row := "[1" + strings.Repeat(", 1", 10) + "]"
	return head + "ahp: {order: [" + strings.Join(ids, ", ") + "], matrix: [" + row + strings.Repeat(", "+row, 10) + "]}\nitems:\n" + items
}

func TestAHPMistakes(t *testing.T) {
	for _, test := range ahpMistakes {
		t.Run(test.name, func(t *testing.T) {
			mistaken(t, compared, test.from, test.to, test.want)
		})
	}
}

// Any weights that are compared consistently come out as they were, to a ten-thousandth, in whatever order they are compared.
func TestConsistentComparisonsGiveTheWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, maxCompared).Draw(t, "k")
		parts := rapid.SliceOfN(rapid.Int64Range(1, 9), k, k).Draw(t, "parts")
		var total int64
		matrix := make([][]*big.Rat, k)
		for i, p := range parts {
			total += p
			for _, q := range parts {
				matrix[i] = append(matrix[i], big.NewRat(p, q))
			}
		}
		weights, result, err := solve(matrix)
		if err != nil || result.CR != 0 || result.LambdaMax != float64(k) {
			t.Fatalf("%+v, %v", result, err)
		}
		var sum int64
		for i, w := range weights {
			sum += w
			exact := float64(parts[i]) / float64(total)
			if math.Abs(float64(w)-exact*weightParts) >= 1 || math.Abs(result.Weights[i]-exact) > 1e-9 {
				t.Fatalf("weight %d is %d, %g; want %g", i, w, result.Weights[i], exact)
			}
		}
		if sum != weightParts {
			t.Fatalf("the weights add up to %d", sum)
		}
	})
}

// The eigenvector found by squaring is one: the matrix only stretches it, by lambda. Inconsistent ones are refused just above 0.10.
func TestEigenvector(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(3, maxCompared).Draw(t, "k")
		matrix := make([][]*big.Rat, k)
		for i := range matrix {
			matrix[i] = make([]*big.Rat, k)
			matrix[i][i] = big.NewRat(1, 1)
			for j := range i {
				matrix[i][j] = big.NewRat(rapid.Int64Range(1, maxComparison).Draw(t, "num"), rapid.Int64Range(1, 9).Draw(t, "den"))
				matrix[j][i] = new(big.Rat).Inv(matrix[i][j])
			}
		}
		weights, result, err := solve(matrix)
		if (weights == nil) != (err != nil) || (err != nil) != (result.CR > 0.1) {
			t.Fatalf("%v, %+v, %v", weights, result, err)
		}
		for i, row := range matrix {
			image := 0.0
			for j, x := range row {
				f, _ := x.Float64()
				image += f * result.Weights[j]
			}
			if want := result.LambdaMax * result.Weights[i]; math.Abs(image-want) > 1e-5 {
				t.Fatalf("row %d: %g, want %g", i, image, want)
			}
		}
		if result.LambdaMax < float64(k) {
			t.Fatalf("lambda max %g of %d", result.LambdaMax, k)
		}
	})
}
