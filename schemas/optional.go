package schemas

// sharedNumbers are what optional numbers point to where they are small, as nearly all are: nobody writes through such a pointer.
const (
	sharedLow  = -1
	sharedHigh = 255
)

var (
	shared16 = func() (all [sharedHigh - sharedLow + 1]int16) {
		for i := range all {
			all[i] = int16(i + sharedLow)
		}
		return all
	}()
	shared8 = func() (all [256]int8) {
		for i := range all {
			all[i] = int8(i - 128)
		}
		return all
	}()
	sharedBool = [2]bool{false, true}
)

// Int16 is an optional number that is there. It may be shared: nobody may write through it.
func Int16(n int16) *int16 {
	if n >= sharedLow && n <= sharedHigh {
		return &shared16[n-sharedLow]
	}
	own := n // else n is on the heap whatever its value
	return &own
}

// Int8 is an optional number that is there. It is shared: nobody may write through it.
func Int8(n int8) *int8 { return &shared8[int(n)+128] }

// Bool is an optional truth value that is there. It is shared: nobody may write through it.
func Bool(b bool) *bool {
	if b {
		return &sharedBool[1]
	}
	return &sharedBool[0]
}
