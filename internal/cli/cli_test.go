package cli_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/cli"
	"github.com/rapport-project/rapport/schemas"
)

// commandEnv makes the test binary the command line itself, so that exit status and both outputs are the real ones.
const commandEnv = "RAPPORT_TEST_COMMAND_LINE"

func TestMain(m *testing.M) {
	clickhousetest.Child()
	if os.Getenv(commandEnv) != "" {
		os.Exit(cli.Main(os.Args[1:], cli.Options{Version: "v1.2.3-test"}))
	}
	os.Exit(m.Run())
}

// result of a command.
type result struct {
	code             int
	stdout, stderr   string
	environ, command []string
}

// rapport runs a command in an environment of nothing but environ, "NAME=value" without the prefix.
func rapport(t *testing.T, stdin []byte, environ []string, args ...string) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = []string{commandEnv + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	if library, ok := os.LookupEnv("RAPPORT_LIBCHDB"); ok {
		cmd.Env = append(cmd.Env, "RAPPORT_LIBCHDB="+library)
	}
	for _, e := range environ {
		cmd.Env = append(cmd.Env, "RAPPORT_"+e)
	}
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{code: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String(), environ: environ, command: args}
}

// is checks status and parts of the outputs; a part that starts with ! must not be there.
func (r result) is(t *testing.T, code int, stdout, stderr []string) {
	t.Helper()
	ok := r.code == code
	for text, parts := range map[*string][]string{&r.stdout: stdout, &r.stderr: stderr} {
		for _, p := range parts {
			unwanted, not := strings.CutPrefix(p, "!")
			ok = ok && strings.Contains(*text, unwanted) != not
		}
	}
	if !ok {
		t.Errorf("rapport %s (%s): status %d, want %d\nstdout, want %q:\n%s\nstderr, want %q:\n%s",
			strings.Join(r.command, " "), strings.Join(r.environ, " "), r.code, code, stdout, r.stdout, stderr, r.stderr)
	}
}

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"version"}, 0, "rapport v1.2.3-test\n", ""},
		{[]string{"--version"}, 0, "v1.2.3-test", ""},
		{nil, 0, "Usage:", ""},
		{[]string{"help"}, 0, "validate", ""},
		{[]string{"up", "--help"}, 0, "Run all roles", ""},
		{[]string{"dance"}, 2, "", `unknown command "dance"`},
		{[]string{"version", "--loud"}, 2, "", "unknown flag: --loud"},
		{[]string{"--loud"}, 2, "", "unknown flag: --loud"},
		{[]string{"version", "please"}, 2, "", "please"},
		{[]string{"demo", "--for", "ever"}, 2, "", "ever"},
		{[]string{"validate"}, 2, "", "at least 1 arg"},
	} {
		rapport(t, nil, nil, c.args...).is(t, c.code, []string{c.stdout}, []string{c.stderr})
	}
}

func TestEveryCommandRefusesBadSettings(t *testing.T) {
	for _, args := range [][]string{{"up"}, {"ingest"}, {"process"}, {"roll"}, {"migrate"}, {"health"}, {"demo"}, {"validate", "-"}, {"import", "--mapping", "m", "-"}} {
		rapport(t, nil, []string{"KAFKA_PARTITIONS=0"}, args...).is(t, 1, []string{"!Usage"}, []string{"rapport: RAPPORT_KAFKA_PARTITIONS"})
	}
}

func TestConfig(t *testing.T) {
	rapport(t, nil, nil, "config").is(t, 0, []string{"  RAPPORT_HTTP_ADDR", "127.0.0.1:8080", "!*"}, nil)
	rapport(t, nil, []string{"HTTP_ADDR=127.0.0.1:1", "KAFKA_SASL_PASSWORD=hush"}, "config").
		is(t, 0, []string{"* RAPPORT_HTTP_ADDR ", "127.0.0.1:1 ", "!hush", "(set)"}, nil)
	// Settings that cannot work are shown all the same: that is when one wants to see them.
	rapport(t, nil, []string{"KAFKA_PARTITIONS=0"}, "config").is(t, 1, []string{"* RAPPORT_KAFKA_PARTITIONS"}, []string{"must be at least 1"})
	rapport(t, nil, []string{"KAFKA_PARTITIONS=four"}, "config").is(t, 1, []string{"!RAPPORT"}, []string{"RAPPORT_KAFKA_PARTITIONS"})
}

func TestDoctor(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	free := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	environ := []string{
		"HTTP_ADDR=" + free(), "EMBEDDED_KAFKA_ADDR=" + free(), "EMBEDDED_CLICKHOUSE_ADDR=" + free(), "DATA_DIR=" + t.TempDir(),
	}
	rapport(t, nil, environ, "doctor").is(t, 0, []string{"ok      settings are sound", "!WRONG"}, []string{"!rapport:"})
	rapport(t, nil, append(environ, "LIBCHDB=/nowhere"), "doctor").is(t, 1, []string{"ok      settings are sound", "WRONG   /nowhere"}, []string{"!rapport:"})
	rapport(t, nil, append(environ, "LAG_INTERVAL=0"), "doctor").is(t, 1, []string{"WRONG   settings: RAPPORT_LAG_INTERVAL"}, nil)
}

