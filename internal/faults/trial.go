package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/clickhouseproxy"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/internal/faults/report"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
)

// patience bounds every wait; a test that reaches it has failed.
const patience = 3 * time.Minute

// Plan is what a trial is made of.
type Plan struct {
	// Fault is its line in the table: what is done, in words.
	Fault string
	On    On
	// Members are how many processes with all roles there are; 0 is 1.
	Members int
	// Settings of the members, as "NAME=value" without the prefix, beside those of every trial.
	Settings []string
	// Stories are how many the generator tells, about one and a half events each; 0 is 600.
	Stories int
	// Poison plants this many bad records of each kind.
	Poison int
	// Rates of what is unusual in the stories; nil is the generator's own.
	Rates *generator.Rates
	// Pace is the pause between two batches of 50 events; 0 is 50 ms.
	Pace time.Duration
	// Through has the load go through the proxy as well, so that its requests meet the rules too.
	Through bool
	// HTTP has the load post to the members; 202 is the acknowledgement. Poison still goes to Kafka.
	HTTP bool
	// Transactions has the load publish in transactions, with aborted ones between them that hold these events.
	Transactions func() []generator.Event
	// Alter changes a record of the load before it is sent.
	Alter func(*kgo.Record)
	// Endless has the load go on with duplicates until Finish, so that no fault lacks something to hit.
	Endless bool
	// Upto is the share of the load after which it pauses until x.Upto says more; 0 is no pause.
	Upto float64
	// Binary is rapport, or a build of it with a deliberate mistake.
	Binary string
	// ClickHouse says how the database is started.
	ClickHouse clickhouse.Options
	// KafkaDir is the data folder of the embedded Kafka; empty is a temporary one.
	KafkaDir string
	// Always has the trial run whatever the seed draws.
	Always bool
	// Mismatches are allowed: the fault takes from figures what no mark can tell of, which the sweeper counts when it heals it.
	Mismatches bool
}

// Trial is one fault under way.
type Trial struct {
	t    testing.TB
	plan Plan
	rng  *rand.Rand
	seed uint64

	Broker   Broker
	Kafka    *kafkaproxy.Proxy
	Engine   *clickhouse.Supervisor
	Database *clickhouseproxy.Proxy
	Members  []*e2e.System
	// Direct speaks to the engines past the proxies.
	Direct *e2e.System

	teller  *generator.Generator
	options oracle.Options
	// events are all good ones so far, poison all bad ones, sent what the load under way sends.
	events, poison, sent []generator.Event
	published, acked     int // deliveries of loads that have ended: each try, and those acknowledged
	want                 oracle.Result
	config               string   // the setting that names the folder of tenants
	settings             []string // of every member
	load                 *load
	injected             atomic.Int64
	lastInjection        atomic.Int64 // unix nanoseconds
	fetched              fetched
	placed               ledger
	gone                 int64 // offsets deleted before they were read
}

// Begin starts engines, members and, once they accept events, the load.
func Begin(t testing.TB, p Plan) *Trial {
	t.Helper()
	x := Prepare(t, p)
	for _, m := range x.Members {
		m.Start()
	}
	x.ready()
	x.Load()
	return x
}

// Prepare starts engines, and makes members and events; neither is started.
func Prepare(t testing.TB, p Plan) *Trial {
	t.Helper()
	if p.Stories == 0 {
		p.Stories = 600
	}
	if p.Pace == 0 {
		p.Pace = 50 * time.Millisecond
	}
	x := &Trial{t: t, plan: p, seed: *seedFlag}
	t.Logf("seed %d: -args -seed=%d does the same again", x.seed, x.seed)
	if !p.Always && !drawn(t.Name(), x.seed, p.On) {
		t.Skipf("seed %d does not draw this trial: -run names it, and `make soak` runs all", x.seed)
	}
	x.rng = generator.NewRand(x.seed)

	x.Broker = startBroker(t, p.On, p.KafkaDir)
	x.Engine = clickhousetest.StartSupervisor(t, withData(t, p.ClickHouse))
	var err error
	if x.Kafka, err = kafkaproxy.Start(x.Broker.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Kafka.Close)
	x.Kafka.Watch(x.fetched.add)
	if x.Database, err = clickhouseproxy.Start(x.Engine.DSN()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Database.Close)
	x.Direct = e2e.Around(t, x.Broker.Addr(), x.Engine.DSN())

	config, options := e2e.Settings(t)
	x.config = config
	x.settings = append([]string{
		config, "KAFKA_BROKERS=" + x.Kafka.Addr(), "CLICKHOUSE_DSN=" + x.Database.DSN(),
		// A dead member's partitions are given to another one sooner, and the sweeper comes oftener, so that a trial is shorter.
		"PIPELINE_SESSION_TIMEOUT=3s", "PIPELINE_DRAIN_TIMEOUT=2s", "ROLLUPS_SWEEP_PAUSE=1s", "OUTCOMES_SWEEP_PAUSE=1s", "ROLLUPS_SWEEP_REST=2", "OUTCOMES_SWEEP_REST=2",
	}, p.Settings...)
	if p.HTTP {
		x.settings = append(x.settings, x.keysFile())
	}
	for range max(p.Members, 1) {
		x.Members = append(x.Members, e2e.New(t, p.Binary, x.settings...))
	}
	x.options, x.teller = options, e2e.Storyteller(t, x.seed, p.Rates)
	x.tell()
	return x
}

