package app

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/caarlos0/env/v11"
)

// Setting is one environment variable of rapport.
type Setting struct {
	Name, Default, Doc string
	Secret             bool
	// shown says which part of a secret may be: of an address with a password in it (url) the rest, of one whose path is a secret (host) what comes before.
	shown string
	value reflect.Value
}

// Value is what the setting is now, as it would be written in the environment; a secret one is not shown.
func (s Setting) Value() string {
	v := s.value.Interface()
	list, ok := v.([]string)
	if !ok {
		return s.show(fmt.Sprint(v))
	}
	shown := make([]string, len(list))
	for i, text := range list {
		shown[i] = s.show(text)
	}
	return strings.Join(shown, ",")
}

// show is a value, or what may be seen of it.
func (s Setting) show(text string) string {
	if !s.Secret || text == "" || text == Embedded {
		return text
	}
	switch s.shown {
	case "url":
		return redacted(text)
	case "host":
		return hostOf(text)
	}
	return "(set)"
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

// hostOf is an address up to its host.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "(set)"
	}
	return u.Scheme + "://" + u.Host + "/(set)"
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
			out = append(out, Setting{Name: prefix + name, Default: f.Tag.Get("envDefault"), Doc: f.Tag.Get("doc"), Secret: f.Tag.Get("secret") != "", shown: f.Tag.Get("secret"), value: v.Field(i)})
			continue
		}
		if sub, ok := f.Tag.Lookup("envPrefix"); ok {
			out = append(out, walk(prefix+sub, v.Field(i))...)
		}
	}
	return out
}

// Unknown are the variables of environ that look like settings and are none: misspelt ones, mostly.
func Unknown(environ []string) []string {
	known := map[string]bool{}
	for _, s := range Settings(&Config{}) {
		known[s.Name] = true
	}
	var unknown []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, Prefix) && !known[name] && !strings.HasPrefix(name, Prefix+"TEST_") {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// unreadable names the variables that could not be read: the library names fields of the code.
func unreadable(vars map[string]string, err error) error {
	var wrong []error
	for _, s := range Settings(&Config{}) {
		value, set := vars[s.Name]
		if !set || value == "" {
			continue
		}
		var c Config
		one := env.ParseWithOptions(&c, env.Options{Environment: map[string]string{s.Name: value}, Prefix: Prefix})
		if one != nil {
			wrong = append(wrong, fmt.Errorf("%s: %q is no %s", s.Name, value, kindOf(s.value.Interface())))
		}
	}
	if len(wrong) == 0 {
		return fmt.Errorf("settings: %w", err)
	}
	return errors.Join(wrong...)
}

func kindOf(v any) string {
	switch v.(type) {
	case time.Duration:
		return "duration, such as 500ms, 30s or 720h"
	case bool:
		return "true or false"
	case int, int64, float64:
		return "number"
	}
	return "value of its kind"
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