func TestHealth(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	environ := []string{"HTTP_ADDR=" + server.Listener.Addr().String()}
	rapport(t, nil, environ, "health").is(t, 0, []string{"ready"}, nil)
	server.Close()
	rapport(t, nil, environ, "health").is(t, 1, nil, []string{"rapport: not ready", "refused"})
}

const (
	good = `{"specversion":"1.0","type":"rapport.survey.response.v1","source":"/apps/test","time":"2026-03-02T09:00:00Z","id":"r-1","data":{"questionnaire":"after-sales-10","answers":[{"item":"skill","score":8}]}}`
	bad  = `{"specversion":"1.0","type":"rapport.survey.response.v1","source":"/apps/test","time":"2026-03-02T09:00:00Z","id":"r-2","data":{"questionnaire":"after-sales-10","answers":[{"item":"skill","score":11}]}}`
)

// pretty is an event over many lines.
func pretty(event string) string {
	return strings.NewReplacer("{", "{\n  ", ",", ",\n  ", "}", "\n}").Replace(event)
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestValidate(t *testing.T) {
	offScale := "out_of_range at /data/answers/0/score"
	large := strings.Repeat(good+"\n", 2*2*schemas.DefaultMaxBytes/len(good))
	lines := strings.Count(large, "\n")
	for _, c := range []struct {
		name, text string
		code       int
		stdout     []string
		stderr     string
	}{
		{"object", good, 0, []string{"1 events: 1 good, 0 refused\n"}, ""},
		{"object over lines", pretty(good), 0, []string{"1 events: 1 good, 0 refused\n"}, ""},
		{"bad object", pretty(bad), 1, []string{"FILE: " + offScale, "1 events: 0 good, 1 refused\n"}, "!rapport:"},
		{"object cut off", pretty(good)[:200], 1, []string{"FILE: not_json", "1 events: 0 good, 1 refused\n"}, ""},
		{"array", "[" + good + "," + bad + "," + good + "]", 1, []string{"FILE, event 2: " + offScale, "3 events: 2 good, 1 refused\n"}, ""},
		{"array over lines", "[\n" + pretty(good) + ",\n" + good + "\n]\n", 0, []string{"2 events: 2 good, 0 refused\n"}, ""},
		{"array cut off", "[" + good + "," + good[:50], 1, []string{"FILE, event 2: not_json", "2 events: 1 good, 1 refused\n"}, ""},
		{"array without end", "[" + good, 1, []string{"FILE, event 2: not_json"}, ""},
		{"array with more", "[" + good + "] " + good, 1, []string{"FILE: not_json", "after the end of the array"}, ""},
		{"empty array", " [ ] ", 1, nil, "no event in it"},
		{"lines", good + "\n" + good + "\n", 0, []string{"2 events: 2 good, 0 refused\n"}, ""},
		{"lines with bad ones", good + "\r\n\r\n" + bad + "\nnonsense\n" + good, 1,
			[]string{"FILE, line 3: " + offScale, "FILE, line 4: not_json", "4 events: 2 good, 2 refused\n"}, ""},
		{"first line bad", "nonsense\n" + good + "\n" + bad + "\n", 1, []string{"FILE, line 1: not_json", "FILE, line 3: " + offScale, "3 events: 1 good, 2 refused\n"}, ""},
		{"many lines", large, 0, []string{fmt.Sprintf("%d events: %[1]d good, 0 refused\n", lines)}, ""},
		{"many lines, last bad", large + bad, 1, []string{fmt.Sprintf("FILE, line %d: %s", lines+1, offScale)}, ""},
		{"many in an array", "[" + strings.ReplaceAll(strings.TrimSpace(large), "\n", ",") + "]", 0, []string{fmt.Sprintf("%d events: %[1]d good", lines)}, ""},
		{"zipped", zipped(t, good+"\n"+bad), 1, []string{"FILE, line 2: " + offScale, "2 events: 1 good, 1 refused\n"}, ""},
		{"zipped cut off", zipped(t, good)[:60], 1, nil, "unexpected EOF"},
		{"no text", " \n", 1, nil, "no event in it"},
		{"nothing", "", 1, nil, "no event in it"},
		{"not utf-8", strings.Replace(good, "r-1", "r\xff", 1), 1, []string{"not_utf8 at /id"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "events")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			named := func(as string) (out []string) {
				for _, s := range c.stdout {
					out = append(out, strings.ReplaceAll(s, "FILE", as))
				}
				return out
			}
			rapport(t, nil, nil, "validate", file).is(t, c.code, named(file), []string{c.stderr})
			rapport(t, []byte(c.text), nil, "validate", "-").is(t, c.code, named("-"), []string{c.stderr})
		})
	}
}

func TestValidateTakesSeveralFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one.json")
	if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	rapport(t, []byte(bad), nil, "validate", file, "-").is(t, 1, []string{"-: out_of_range", "2 events: 1 good, 1 refused\n"}, nil)
	rapport(t, nil, nil, "validate", file, "/nowhere").is(t, 1, nil, []string{"/nowhere"})
	// Without a default tenant an event has to name its own.
	rapport(t, nil, []string{"DEFAULT_TENANT="}, "validate", file).is(t, 1, []string{"missing_tenant at /tenant"}, nil)
}
