package questionnaires

import (
	"slices"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// question is an item as the file has it, before its weight is brought to an integer.
type question struct {
	Item
	at, dimensionAt yamlfile.Value
	weight          weight
}

// questions reads the items and their dimensions. Without a list of dimensions each item is a dimension of its own, of the
// same id, and the item's weight is the dimension's.
func (r reader) questions(v *Version, dimensions, items, ahp yamlfile.Value) {
	list := items.List(wantItems)
	if len(list) > maxItems {
		items.Fail("%d items; want at most %d", len(list), maxItems)
		list = nil
	}
	if len(list) == 0 {
		return
	}
	var questions []question
	seen := map[string]bool{}
	for _, at := range list {
		o := at.Object("id", "dimension", "text", "weight", "reasons")
		q := question{at: o.Get("id"), dimensionAt: o.Get("dimension"), weight: readWeight(o.Get("weight"))}
		q.Item = Item{ID: r.id(q.at), Text: r.text(o.Get("text"), "the question, such as {en: How fast were we?}")}
		r.unique(seen, q.at, q.ID, "item")
		q.Dimension = q.ID
		if id, ok := q.dimensionAt.Text(); ok {
			q.Dimension = id
		}
		reasons := o.Get("reasons")
		if !dimensions.Exists() {
			v.Dimensions = append(v.Dimensions, Dimension{ID: q.ID, Title: q.Text, Reasons: r.reasons(reasons)})
		} else if reasons.Exists() {
			reasons.Fail("want the reasons in the list of dimensions")
		}
		questions = append(questions, q)
	}
	if dimensions.Exists() {
		r.dimensions(v, dimensions, questions, ahp)
	} else {
		v.ownDimensions(questions, ahp)
	}
	for _, q := range questions {
		v.Items = append(v.Items, q.Item)
	}
}

// ownDimensions weights the dimensions that are items.
func (v *Version) ownDimensions(questions []question, ahp yamlfile.Value) {
	weights := make([]weight, len(questions))
	for i, q := range questions {
		if q.dimensionAt.Exists() {
			q.dimensionAt.Fail("there is no list of dimensions; add dimensions, or leave dimension out, so that each item is one of its own")
		}
		weights[i] = q.weight
	}
	v.weigh(weights, ahp)
	for i := range questions {
		questions[i].Weight = 1
	}
}

func (r reader) dimensions(v *Version, at yamlfile.Value, questions []question, ahp yamlfile.Value) {
	const want = "a list of dimensions: {id: speed, title: {en: Speed}, weight: 20}"
	list := at.List(want)
	if len(list) == 0 {
		return
	}
	var weights []weight
	var ids []string
	seen := map[string]bool{}
	for _, at := range list {
		o := at.Object("id", "title", "weight", "reasons")
		d := Dimension{ID: r.id(o.Get("id")), Title: r.text(o.Get("title"), "text such as {en: Speed}"), Reasons: r.reasons(o.Get("reasons"))}
		r.unique(seen, o.Get("id"), d.ID, "dimension")
		weights = append(weights, readWeight(o.Get("weight")))
		v.Dimensions = append(v.Dimensions, d)
		ids = append(ids, d.ID)
		weighMembers(d.ID, o.Get("id"), questions)
	}
	for _, q := range questions {
		// A dimension that lacks its id has been complained of, and may be the one meant.
		if q.Dimension != "" && !slices.Contains(ids, "") && !slices.Contains(ids, q.Dimension) {
			q.dimensionAt.Fail("%.80q is not in the list of dimensions; want one of %s", q.Dimension, strings.Join(ids, ", "))
		}
	}
	v.weigh(weights, ahp)
}

// weighMembers weights the items of a dimension. It sees to it that there are some, and that the item of a dimension of one
// has its id: views and alert rules name such an item and its dimension alike.
func weighMembers(dimension string, at yamlfile.Value, questions []question) {
	var members []int
	var weights []weight
	for i, q := range questions {
		if q.Dimension == dimension {
			members, weights = append(members, i), append(weights, q.weight)
		}
	}
	switch {
	case dimension == "":
		return
	case len(members) == 0:
		at.Fail("no item has the dimension %s; want one or more, or leave the dimension out", dimension)
	case len(members) == 1 && questions[members[0]].ID != dimension:
		at.Fail("its one item is %s; the item of a dimension of one has the dimension's id, so name both alike", questions[members[0]].ID)
	}
	for i, w := range scaled(weights) {
		questions[members[i]].Weight = w
	}
}

func (r reader) reasons(at yamlfile.Value) []Reason {
	var reasons []Reason
	seen := map[string]bool{}
	for _, at := range at.List(wantReasons) {
		o := at.Object("code", "label")
		reason := Reason{Code: r.id(o.Get("code")), Label: r.text(o.Get("label"), "text such as {en: Arrived late}")}
		r.unique(seen, o.Get("code"), reason.Code, "reason")
		reasons = append(reasons, reason)
	}
	return reasons
}

func (r reader) unique(seen map[string]bool, at yamlfile.Value, id, what string) {
	if id != "" && seen[id] {
		at.Fail("the %s %s is there twice", what, id)
	}
	seen[id] = true
}
