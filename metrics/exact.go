package metrics

import "math/big"

// exactly is the bound below which a float64 holds every whole number, so that its division rounds once.
const exactly = 1 << 53

// part is what some of the observations of a mean come to: n numbers that are whole over one denominator, their sum and that of their squares.
type part struct {
	n   uint64
	den int64
	sum int64
	sq  Wide
}

// parts of one mean: versions of a questionnaire have denominators of their own.
type parts []part

// add merges what has the same denominator; what counts nothing is left out.
func (p parts) add(q part) parts {
	if q.n == 0 || q.den <= 0 {
		return p
	}
	for i := range p {
		if p[i].den == q.den {
			p[i].n, p[i].sum, p[i].sq = p[i].n+q.n, p[i].sum+q.sum, p[i].sq.Plus(q.sq)
			return p
		}
	}
	return append(p, q)
}

func (p parts) count() (n uint64) {
	for _, q := range p {
		n += q.n
	}
	return n
}

// total is the exact sum of the numbers.
func (p parts) total() *big.Rat {
	total := new(big.Rat)
	for _, q := range p {
		total.Add(total, big.NewRat(q.sum, q.den))
	}
	return total
}

// center is the exact mean; there is at least one number.
func (p parts) center() *big.Rat { return over(p.total(), p.count()) }

// mean is the sample of all parts; N is 0 where there is none.
func (p parts) mean() Sample {
	s := Sample{Kind: Mean, N: p.count()}
	switch {
	case len(p) == 0:
	case len(p) == 1:
		s.Center, s.Variance = p[0].mean(), p[0].variance()
	default:
		s.Center, _ = p.center().Float64()
		s.Variance = p.variance()
	}
	return s
}

func (q part) mean() float64 {
	if below, n := uint64(q.den), q.n; below < exactly && n < exactly/below && -exactly < q.sum && q.sum < exactly {
		return float64(q.sum) / float64(below*n)
	}
	f, _ := over(big.NewRat(q.sum, q.den), q.n).Float64()
	return f
}

// variance is (n Σx² - (Σx)²) / (n (n - 1)), which loses nothing in whole numbers.
func (q part) variance() float64 {
	if q.n < 2 {
		return 0
	}
	n, sum := new(big.Int).SetUint64(q.n), big.NewInt(q.sum)
	above := new(big.Int).Mul(n, q.sq.Big())
	above.Sub(above, sum.Mul(sum, sum))
	below := new(big.Int).SetUint64(q.n - 1)
	below.Mul(below, n)
	den := big.NewInt(q.den)
	below.Mul(below, den.Mul(den, den))
	return quotient(above, below)
}

func (p parts) variance() float64 {
	n := p.count()
	if n < 2 {
		return 0
	}
	squares := new(big.Rat)
	for _, q := range p {
		den := new(big.Int).Mul(big.NewInt(q.den), big.NewInt(q.den))
		squares.Add(squares, new(big.Rat).SetFrac(q.sq.Big(), den))
	}
	total := p.total()
	squares.Sub(squares, over(total.Mul(total, total), n))
	f, _ := over(squares, n-1).Float64()
	return f
}

// over is r / n; n is not 0.
func over(r *big.Rat, n uint64) *big.Rat {
	return new(big.Rat).Quo(r, new(big.Rat).SetInt(new(big.Int).SetUint64(n)))
}

// quotient is the nearest float64 of a / b.
func quotient(a, b *big.Int) float64 {
	if a.IsInt64() && b.IsInt64() && a.CmpAbs(big.NewInt(exactly)) < 0 && b.CmpAbs(big.NewInt(exactly)) < 0 {
		return float64(a.Int64()) / float64(b.Int64())
	}
	f, _ := new(big.Rat).SetFrac(a, b).Float64()
	return f
}

// whole is a sum of squares that fits into 64 bits.
func whole(n int64) Wide {
	if n < 0 {
		return Wide{Hi: -1, Lo: uint64(n)}
	}
	return Wide{Lo: uint64(n)}
}
