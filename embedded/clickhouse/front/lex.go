package front

import "strings"

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuotedName
	tokenString
	tokenOther // numbers and signs; one token a sign
)

// token is a piece of SQL with its place in the text. open says that it ran to the end of the text without its own end,
// so that more text could lengthen it.
type token struct {
	kind       tokenKind
	start, end int
	open       bool
}

// lexer cuts SQL into tokens as ClickHouse does, as far as finding clauses needs: it must not take quotes or comments
// for clauses, nothing more.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() token {
	l.skipBlanks()
	start := l.at
	if start >= len(l.text) {
		return token{tokenEnd, start, start, true}
	}
	switch c := l.text[start]; {
	case isWordByte(c):
		for l.at < len(l.text) && isWordByte(l.text[l.at]) {
			l.at++
		}
		return token{tokenWord, start, l.at, l.at == len(l.text)}
	case c == '\'':
		open := l.quoted('\'')
		return token{tokenString, start, l.at, open}
	case c == '`' || c == '"':
		open := l.quoted(c)
		return token{tokenQuotedName, start, l.at, open}
	case c == '$':
		if l.heredoc() {
			return token{tokenString, start, l.at, false}
		}
	}
	l.at = start + 1
	return token{tokenOther, start, l.at, l.at == len(l.text)} // a sign may become the start of a comment
}

func (l *lexer) skipBlanks() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case strings.IndexByte(" \t\n\r\f\v", rest[0]) >= 0:
			l.at++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
			l.skipPast(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			l.skipComment()
		case strings.HasPrefix(rest, "\xef\xbb\xbf"):
			l.at += 3
		default:
			return
		}
	}
}

func (l *lexer) skipPast(rest, mark string) {
	if i := strings.Index(rest, mark); i >= 0 {
		l.at += i + len(mark)
		return
	}
	l.at = len(l.text)
}

// skipComment skips a comment between /* and */, which may hold others.
func (l *lexer) skipComment() {
	for depth := 0; l.at < len(l.text); {
		switch rest := l.text[l.at:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.at += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.at += 2
		default:
			l.at++
		}
		if depth == 0 {
			return
		}
	}
}

// quoted skips text in quotes, which are escaped by a backslash or doubled, and reports whether the end is missing.
func (l *lexer) quoted(quote byte) (open bool) {
	for l.at++; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case quote:
			if l.at+1 < len(l.text) && l.text[l.at+1] == quote {
				l.at++
				continue
			}
			l.at++
			return false
		}
	}
	l.at = len(l.text)
	return true
}

// heredoc skips $tag$ text $tag$.
func (l *lexer) heredoc() bool {
	rest := l.text[l.at:]
	second := strings.IndexByte(rest[1:], '$')
	if second < 0 {
		return false
	}
	tag := rest[:second+2]
	for i := 1; i < len(tag)-1; i++ {
		if !isWordByte(tag[i]) {
			return false
		}
	}
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		return false
	}
	l.at += len(tag) + end + len(tag)
	return true
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
