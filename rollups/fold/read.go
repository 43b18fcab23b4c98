package fold

// read makes of a fact in force what its cells are raised by.
func (f *Folder) read(b *Facts, i int, r *series, level uint32) {
	f.features, f.parts = f.features[:0], f.parts[:0]
	if !b.valid[i] {
		f.features = append(f.features, invalid)
		return
	}
	f.features = append(f.features, valid)
	if den := b.indexDen[i]; den > 0 {
		hi, lo := square(b.indexNum[i])
		f.parts = append(f.parts, part{0, b.indexNum[i], den, hi, lo})
	}
	if level != 0 {
		f.features = append(f.features, level)
	}
	if b.nps.Nulls[i] == 0 {
		switch nps := int8s(b.nps.Values)[i]; {
		case nps >= 9:
			f.features = append(f.features, promoters)
		case nps >= 7:
			f.features = append(f.features, passives)
		default:
			f.features = append(f.features, detractors)
		}
	}
	if b.ces.Nulls[i] == 0 {
		f.features = append(f.features, r.feature(cesValue, 0, int32(int8s(b.ces.Values)[i])))
	}
	if b.repurchase.Nulls[i] == 0 {
		f.features = append(f.features, r.feature(repurchaseValue, 0, int32(int8s(b.repurchase.Values)[i])))
	}
	if b.resolved.Nulls[i] == 0 {
		if bools(b.resolved.Values)[i] {
			f.features = append(f.features, resolvedYes)
		} else {
			f.features = append(f.features, resolvedNo)
		}
	}
	f.readDimensions(b, i, r)
	f.readAnswers(b, i, r)
}

func (f *Folder) readDimensions(b *Facts, i int, r *series) {
	from, to := run(b.dimension.ends, i)
	nums, dens := *b.dimensionNum.of, *b.dimensionDen.of
	for j := from; j < to; j++ {
		hi, lo := square(nums[j])
		f.parts = append(f.parts, part{r.sum(b.dimension.of.codes[j]), nums[j], dens[j], hi, lo})
	}
}

func (f *Folder) readAnswers(b *Facts, i int, r *series) {
	s := f.space
	from, to := run(b.answerItem.ends, i)
	scores, expectations, importances := int16s(b.score.of.Values), int16s(b.expectation.of.Values), int16s(b.importance.of.Values)
	for j := from; j < to; j++ {
		dimension := b.answerDimension.of.codes[j]
		if b.importance.of.Nulls[j] == 0 {
			r.sum(dimension)
			f.features = append(f.features, r.feature(importanceValue, dimension, int32(importances[j])))
		}
		if b.score.of.Nulls[j] != 0 {
			continue
		}
		if b.expectation.of.Nulls[j] == 0 {
			r.sum(dimension)
			f.features = append(f.features, r.feature(gapValue, dimension, int32(scores[j])-int32(expectations[j])))
		}
		it := s.itemAt(r, j-from, dimension, b.answerItem.of.codes[j])
		f.features = append(f.features, r.score(it, scores[j]))
		f.readReasons(b, j, r, dimension, scores[j])
	}
}

// readReasons counts each reason of an answer once.
func (f *Folder) readReasons(b *Facts, answer int, r *series, dimension uint32, score int16) {
	from, to := run(b.reasons.of.ends, answer)
	f.named = f.named[:0]
next:
	for j := from; j < to; j++ {
		reason := f.space.text(b.reasons.of.of.RowBytes(j))
		for _, before := range f.named {
			if before == reason {
				continue next
			}
		}
		f.named = append(f.named, reason)
		f.features = append(f.features, r.feature(reasonValue, f.space.pair(dimension, reason), int32(score)))
	}
}

// run is where the list of a row lies.
func run(ends []uint64, i int) (from, to int) {
	if i > 0 {
		from = int(ends[i-1])
	}
	return from, int(ends[i])
}
