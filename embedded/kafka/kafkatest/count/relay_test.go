package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRelay(t *testing.T) {
	const events = `
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA/embedded","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA/embedded/part/of it"}
{"Action":"pass","Package":"p","Test":"TestA/embedded/part"}
{"Action":"pass","Package":"p","Test":"TestA/embedded/other"}
{"Action":"pass","Package":"p","Test":"TestA/embedded"}
{"Action":"pass","Package":"p","Test":"TestA/real"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestB/embedded"}
{"Action":"skip","Package":"p","Test":"TestB/real"}
{"Action":"pass","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Test":"TestC/embedded"}
{"Action":"output","Package":"p","Test":"TestC/real","Output":"    c_test.go:1: broken\n"}
{"Action":"fail","Package":"p","Test":"TestC/real"}
{"Action":"output","Package":"p","Test":"TestC","Output":"--- FAIL: TestC\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"panic: outside of any test\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t1.2s\n"}
{"Action":"fail","Package":"p"}
{"Action":"output","Package":"q","Output":"PASS\n"}
{"Action":"output","Package":"q","Output":"ok  \tq\t0.1s\n"}
{"Action":"pass","Package":"q"}
{"Action":"build-output","ImportPath":"r","Output":"r.go:1: no\n"}
`
	var out strings.Builder
	passed, err := relay(strings.NewReader(events), &out)
	if err != nil {
		t.Fatal(err)
	}
	if want := (tally{embedded: 4, real: 1}); passed != want {
		t.Errorf("counted %+v, want %+v", passed, want)
	}
	want := "    c_test.go:1: broken\n--- FAIL: TestC\nFAIL\tp\t1.2s\npanic: outside of any test\nok  \tq\t0.1s\nr.go:1: no\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if _, err := relay(strings.NewReader("not JSON"), &out); err == nil {
		t.Error("took what is no output of go test -json")
	}
}

func TestRunTellsFailureAndAbsence(t *testing.T) {
	for what, c := range map[string]struct {
		args []string
		ci   bool
		want int
	}{
		"no broker":       {[]string{"-run", "TestRelay", "."}, false, 0},
		"no broker in CI": {[]string{"-run", "TestRelay", "."}, true, 1},
		"no package":      {[]string{"./nowhere"}, false, 1},
	} {
		t.Run(what, func(t *testing.T) {
			var out strings.Builder
			if code, _ := run(t.Context(), c.args, c.ci, &out); code != c.want {
				t.Errorf("exit code %d, want %d: %s", code, c.want, &out)
			}
		})
	}
}
