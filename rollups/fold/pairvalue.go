package fold

// PairValue is a JSON array of two texts, byte for byte as ClickHouse's toJSONString writes it with output_format_json_escape_forward_slashes = 0:
// values of pairs are compared with those that statements write, and encoding/json replaces what is no UTF-8 and writes control characters otherwise.
func PairValue(a, b string) string {
	out := make([]byte, 0, len(a)+len(b)+7)
	out = append(out, '[')
	out = appendText(out, a)
	out = append(out, ',')
	out = appendText(out, b)
	return string(append(out, ']'))
}

func appendText(out []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	out = append(out, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\b':
			out = append(out, `\b`...)
		case c == '\f':
			out = append(out, `\f`...)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		// Line and paragraph separators, which JavaScript did not take within a text.
		case c == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && (text[i+2] == 0xa8 || text[i+2] == 0xa9):
			out = append(out, `\u202`...)
			out = append(out, text[i+2]-0xa8+'8')
			i += 2
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
