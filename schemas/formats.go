package schemas

import (
	"strings"
	"unicode/utf8"
)

// knownType is the type of this contract that is called s; empty where there is none. It is never s itself, which is part of a record, while types live on as labels.
func knownType(s string) Type {
	for _, t := range [...]Type{TypeSurveyResponse, TypeContact, TypeMilestone, TypeComplaint, TypeSurveyInvitation} {
		if string(t) == s {
			return t
		}
	}
	return ""
}

// uriCharacters are those of a URI-reference that need no escape.
var uriCharacters = func() (all [256]bool) {
	for c := range all {
		all[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c < utf8.RuneSelf && strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", byte(c)) >= 0
	}
	return all
}()

// isURIReference checks the characters of RFC 3986, not the grammar: identity needs no more.
func isURIReference(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !uriCharacters[c] && !(c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])) {
			return false
		}
	}
	return s != ""
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isJSONMediaType takes application/json and anything/anything+json, parameters aside.
func isJSONMediaType(s string) bool {
	if s == "application/json" {
		return true
	}
	s, _, _ = strings.Cut(s, ";")
	s = strings.TrimRight(s, " \t")
	kind, subtype, ok := strings.Cut(s, "/")
	if !ok || !isToken(kind) || !isToken(subtype) {
		return false
	}
	if strings.EqualFold(s, "application/json") {
		return true
	}
	const suffix = "+json"
	return len(subtype) >= len(suffix) && strings.EqualFold(subtype[len(subtype)-len(suffix):], suffix)
}

// isToken is the token of HTTP, which media types are made of.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
