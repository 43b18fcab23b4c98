package questionnaires

// Columns are what the rows of responses that answer every item of a version have in common, in the questionnaire's order. They are shared: nobody
// may write to them.
type Columns struct {
	// Items and their Dimensions; Nothing, NoNumber and NoReasons are as many values that are not there.
	Items, Dimensions []string
	Nothing           []string
	NoNumber          []*int16
	NoReasons         [][]string
	// Scored dimensions and the denominators of their scores.
	Scored       []string
	Denominators []int64
}

// Columns are those of this version; none where it has no items.
func (v *Version) Columns() *Columns { return &v.scoring.columns }

func (v *Version) columns() Columns {
	n := len(v.Items)
	c := Columns{Nothing: make([]string, n), NoNumber: make([]*int16, n), NoReasons: make([][]string, n)}
	for _, item := range v.Items {
		c.Items, c.Dimensions = append(c.Items, item.ID), append(c.Dimensions, item.Dimension)
	}
	for i, d := range v.Dimensions {
		c.Scored, c.Denominators = append(c.Scored, d.ID), append(c.Denominators, v.scoring.dimensions[i].score.den)
	}
	return c
}
