package schemas

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// maxTenant is the longest tenant, in characters.
const maxTenant = 128

// envelope is an event whose attributes are being read.
type envelope struct {
	event *Event
	// specVersion and timed say that the attribute was there; the others show it by not being empty.
	specVersion, timed bool
	// A data member that came before `type` is read after all attributes: data[0]:data[1] of the value.
	data [2]int
}

// structured reads a whole CloudEvent. A null attribute is one not set, as the CloudEvents JSON format has it.
func (d *decoder) structured(env *envelope, value []byte) {
	d.reset(value, "", 0)
	if !d.object() {
		return
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "tenant":
			if d.tenant = TenantNull; !d.null() {
				d.tenant = TenantStated
				d.attribute(env, name, d.string())
			}
		case "specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema":
			if !d.null() {
				d.attribute(env, name, d.string())
			}
		case "revision":
			if !d.null() {
				env.event.Revision = uint32(d.integer(0, math.MaxInt32))
			}
		case "retracted":
			if !d.null() {
				env.event.Retracted = d.bool()
			}
		case "data_base64":
			if !d.null() {
				d.fail(InvalidFormat, "binary data; the data of this contract are JSON, in `data`")
			}
		case "data":
			d.structuredData(env)
		default:
			d.skip()
		}
	}
	d.end()
	if d.err == nil && env.data[1] > 0 && env.event.Type != "" {
		d.reset(value[env.data[0]:env.data[1]], "/data", 1)
		env.event.Data = d.dataOf(env.event.Type)
	}
}

// structuredData reads the data member, or notes where it lies if its type is not known yet.
func (d *decoder) structuredData(env *envelope) {
	if d.null() || d.err != nil {
		return
	}
	if env.event.Type != "" {
		env.event.Data = d.dataOf(env.event.Type)
		return
	}
	if from, to := d.raw(); d.err == nil {
		env.data = [2]int{from, to}
	}
}

// binary reads attributes from headers and data from the value.
func (d *decoder) binary(env *envelope, rec Record) {
	for i, h := range rec.Headers {
		name, attribute := strings.CutPrefix(h.Name, "ce_")
		if !attribute {
			if !strings.EqualFold(h.Name, "content-type") {
				continue
			}
			name = "datacontenttype"
		}
		if duplicated(rec.Headers[:i], h.Name) {
			d.failAt(pointerTo(name), DuplicateField, "two headers of one attribute")
		}
		if !utf8.Valid(h.Value) {
			d.failAt(pointerTo(name), NotUTF8, "not UTF-8")
		}
		d.header(env, name, attribute, string(h.Value))
		if d.err != nil {
			return
		}
	}
	d.reset(rec.Value, "/data", 1)
	if len(rec.Value) == 0 || env.event.Type == "" {
		return // complete says what is missing
	}
	if !d.null() {
		env.event.Data = d.dataOf(env.event.Type)
	}
	d.end()
}

// duplicated compares exactly for attributes, which are lower case, and regardless of case for the content type.
func duplicated(before []Header, name string) bool {
	for _, h := range before {
		if h.Name == name || len(name) == len("content-type") && strings.EqualFold(h.Name, name) && strings.EqualFold(name, "content-type") {
			return true
		}
	}
	return false
}

// header takes one attribute of binary mode. The content type stands for datacontenttype, which has no header of its own.
func (d *decoder) header(env *envelope, name string, attribute bool, value string) {
	switch name {
	case "specversion", "id", "source", "type", "time", "tenant", "subject", "dataschema":
		d.attribute(env, name, value)
	case "datacontenttype":
		if attribute {
			d.unknown++
			return
		}
		d.attribute(env, name, value)
	case "revision":
		n, whole, fits := int64(0), isInteger(value), false
		if whole {
			n, _, fits = parseInteger([]byte(value))
		}
		switch {
		case !whole:
			d.failAt("/revision", WrongType, "not an integer")
		case !fits || n < 0 || n > math.MaxInt32:
			d.failAt("/revision", OutOfRange, fmt.Sprintf("not in 0..%d", math.MaxInt32))
		}
		env.event.Revision = uint32(n)
	case "retracted":
		if value != "true" && value != "false" {
			d.failAt("/retracted", WrongType, "neither true nor false")
		}
		env.event.Retracted = value == "true"
	default:
		d.unknown++
	}
}

// isInteger says whether s is an Integer attribute as CloudEvents writes it.
func isInteger(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// pointerTo is the JSON pointer token of a name.
func pointerTo(name string) string {
	return "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// attribute takes one string attribute, whichever mode it came in.
func (d *decoder) attribute(env *envelope, name, value string) {
	if d.err != nil {
		return
	}
	e := env.event
	refuse := func(reason Reason, detail string) { d.failAt("/"+name, reason, detail) }
	switch name {
	case "specversion":
		if env.specVersion = true; value != "1.0" {
			refuse(UnknownValue, `not "1.0"`)
		}
	case "id":
		if e.ID = value; value == "" {
			refuse(InvalidFormat, "empty")
		}
	case "source":
		if e.Source = value; !isURIReference(value) {
			refuse(InvalidFormat, "not a URI-reference")
		}
	case "type":
		if e.Type = knownType(value); e.Type == "" {
			refuse(UnknownType, fmt.Sprintf("%.80q is no type of this contract", value))
		}
	case "time":
		var ok bool
		if e.Time, ok = parseTime(value); !ok {
			refuse(InvalidFormat, badTime)
		}
		env.timed = true
	case "tenant":
		if value == "" || len(value) > maxTenant && utf8.RuneCountInString(value) > maxTenant {
			refuse(InvalidFormat, fmt.Sprintf("not 1 to %d characters", maxTenant))
			return
		}
		e.Tenant = d.kept.tenant(value)
	case "datacontenttype":
		if !isJSONMediaType(value) {
			refuse(InvalidFormat, "the data of this contract are JSON: application/json, or a type that ends with +json")
		}
	}
}

// span is a duration in words: whole days where there are two or more, else whole seconds.
func span(d time.Duration) string {
	if days := d / (24 * time.Hour); days >= 2 {
		return fmt.Sprintf("%d days", days)
	}
	return d.Round(time.Second).String()
}

// complete judges what can only be judged when all members are read.
func (d *decoder) complete(env *envelope, appended time.Time, defaultTenant string) {
	e := env.event
	for _, required := range [...]struct {
		name  string
		there bool
	}{{"specversion", env.specVersion}, {"id", e.ID != ""}, {"source", e.Source != ""}, {"type", e.Type != ""}, {"time", env.timed}} {
		if !required.there {
			d.failAt("/"+required.name, MissingField, "required")
			return
		}
	}
	if e.Data == nil {
		if !e.Retracted {
			d.failAt("/data", MissingField, "required")
			return
		}
		e.Data = emptyData(e.Type)
	}
	if name := missingKey(e.Data); name != "" && !e.Retracted {
		d.failAt("/data/"+name, MissingField, "required")
	}
	if e.Time.Unix() < 0 {
		d.failAt("/time", Before1970, e.Time.Format(time.RFC3339))
	}
	if ahead := e.Time.Sub(appended); !appended.IsZero() && ahead > MaxAhead {
		d.failAt("/time", FromTheFuture, fmt.Sprintf("%s ahead of the time it was appended", span(ahead)))
	}
	if e.Tenant == "" {
		if e.Tenant = defaultTenant; defaultTenant == "" {
			d.failAt("/tenant", MissingTenant, "there is no default tenant")
		}
	}
}