func withData(t testing.TB, o clickhouse.Options) clickhouse.Options {
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
	}
	return o
}

// tell makes the stories of a load: a third of the events twice, all in random order, as their apps would send them in either mode, some under wrong
// keys, with poison among them.
func (x *Trial) tell() {
	x.t.Helper()
	events := x.teller.Events(x.plan.Stories)
	x.events = append(x.events, events...)
	x.want = e2e.Expect(x.t, x.events, x.options)
	x.sent = generator.WrongKeys(generator.Binary(generator.Shuffle(generator.Duplicate(events, 0.3, x.rng), x.rng), 0.3, x.rng), 0.1, x.rng)
	var poison []generator.Event
	for range x.plan.Poison {
		poison = append(poison, e2e.Poison(x.t, x.rng.Uint64())...)
	}
	x.poison = append(x.poison, poison...)
	x.sent = generator.Mix(x.sent, poison, x.rng)
}

// Injected counts an injection of the fault. What is counted after the load has ended still is.
func (x *Trial) Injected() {
	x.injected.Add(1)
	x.lastInjection.Store(time.Now().UnixNano())
}

// At waits until a share of the load, 0 to 1, is acknowledged.
func (x *Trial) At(share float64) {
	x.t.Helper()
	x.Direct.Eventually(fmt.Sprintf("at %.0f %% of the load", 100*share), func() error {
		if acked, _ := x.load.progress(); float64(acked) < share*float64(len(x.sent)) {
			return fmt.Errorf("%d of %d events are acknowledged", acked, len(x.sent))
		}
		return nil
	})
}

// Moments are n shares of the load at random, one in each n-th of it.
func (x *Trial) Moments(n int) []float64 {
	at := make([]float64, n)
	for i := range at {
		at[i] = (float64(i) + x.rng.Float64()) / float64(n)
	}
	return at
}

// ready waits until every member accepts events.
func (x *Trial) ready() {
	x.t.Helper()
	for _, m := range x.Members {
		m.Eventually("ready", m.Ready)
	}
}

// Wait returns when f gives nil.
func (x *Trial) Wait(what string, f func() error) {
	x.t.Helper()
	x.Direct.Eventually(what, f)
}

// Finish ends the faults, waits for the load and for quiet, asks whether the promise held, and writes the line of the table.
func (x *Trial) Finish() {
	x.t.Helper()
	record(x.t, x.Quiet())
}

// Quiet is Finish without the line written, after which another load may follow.
func (x *Trial) Quiet() report.Line {
	x.t.Helper()
	x.load.suffice()
	<-x.load.done
	acked, tries := x.load.progress()
	if acked != len(x.sent) {
		x.t.Fatalf("only %d of %d events could be published", acked, len(x.sent))
	}
	x.published, x.acked = x.published+tries, x.acked+acked
	x.Kafka.Set(nil)
	x.Kafka.Up()
	x.Database.Set(nil)
	if x.injected.Load() == 0 {
		x.t.Fatal("the fault was never injected: nothing was shown")
	}
	mended := time.Unix(0, x.lastInjection.Load())
	line := report.Line{Fault: x.plan.Fault, Broker: x.plan.On.String(), Injected: int(x.injected.Load()), Sent: x.published, Acknowledged: x.acked}
	x.Direct.Equals(x.want)
	line.Seconds = time.Since(mended).Seconds()
	ds, err := x.Direct.Differences(x.want) // a second look, after the sweeper had its turn
	if err != nil {
		x.t.Fatal(err)
	}
	line.Wrong, line.Lost, line.Redelivered = len(ds), x.lost(), x.fetched.again()
	x.letters()
	x.identity()
	if !x.plan.Mismatches {
		x.Direct.Unaudited(x.t)
	}
	if line.Lost != 0 || line.Wrong != 0 {
		x.t.Errorf("%d acknowledged events are not stored, %d outcomes and rollups differ from the oracle's", line.Lost, line.Wrong)
	}
	return line
}

// errNotYet is the reason of a wait that needs no other words.
var errNotYet = errors.New("not yet")
