package main

import (
	"fmt"
	"os"

	"github.com/rapport-project/rapport/internal/faults/report"
)

func main() {
	lines, err := report.Read(os.Stdin)
	if err != nil {
		panic(err)
	}
	page, err := report.Page(lines, os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Print(page)
}
