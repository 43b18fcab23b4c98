package docs

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/tenants"
)

// TestTenantFile: the file that tenants.md shows is taken and has every key, as its table has; bounds are as the table says.
func TestTenantFile(t *testing.T) {
	page := read(t, "docs/tenants.md")
	examples := found("(?s)```yaml\n(.*?)```", page)
	if len(examples) != 1 {
		t.Fatalf("%d examples, want 1", len(examples))
	}
	acme, problems := tenants.Check("acme.yaml", []byte(examples[0]))
	if len(problems) > 0 {
		t.Error(problems)
	}
	if got, want := acme.Fingerprint(), "zone=Asia/Shanghai;cuts=region,product|channel,agent"; got != want {
		t.Errorf("the example is %s, want %s", got, want)
	}

	arguments := found(`(?m)root\.Object\((.*)\)$`, read(t, "tenants/settings.go"))
	if len(arguments) != 1 {
		t.Fatal("the keys of a tenant's file are not where this test looks for them")
	}
	keys := found(`"([a-z_]+)"`, arguments[0])
	shown, described := found(`(?m)^([a-z_]+):`, examples[0]), found("(?m)^\\| `([a-z_]+)` \\|", page)
	for _, names := range [][]string{keys, shown, described} {
		slices.Sort(names)
	}
	if diff := cmp.Diff(keys, shown); diff != "" {
		t.Errorf("keys of the code (-) and of the example (+) differ:\n%s", diff)
	}
	if diff := cmp.Diff(keys, described); diff != "" {
		t.Errorf("keys of the code (-) and of the table (+) differ:\n%s", diff)
	}

	for _, key := range keys {
		bound := found("(?m)^\\| `"+key+"` \\|[^|]*\\| 1 to ([0-9]+) \\|", page)
		if len(bound) == 0 {
			continue
		}
		top, err := strconv.Atoi(bound[0])
		if err != nil {
			t.Fatal(err)
		}
		for value, taken := range map[int]bool{0: false, 1: true, top: true, top + 1: false} {
			if _, problems := tenants.Check("t.yaml", fmt.Appendf(nil, "%s: %d\n", key, value)); (len(problems) == 0) != taken {
				t.Errorf("%s of %d: taken is to be %v: %v", key, value, taken, problems)
			}
		}
	}
}
