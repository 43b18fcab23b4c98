package questionnaires

import (
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

// The page on questionnaires shows a file that is taken and one that is not, with the messages: both are held here.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/questionnaires.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:yaml|text)\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 4 {
		t.Fatalf("%d blocks, want a good file, comparisons for it, a bad file and its messages", len(blocks))
	}
	v, problems := Check("good.yaml", []byte(blocks[0][1]))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	result := mustScore(t, v, &schemas.SurveyResponse{Answers: []schemas.Answer{
		{Item: "speed", Score: number(4)}, {Item: "polite", Score: number(3)}, {Item: "skilled", Score: number(5)}}})
	if index := big.NewRat(result.IndexNum, result.IndexDen); index.RatString() != "84" || result.Level != Satisfied {
		t.Errorf("the page's example is %s, %s", index, result.Level)
	}
	weightless := regexp.MustCompile(`(?m)^    weight: .*\n`).ReplaceAllString(blocks[0][1], "")
	v, problems = Check("good.yaml", []byte(weightless+blocks[1][1]))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := []int64{v.Dimensions[0].Weight, v.Dimensions[1].Weight}; !cmp.Equal(got, []int64{7500, 2500}) {
		t.Errorf("the page's comparisons give weights of %v", got)
	}
	_, problems = Check("workshop.yaml", []byte(blocks[2][1]))
	if diff := cmp.Diff(strings.TrimSpace(blocks[3][1]), problems.Error()); diff != "" {
		t.Error(diff)
	}
	// Every key that the reader knows has its row; the unknown key's message lists those at the top.
	_, problems = Check("x.yaml", []byte("zzzzzzzzzzzz: 1\n"))
	_, keys, _ := strings.Cut(problems[0].Detail, "want ")
	for _, key := range strings.Split(keys, ", ") {
		if !strings.Contains(string(page), "| `"+key) {
			t.Errorf("key %s has no row", key)
		}
	}
}
