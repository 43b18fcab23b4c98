package cli_test

import "testing"

// TestEraseAsks: what cannot be undone is not done by a command line that is not clear, or where nobody can be asked.
func TestEraseAsks(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"erase"}, "--tenant is missing"},
		{[]string{"erase", "--tenant", "t", "--customer", ""}, "--customer is empty"},
		{[]string{"erase", "--tenant", "t"}, "say --yes, or --dry-run"},
		{[]string{"erase", "--tenant", "t", "--customer", "c"}, "say --yes, or --dry-run"},
		{[]string{"erase", "--tenant", "t", "--yes", "--format", "xml"}, "none of text, json"},
		{[]string{"erase", "--receipt", "x", "--tenant", "t"}, "it takes no --tenant"},
		{[]string{"erase", "t"}, "unknown command"},
	} {
		rapport(t, nil, nil, tc.args...).is(t, 2, nil, []string{tc.want})
	}
}
