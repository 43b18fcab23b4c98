package store

import "strings"

// statements splits a SQL text at its semicolons, except those in strings, quoted names and comments. Comments before a
// statement are left out, those within it stay: ClickHouse keeps none of them.
func statements(sql string) []string {
	var out []string
	start, i := 0, 0
	flush := func() {
		if s := strings.TrimSpace(afterComments(sql[start:i])); s != "" {
			out = append(out, s)
		}
	}
	for i < len(sql) {
		switch sql[i] {
		case ';':
			flush()
			i++
			start = i
		case '\'', '`', '"':
			i += quoted(sql[i:])
		default:
			i += max(comment(sql[i:]), 1)
		}
	}
	flush()
	return out
}

// afterComments is s without the white space and comments at its start.
func afterComments(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		n := comment(s)
		if n == 0 {
			return s
		}
		s = s[n:]
	}
}

// comment is the length of the comment at the start of s, 0 where there is none. An open one reaches to the end.
func comment(s string) int {
	var end string
	switch {
	case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "#!"), strings.HasPrefix(s, "# "):
		end = "\n"
	case strings.HasPrefix(s, "/*"):
		end = "*/"
	default:
		return 0
	}
	if n := strings.Index(s[2:], end); n >= 0 {
		return 2 + n + len(end)
	}
	return len(s)
}

// quoted is the length of the string or quoted name at the start of s. A quote within it is doubled or follows a backslash;
// a doubled one reads as two adjacent strings here, which splits the same.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}
