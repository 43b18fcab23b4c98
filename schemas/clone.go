package schemas

import "slices"

// Clone is a row of its own: the lists of rows of one batch may lie in memory that is used again for the next. Labels and texts are shared.
func (f *SurveyFact) Clone() SurveyFact {
	c := *f
	c.AnswerItem, c.AnswerDimension, c.AnswerComment = slices.Clone(f.AnswerItem), slices.Clone(f.AnswerDimension), slices.Clone(f.AnswerComment)
	c.AnswerScore, c.AnswerExpectation, c.AnswerImportance = slices.Clone(f.AnswerScore), slices.Clone(f.AnswerExpectation), slices.Clone(f.AnswerImportance)
	c.AnswerReasons = slices.Clone(f.AnswerReasons)
	c.Dimension, c.DimensionNum, c.DimensionDen = slices.Clone(f.Dimension), slices.Clone(f.DimensionNum), slices.Clone(f.DimensionDen)
	return c
}

// Clone is a row of its own, as that of a SurveyFact.
func (f *ContactFact) Clone() ContactFact {
	c := *f
	for _, n := range []**int64{&c.WaitMicros, &c.TalkMicros, &c.HoldMicros, &c.WrapMicros} {
		if *n != nil {
			own := **n
			*n = &own
		}
	}
	return c
}
