package front

import "strings"

// statement is what the front needs to know of a query that is no insert with data.
type statement struct {
	first       string // first word in capitals, past brackets
	format      string // of a FORMAT clause, or empty
	intoOutfile bool
	totals      bool // WITH TOTALS
	// long says that it may scan: it selects from something.
	long bool
}

func parseStatement(text string) statement {
	var s statement
	var words [3]string // the last words at the top level, newest last; other tokens are ""
	l := lexer{text: text}
	depth := 0
	candidate := ""
	selects, from := false, false
	for {
		t := l.next()
		if t.kind == tokenEnd {
			break
		}
		word := ""
		if t.kind == tokenWord {
			word = text[t.start:t.end]
		}
		if s.first == "" && word != "" {
			s.first = strings.ToUpper(word)
		}
		selects = selects || strings.EqualFold(word, "SELECT")
		from = from || strings.EqualFold(word, "FROM")
		sign := text[t.start]
		switch {
		case t.kind == tokenOther && (sign == '(' || sign == '[' || sign == '{'):
			depth++
		case t.kind == tokenOther && (sign == ')' || sign == ']' || sign == '}'):
			depth--
		}
		if depth > 0 {
			continue
		}
		// FORMAT counts only when its name is followed by the end, a semicolon or SETTINGS: it may also be an alias.
		if candidate != "" {
			if sign == ';' && t.kind == tokenOther || strings.EqualFold(word, "SETTINGS") {
				s.format = candidate
			}
			candidate = ""
		}
		if word != "" && strings.EqualFold(words[2], "FORMAT") {
			candidate = word
		}
		if t.kind == tokenString && strings.EqualFold(words[1], "INTO") && strings.EqualFold(words[2], "OUTFILE") {
			s.intoOutfile = true
		}
		s.totals = s.totals || strings.EqualFold(words[2], "WITH") && strings.EqualFold(word, "TOTALS")
		words[0], words[1], words[2] = words[1], words[2], word
	}
	if candidate != "" {
		s.format = candidate
	}
	s.long = from && (selects || s.first == "FROM")
	return s
}

// insertHeader is the head of an INSERT whose data follows it.
type insertHeader struct {
	sql    string // without FORMAT clause
	format string
	data   int // offset of the data in the text
}

type insertKind int

const (
	notInsert    insertKind = iota
	insertOpen              // more text is needed to tell
	insertData              // header complete, data follows
	insertSelect            // INSERT ... SELECT and whatever else goes to the engine as it is
)

// parseInsert looks at the head of a text; complete says that no more text follows.
func parseInsert(text string, complete bool) (insertHeader, insertKind) {
	l := lexer{text: text}
	t := l.next()
	if t.kind == tokenEnd && !complete || t.open && !complete {
		return insertHeader{}, insertOpen
	}
	if t.kind != tokenWord || !strings.EqualFold(text[t.start:t.end], "INSERT") {
		return insertHeader{}, notInsert
	}
	depth, named := 0, false
	previous := ""
	for {
		t = l.next()
		if t.kind == tokenEnd || t.open {
			if !complete {
				return insertHeader{}, insertOpen
			}
			if t.kind == tokenEnd {
				return insertHeader{}, insertSelect
			}
		}
		word := ""
		if t.kind == tokenWord {
			word = strings.ToUpper(text[t.start:t.end])
		}
		sign := text[t.start]
		switch {
		case t.kind == tokenOther && sign == '(':
			depth++
			previous = "("
			continue
		case t.kind == tokenOther && sign == ')':
			depth--
			previous = ")"
			continue
		case depth > 0:
			if previous == "(" && (word == "SELECT" || word == "WITH") {
				return insertHeader{}, insertSelect
			}
			previous = ""
			continue
		}
		// The table may be called by any word, so clauses are looked for after its name only.
		if !named {
			named = word != "INTO" && word != "TABLE" && word != "FUNCTION"
			previous = ""
			continue
		}
		if t.kind == tokenOther && sign == '.' {
			named = false
			continue
		}
		switch word {
		case "SELECT", "WITH", "INFILE", "WATCH":
			return insertHeader{}, insertSelect
		case "VALUES":
			return insertHeader{sql: text[:t.start], format: "Values", data: t.end}, insertData
		case "FORMAT":
			name := l.next()
			if name.kind == tokenEnd || name.open {
				if !complete {
					return insertHeader{}, insertOpen
				}
			}
			if name.kind != tokenWord {
				return insertHeader{}, insertSelect
			}
			h := insertHeader{sql: text[:t.start], format: text[name.start:name.end], data: name.end}
			return h.afterBlanks(text, complete)
		}
		previous = ""
	}
}

// afterBlanks moves the start of the data past what ClickHouse skips after FORMAT: blanks of the line and its end. Binary
// data may start with any byte, so nothing more is skipped.
func (h insertHeader) afterBlanks(text string, complete bool) (insertHeader, insertKind) {
	for h.data < len(text) && strings.IndexByte(" \t\f", text[h.data]) >= 0 {
		h.data++
	}
	if h.data < len(text) && text[h.data] == '\r' {
		h.data++
	}
	if h.data == len(text) && !complete {
		return insertHeader{}, insertOpen
	}
	if h.data < len(text) && text[h.data] == '\n' {
		h.data++
	}
	return h, insertData
}
