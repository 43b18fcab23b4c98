// Package fold adds up survey facts into the cells of the tables of days: satisfaction_days, dimension_days, score_days and reason_days.
//
// It is what rollups/sql/rows.sql and rollups/sql/spans.sql say of these tables, in plain Go, from one pass over the facts for all four: the statements
// stay, as the independent check that audits and sweepers compare with. It does no input or output but decoding blocks and encoding rows.
//
// How it is used:
//
//	space := fold.NewSpace([]string{"", "region", "agent"})      // codes of names, shared by all cells that are to be added up
//	folder := fold.NewFolder(space, slots)                       // slots says which stretch of time a fact lies in: Days or Bounds
//	var facts fold.Facts
//	for more, err := facts.Decode(reader); more; ... {            // blocks in Native format of the columns that Columns names
//		err = folder.Add(&facts)
//	}
//	cells := folder.Cells(slot)                                  // nil where nothing lies in it
//	cells.Surveys(func(cut, value string, key metrics.SurveyKey, sum metrics.Survey) { ... })
//
// Cells of one Space can be kept and added to others (Cells.Plus), so that what did not change need not be folded again; Count and Digest tell
// whether it did. A Space, and all cells of it, belong to one goroutine at a time.
//
// Inside, a cell of a slot, a cut, its value and a series (questionnaire, version, role) is a vector: whatever can be counted, as a score of an item, has an
// index that is its own within the series, so that a fact is a short list of indexes, made once, by which the vectors of all cuts are raised.
package fold
