package schemas

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// stringEnd is where the string that begins at b[at], behind its quote, has its closing quote, and whether what is between is text as it stands,
// without escapes; -1 where it is no string of JSON in valid UTF-8.
func stringEnd(b []byte, at int) (end int, plain bool) {
	plain = true
	for {
		for len(b)-at >= 8 {
			// Eight bytes at once: the lowest mark is the first byte that is not plain ASCII of a string.
			marks := special(binary.LittleEndian.Uint64(b[at:]))
			if marks != 0 {
				at += bits.TrailingZeros64(marks) / 8
				break
			}
			at += 8
		}
		if at >= len(b) {
			return -1, false
		}
		switch c := b[at]; {
		case c == '"':
			return at, plain
		case c == '\\':
			n := escapeLength(b[at:])
			if n == 0 {
				return -1, false
			}
			plain = false
			at += n
		case c < ' ':
			return -1, false
		case c < utf8.RuneSelf:
			at++
		default:
			_, n := utf8.DecodeRune(b[at:])
			if n < 2 {
				return -1, false
			}
			at += n
		}
	}
}

// special marks the bytes of w that are a quote, a backslash, a control character or not ASCII, by their highest bits. Marks above the lowest may be wrong.
func special(w uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote := w ^ '"'*ones
	backslash := w ^ '\\'*ones
	return ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-' '*ones)&^w | w) & highs
}

// escapeLength is how long the escape sequence is that b begins with, a surrogate pair being one; 0 where it is none.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		unit, ok := codeUnit(b)
		switch {
		case !ok:
			return 0
		case unit < 0xD800 || unit > 0xDFFF:
			return 6
		}
		low, ok := codeUnit(b[6:])
		if ok && unit < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF {
			return 12
		}
	}
	return 0
}

// codeUnit reads \uXXXX at the beginning of b.
func codeUnit(b []byte) (unit uint32, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | uint32(c)
	}
	return unit, true
}

// numberEnd is where the number that begins at b[at] ends; -1 where it is no number of JSON.
func numberEnd(b []byte, at int) int {
	if at < len(b) && b[at] == '-' {
		at++
	}
	switch end := digits(b, at); {
	case end == at:
		return -1
	case b[at] == '0':
		at++ // a digit that follows a leading zero is not of the number
	default:
		at = end
	}
	if at < len(b) && b[at] == '.' {
		end := digits(b, at+1)
		if end == at+1 {
			return -1
		}
		at = end
	}
	if at < len(b) && (b[at] == 'e' || b[at] == 'E') {
		at++
		if at < len(b) && (b[at] == '+' || b[at] == '-') {
			at++
		}
		end := digits(b, at)
		if end == at {
			return -1
		}
		at = end
	}
	return at
}

// digits is where the digits from b[at] on end.
func digits(b []byte, at int) int {
	for at < len(b) && b[at]-'0' <= 9 {
		at++
	}
	return at
}
