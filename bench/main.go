// Command bench measures rapport beside what else could be done with the same events: in one run, from the same topic of the
// same broker, ClickHouse's own Kafka engine and a bare fetch. What it measures and why so is in docs/benchmarks.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	embeddedclickhouse "github.com/rapport-project/rapport/embedded/clickhouse"
)

// options are the command line.
type options struct {
	events     int
	rounds     int
	within     time.Duration
	patience   time.Duration
	dir        string
	only       string
	out, page  string
	cpuProfile string
	verbose    bool
	settings   []string
}

func main() { os.Exit(run()) }

func run() int {
	if embeddedclickhouse.IsChild() {
		return embeddedclickhouse.ChildMain()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == brokerCommand:
		err = serveBroker(ctx, os.Args[2], os.Stdin, os.Stdout)
	case len(os.Args) == 3 && os.Args[1] == productCommand:
		err = serveProduct(ctx, os.Args[2], os.Stdin)
	default:
		err = benchmark(ctx, os.Args[1:])
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(errs)
	f.IntVar(&o.events, "events", 500_000, "events on the topic, a multiple of 20,000")
	f.IntVar(&o.rounds, "rounds", 3, "rounds; each runs every contender once, in rotated order")
	f.DurationVar(&o.within, "within", 0, "no round is begun that would end later than this after the start; 0: all are run")
	f.DurationVar(&o.patience, "patience", 10*time.Minute, "longest run of one contender")
	f.StringVar(&o.dir, "dir", ".build/bench", "folder for the data of the engines, emptied before and after")
	f.StringVar(&o.only, "only", "", "run this contender alone; nothing is written then")
	f.StringVar(&o.out, "out", "", "write the results to this file, as JSON")
	f.StringVar(&o.page, "page", "", "renew the table in this page")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "profile this process while rapport runs (the last round is kept)")
	f.BoolVar(&o.verbose, "v", false, "show what rapport and the engines log")
	f.Func("set", "a setting of rapport to try, as PIPELINE_BATCH_EVENTS=50000; may be repeated; nothing is written then", func(s string) error {
		o.settings = append(o.settings, s)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.events < chunkEvents || o.events%chunkEvents != 0 || o.rounds < 1 || f.NArg() > 0 {
		return o, fmt.Errorf("want -events a multiple of %d, -rounds of at least 1, and no arguments", chunkEvents)
	}
	if o.only != "" || len(o.settings) > 0 {
		o.out, o.page = "", "" // a trial is not what the page is about
	}
	var err error
	o.dir, err = filepath.Abs(o.dir)
	return o, err
}
