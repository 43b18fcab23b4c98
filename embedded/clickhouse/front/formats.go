package front

import (
	"encoding/binary"
	"strings"
)

// streamable are the formats whose output the library gives in parts that can be joined: rows after rows. Of other formats
// each part is a document of its own, so their results are made whole. Formats with a head of names and types repeat it in
// each part; headLength finds it.
var streamable = set(
	"TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "Raw", "CSV", "Native", "RowBinary",
	"TabSeparatedWithNames", "TSVWithNames", "TabSeparatedWithNamesAndTypes", "TSVWithNamesAndTypes",
	"CSVWithNames", "CSVWithNamesAndTypes", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes",
	"JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow", "JSONCompactEachRow", "JSONCompactStringsEachRow",
	"JSONCompactEachRowWithNames", "JSONCompactEachRowWithNamesAndTypes",
	"JSONCompactStringsEachRowWithNames", "JSONCompactStringsEachRowWithNamesAndTypes",
	"MsgPack", "LineAsString", "Null",
)

// headLength returns the length of the names, and types, a part starts with; 0 for formats without.
func headLength(format string, part []byte) int {
	f := strings.ToLower(format)
	lists := 0
	if strings.HasSuffix(f, "withnames") {
		lists = 1
	} else if strings.HasSuffix(f, "withnamesandtypes") {
		lists = 2
	}
	if lists == 0 || len(part) == 0 {
		return 0
	}
	if strings.HasPrefix(f, "rowbinary") {
		return binaryHead(part, lists)
	}
	quoted := false // in CSV a name may hold line ends within quotes; the others escape them
	for i, c := range part {
		switch {
		case c == '"' && strings.HasPrefix(f, "csv"):
			quoted = !quoted
		case c == '\n' && !quoted:
			if lists--; lists == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// binaryHead is a count and as many strings, twice that with types.
func binaryHead(part []byte, lists int) int {
	columns, at := binary.Uvarint(part)
	if at <= 0 {
		return 0
	}
	for range columns * uint64(lists) {
		n, size := binary.Uvarint(part[at:])
		if size <= 0 || n > uint64(len(part)-at-size) {
			return 0
		}
		at += size + int(n)
	}
	return at
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[strings.ToLower(n)] = true
	}
	return m
}

// contentType returns what ClickHouse says of a format.
func contentType(format string) string {
	f := strings.ToLower(format)
	switch {
	case f == "json" || f == "jsoncompact" || f == "jsonstrings" || f == "jsoncompactstrings" ||
		f == "jsoncolumnswithmetadata" || f == "jsoncolumns" || f == "jsoncompactcolumns" || f == "jsonobjecteachrow":
		return "application/json; charset=UTF-8"
	case strings.Contains(f, "eachrow") || f == "jsonlines" || f == "ndjson":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "csvwithnames"):
		return "text/csv; charset=UTF-8; header=present"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=absent"
	case strings.HasPrefix(f, "tabseparated") || strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case f == "xml":
		return "application/xml; charset=UTF-8"
	case f == "markdown":
		return "text/markdown; charset=UTF-8"
	case f == "native" || strings.HasPrefix(f, "rowbinary") || f == "parquet" || strings.HasPrefix(f, "arrow") ||
		f == "orc" || f == "avro" || f == "msgpack" || f == "protobuf" || f == "bsoneachrow":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
