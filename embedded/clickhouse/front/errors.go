package front

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

// Codes of errors the front raises itself, as ClickHouse numbers them.
const (
	codeSyntax         = 62
	codeUnknownSetting = 115
	codeReadonly       = 164
	codeNotImplemented = 48
	codeBadArguments   = 36
	codeOutfile        = 358
	codeSessionMissing = 372
	codeSessionLocked  = 373
	codeTooManyQueries = 202
	codeNetwork        = 210
	codeCancelled      = 394
	codeAccessDenied   = 497
	codeChecksum       = 40
	codeStandard       = 1001
)

// newError builds an error in the form ClickHouse gives it.
func newError(code int, name, format string, args ...any) *chdb.Error {
	text := fmt.Sprintf(format, args...)
	return &chdb.Error{Code: code, Name: name, Message: fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", code, text, name)}
}

// asError gives any error a code: what is not ClickHouse's own gets the one its server uses for exceptions of the standard
// library.
func asError(err error) *chdb.Error {
	var e *chdb.Error
	if errors.As(err, &e) && e.Code != 0 {
		return e
	}
	return newError(codeStandard, "STD_EXCEPTION", "%v", err)
}

// statuses are the HTTP statuses ClickHouse answers errors with; others are 500.
var statuses = map[string]int{
	"REQUIRED_PASSWORD":                     http.StatusUnauthorized,
	"ACCESS_DENIED":                         http.StatusForbidden,
	"CANNOT_PARSE_TEXT":                     http.StatusBadRequest,
	"CANNOT_PARSE_ESCAPE_SEQUENCE":          http.StatusBadRequest,
	"CANNOT_PARSE_QUOTED_STRING":            http.StatusBadRequest,
	"CANNOT_PARSE_DATE":                     http.StatusBadRequest,
	"CANNOT_PARSE_DATETIME":                 http.StatusBadRequest,
	"CANNOT_PARSE_NUMBER":                   http.StatusBadRequest,
	"CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING": http.StatusBadRequest,
	"CANNOT_PARSE_IPV4":                     http.StatusBadRequest,
	"CANNOT_PARSE_IPV6":                     http.StatusBadRequest,
	"CANNOT_PARSE_INPUT_ASSERTION_FAILED":   http.StatusBadRequest,
	"CANNOT_PARSE_UUID":                     http.StatusBadRequest,
	"CANNOT_PARSE_BOOL":                     http.StatusBadRequest,
	"DUPLICATE_COLUMN":                      http.StatusBadRequest,
	"ILLEGAL_COLUMN":                        http.StatusBadRequest,
	"ILLEGAL_TYPE_OF_ARGUMENT":              http.StatusBadRequest,
	"INCORRECT_DATA":                        http.StatusBadRequest,
	"SYNTAX_ERROR":                          http.StatusBadRequest,
	"TOO_BIG_AST":                           http.StatusBadRequest,
	"TOO_DEEP_AST":                          http.StatusBadRequest,
	"TYPE_MISMATCH":                         http.StatusBadRequest,
	"UNEXPECTED_AST_STRUCTURE":              http.StatusBadRequest,
	"UNKNOWN_ELEMENT_IN_AST":                http.StatusBadRequest,
	"UNKNOWN_TYPE_OF_AST_NODE":              http.StatusBadRequest,
	"VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE":    http.StatusBadRequest,
	"UNKNOWN_AGGREGATE_FUNCTION":            http.StatusNotFound,
	"UNKNOWN_DATABASE":                      http.StatusNotFound,
	"UNKNOWN_DATABASE_ENGINE":               http.StatusNotFound,
	"UNKNOWN_DIRECTION_OF_SORTING":          http.StatusNotFound,
	"UNKNOWN_FORMAT":                        http.StatusNotFound,
	"UNKNOWN_FUNCTION":                      http.StatusNotFound,
	"UNKNOWN_IDENTIFIER":                    http.StatusNotFound,
	"UNKNOWN_SETTING":                       http.StatusNotFound,
	"UNKNOWN_STORAGE":                       http.StatusNotFound,
	"UNKNOWN_TABLE":                         http.StatusNotFound,
	"UNKNOWN_TYPE":                          http.StatusNotFound,
	"UNKNOWN_TYPE_OF_QUERY":                 http.StatusNotFound,
	"SESSION_NOT_FOUND":                     http.StatusNotFound,
	"TIMEOUT_EXCEEDED":                      http.StatusRequestTimeout,
	"QUERY_IS_TOO_LARGE":                    http.StatusRequestEntityTooLarge,
	"NOT_IMPLEMENTED":                       http.StatusNotImplemented,
	"SOCKET_TIMEOUT":                        http.StatusServiceUnavailable,
	"CANNOT_SCHEDULE_TASK":                  http.StatusServiceUnavailable,
	"TOO_MANY_SIMULTANEOUS_QUERIES":         http.StatusServiceUnavailable,
	"ATTEMPT_TO_READ_AFTER_EOF":             http.StatusBadRequest,
	"CANNOT_READ_ALL_DATA":                  http.StatusBadRequest,
	"CHECKSUM_DOESNT_MATCH":                 http.StatusBadRequest,
	"CANNOT_DECOMPRESS":                     http.StatusBadRequest,
	"NETWORK_ERROR":                         http.StatusBadRequest,
	"NO_SUCH_COLUMN_IN_TABLE":               http.StatusBadRequest,
	"NUMBER_OF_ARGUMENTS_DOESNT_MATCH":      http.StatusBadRequest,
	"UNKNOWN_QUERY_PARAMETER":               http.StatusBadRequest,
	"BAD_QUERY_PARAMETER":                   http.StatusBadRequest,
	"BAD_ARGUMENTS":                         http.StatusBadRequest,
}

func statusOf(e *chdb.Error) int {
	if s, ok := statuses[e.Name]; ok {
		return s
	}
	return http.StatusInternalServerError
}
