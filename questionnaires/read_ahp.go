package questionnaires

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// weigh gives the dimensions their weights: as stated, or by the matrix.
func (v *Version) weigh(stated []weight, ahp yamlfile.Value) {
	var weights []int64
	if ahp.Exists() {
		for _, w := range stated {
			if w.at.Exists() {
				w.at.Fail("the weights of the dimensions come from ahp; leave weight out, or ahp")
			}
		}
		weights = v.compared(ahp)
	} else {
		weights = scaled(stated)
	}
	for i, w := range weights {
		v.Dimensions[i].Weight = w
	}
}

// compared reads {order, matrix}: how many times as important the dimension of the row is as that of the column. It gives the
// weights in the order of v.Dimensions, none where something is wrong.
func (v *Version) compared(at yamlfile.Value) []int64 {
	o := at.Object("order", "matrix")
	order, complete := v.order(o.Get("order"))
	rows := o.Get("matrix")
	rows.Required("a row for each dimension, as [[1, 3], [1/3, 1]]: how many times as important the row's dimension is as the column's")
	lines := rows.List("a list of rows, as [[1, 3], [1/3, 1]]")
	switch {
	case len(order) == 0 || len(lines) == 0:
		return nil
	case len(order) > maxCompared:
		at.Fail("%d dimensions; want at most %d, the most that pairwise comparisons can be held against chance for; give weights instead", len(order), maxCompared)
		return nil
	case len(lines) != len(order):
		rows.Fail("%d rows; want %d, one for each dimension in order", len(lines), len(order))
		return nil
	}
	matrix, ok := comparisons(lines)
	if !ok || !complete {
		return nil
	}
	weights, result, err := solve(matrix)
	if err != nil {
		rows.Fail("%s", err)
		return nil
	}
	// The file's order is that of the matrix; here everything is in the order of the dimensions.
	byID, shown := map[string]int64{}, map[string]float64{}
	for i, id := range order {
		byID[id], shown[id] = weights[i], result.Weights[i]
	}
	for i, d := range v.Dimensions {
		weights[i], result.Weights[i] = byID[d.ID], shown[d.ID]
	}
	v.AHP = &result
	return weights
}

// order reads the dimensions that rows and columns stand for; complete says that it is all of them, each once.
func (v *Version) order(at yamlfile.Value) (order []string, complete bool) {
	ids := make([]string, len(v.Dimensions))
	open := map[string]bool{}
	for i, d := range v.Dimensions {
		ids[i], open[d.ID] = d.ID, true
	}
	// A dimension that lacks its id, or has another's, has been complained of, and may be the one meant.
	named := len(open) == len(ids) && !open[""]
	want := "the dimensions in the order of the rows: [" + strings.Join(ids, ", ") + "]"
	at.Required(want)
	complete = true
	seen := map[string]bool{}
	for _, at := range at.List(want) {
		id, ok := at.Text()
		switch {
		case !ok:
			complete = false
		case seen[id]:
			at.Fail("the dimension %s is there twice", id)
			complete = false
		case named && !open[id]:
			at.Fail("%.80q is no dimension; want one of %s", id, strings.Join(ids, ", "))
			complete = false
		}
		seen[id] = true
		order = append(order, id)
	}
	var missing []string
	for _, id := range ids {
		if !seen[id] {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 && named && complete && len(order) > 0 {
		at.Fail("%s missing; want every dimension", strings.Join(missing, ", "))
	}
	return order, named && complete && len(missing) == 0
}

// comparisons reads the rows of a matrix and sees to it that it is positive, of ones in the diagonal, and reciprocal.
func comparisons(lines []yamlfile.Value) ([][]*big.Rat, bool) {
	k := len(lines)
	matrix, at := make([][]*big.Rat, k), make([][]yamlfile.Value, k)
	ok := true
	for i, line := range lines {
		at[i] = line.List(fmt.Sprintf("a row of %d numbers", k))
		if len(at[i]) != k {
			if len(at[i]) > 0 {
				line.Fail("%d numbers; want %d, one for each dimension in order", len(at[i]), k)
			}
			ok = false
			continue
		}
		matrix[i] = make([]*big.Rat, k)
		for j, cell := range at[i] {
			if !cell.Required("a number above 0") {
				ok = false
			} else if x, read := cell.Fraction(maxComparison); read {
				matrix[i][j] = x
			} else {
				ok = false
			}
		}
	}
	if !ok {
		return nil, false
	}
	for i := range matrix {
		if one := big.NewRat(1, 1); matrix[i][i].Cmp(one) != 0 {
			at[i][i].Fail("found %s; want 1, since it is the dimension against itself", matrix[i][i].RatString())
			ok = false
		}
		for j := range i {
			if want := new(big.Rat).Inv(matrix[j][i]); matrix[i][j].Cmp(want) != 0 {
				at[i][j].Fail("found %s; want %s, since row %d, column %d says %s", matrix[i][j].RatString(), want.RatString(), j+1, i+1, matrix[j][i].RatString())
				ok = false
			}
		}
	}
	return matrix, ok
}
