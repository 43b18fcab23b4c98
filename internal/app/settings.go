package app

import (
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"text/tabwriter"
)

// Setting is one environment variable of rapport.
type Setting struct {
	Name, Default, Doc string
	Secret             bool
	// url: the secret is an address with a password in it, the rest of which may be shown.
	url   bool
	value reflect.Value
}

// Value is what the setting is now, as it would be written in the environment; a secret one is not shown.
func (s Setting) Value() string {
	v := s.value.Interface()
	text := fmt.Sprint(v)
	if list, ok := v.([]string); ok {
		text = strings.Join(list, ",")
	}
	if s.Secret && text != "" && text != Embedded {
		if s.url {
			return redacted(text)
		}
		return "(set)"
	}
	return text
}

// redacted is an address without its password, whether that stands before the host or in the query.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "(set)"
	}
	if query := u.Query(); query.Has("password") {
		query.Set("password", "xxxxx")
		u.RawQuery = query.Encode()
	}
	return u.Redacted()
}

// Settings lists every setting of c, read from the tags beside each part's code.
func Settings(c *Config) []Setting {
	return walk(Prefix, reflect.ValueOf(c).Elem())
}

func walk(prefix string, v reflect.Value) []Setting {
	var out []Setting
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if name, ok := f.Tag.Lookup("env"); ok {
			name, _, _ = strings.Cut(name, ",")
			out = append(out, Setting{Name: prefix + name, Default: f.Tag.Get("envDefault"), Doc: f.Tag.Get("doc"), Secret: f.Tag.Get("secret") != "", url: f.Tag.Get("secret") == "url", value: v.Field(i)})
			continue
		}
		if sub, ok := f.Tag.Lookup("envPrefix"); ok {
			out = append(out, walk(prefix+sub, v.Field(i))...)
		}
	}
	return out
}

// PrintSettings writes the settings with their values as they are now, and marks those that differ from their defaults.
func PrintSettings(w io.Writer, c *Config) error {
	defaults, err := Load(nil)
	if err != nil {
		return err
	}
	usual := Settings(&defaults)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for i, s := range Settings(c) {
		mark := " "
		if s.Value() != usual[i].Value() {
			mark = "*"
		}
		if _, err := fmt.Fprintf(t, "%s %s\t%s\t%s\n", mark, s.Name, s.Value(), s.Doc); err != nil {
			return err
		}
	}
	return t.Flush()
}

// SettingsPage is docs/configuration.md.
func SettingsPage() string {
	var b strings.Builder
	b.WriteString("# Settings\n\nAll settings are environment variables. `rapport config` shows their values; this page is generated from the code (`make golden`).\n\n| setting | default | |\n| --- | --- | --- |\n")
	for _, s := range Settings(&Config{}) {
		def := "none"
		if s.Default != "" {
			def = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, def, s.Doc)
	}
	return b.String()
}
