// Command rapport turns the events of customer service into figures one can trust. `rapport help` lists what it does.
package main

import (
	"os"

	"github.com/rapport-project/rapport/internal/cli"
)

// version is set by the build.
var version = "dev"

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Options{Version: version}))
}
