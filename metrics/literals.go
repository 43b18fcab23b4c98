package metrics

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/questionnaires"
)

// literals are the definitions as arrays of tuples in SQL.
func literals(condition string, c *questionnaires.Catalog) explained {
	var thresholds, weights, satisfied, targets, items []string
	for _, v := range versions(c) {
		id, number := quote(v.ID), quote(v.Version)
		thresholds = append(thresholds, tuple(id, number, quote(v.SatisfiedThreshold.String())))
		satisfied = append(satisfied, tuple(id, number, fmt.Sprint(v.Scale.Levels[1])))
		targets = append(targets, targetLiterals(v)...)
		w := weightsOf(v)
		for _, d := range v.Dimensions {
			weights = append(weights, tuple(id, number, quote(d.ID), float(w.dimension[d.ID])))
		}
		for _, item := range v.Items {
			within := w.item(item)
			items = append(items, tuple(id, number, quote(item.ID), quote(item.Dimension), fmt.Sprint(v.Scale.Max), float(within),
				float(new(big.Rat).Mul(within, w.dimension[item.Dimension]))))
		}
	}
	return explained{
		Cut:        condition,
		Several:    array(severalLiterals(c), "String, String"),
		Thresholds: array(thresholds, "String, String, String"),
		Weights:    array(weights, "String, String, String, Float64"),
		Satisfied:  array(satisfied, "String, String, Int16"),
		Homes:      array(homeLiterals(c), "String, String, String"),
		Targets:    array(targets, "String, String, String, String, Float64"),
		Items:      array(items, "String, String, String, String, Int64, Float64, Float64"),
	}
}

func severalLiterals(c *questionnaires.Catalog) []string {
	var all []string
	for at := range severalItems(versions(c)) {
		all = append(all, tuple(quote(at.questionnaire), quote(at.detail)))
	}
	slices.Sort(all)
	return all
}

// homeLiterals are the codes that definitions list with their dimension, which is ” where there are several.
func homeLiterals(c *questionnaires.Catalog) []string {
	var all []string
	for at, dimensions := range reasonHomes(versions(c)).of {
		home := ""
		for d := range dimensions {
			if len(dimensions) == 1 {
				home = d
			}
		}
		all = append(all, tuple(quote(at.questionnaire), quote(at.detail), quote(home)))
	}
	slices.Sort(all)
	return all
}

func targetLiterals(v *questionnaires.Version) []string {
	var all []string
	for _, t := range targetsOf(v) {
		all = append(all, tuple(quote(v.ID), quote(v.Version), quote(t.metric), quote(t.detail), float(t.value)))
	}
	return all
}

func tuple(parts ...string) string { return "(" + strings.Join(parts, ", ") + ")" }

// array has its type beside it, for an empty one says nothing of it.
func array(tuples []string, types string) string {
	return fmt.Sprintf("CAST([%s], 'Array(Tuple(%s))')", strings.Join(tuples, ", "), types)
}

// quote is a string literal.
func quote(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }

// float is a number of 17 digits and more, which reads back as the nearest float64.
func float(r *big.Rat) string {
	f, _ := r.Float64()
	return fmt.Sprintf("toFloat64(%v)", f)
}
