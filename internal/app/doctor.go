package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	embeddedclickhouse "github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/store"
)

// Finding is one thing that the doctor looked at, in words that say what to do where it is wrong.
type Finding struct {
	Wrong bool
	Text  string
}

// doctor collects findings.
type doctor struct {
	c        Config
	findings []Finding
}

// Doctor looks at everything that rapport needs, as far as it can without starting anything.
func Doctor(ctx context.Context, environ []string) []Finding {
	d := &doctor{}
	c, err := Load(environ)
	d.say(err, "settings are sound", "settings: %v; `rapport config` lists them", err)
	if err != nil {
		return d.findings
	}
	d.c = c
	if unknown := Unknown(environ); len(unknown) > 0 {
		d.findings = append(d.findings, Finding{Wrong: true, Text: "no such setting: " + strings.Join(unknown, ", ") + "; `rapport config` lists those there are"})
	}
	d.definitions()
	up := c.running(ctx)
	if c.EmbeddedClickHouse() {
		err := embeddedclickhouse.Check(c.Libchdb)
		d.say(err, "the ClickHouse library is there", "%v", err)
	}
	if c.EmbeddedKafka() || c.EmbeddedClickHouse() {
		d.dataDir()
	}
	d.kafka(ctx, up)
	d.clickhouse(ctx, up)
	if !up {
		d.free(ctx, "RAPPORT_HTTP_ADDR", c.HTTPAddr)
	}
	return d.findings
}

// say adds a finding: well where err is nil, the rest where it is not.
func (d *doctor) say(err error, well, wrong string, args ...any) {
	if err == nil {
		d.findings = append(d.findings, Finding{Text: well})
		return
	}
	d.findings = append(d.findings, Finding{Wrong: true, Text: fmt.Sprintf(wrong, args...)})
}

func (d *doctor) definitions() {
	defs, err := d.c.Definitions()
	if err != nil {
		d.say(err, "", "%v", err)
	} else {
		d.say(nil, "definitions are sound: "+defs.summary(), "")
	}
	if stray, _ := filepath.Glob(filepath.Join(d.c.ConfigDir, "*.y*ml")); d.c.ConfigDir != "" && len(stray) > 0 {
		d.findings = append(d.findings, Finding{Wrong: true, Text: fmt.Sprintf("not read: %s; questionnaires belong into %s, calendars into %s, tenants into %s",
			strings.Join(stray, ", "), filepath.Join(d.c.ConfigDir, "questionnaires"), filepath.Join(d.c.ConfigDir, "calendars"), filepath.Join(d.c.ConfigDir, "tenants"))})
	}
	_, err = auth.Open(d.c.APIKeysFile)
	well := "no API keys file: ingest takes loopback callers only, as tenant default"
	if d.c.APIKeysFile != "" {
		well = "the API keys file is sound"
	}
	d.say(err, well, "RAPPORT_API_KEYS_FILE: %v", err)
}

// minFreeBytes is what the embedded pair needs to be of any use.
const minFreeBytes = 1 << 30

func (d *doctor) dataDir() {
	dir, err := filepath.Abs(d.c.DataDir)
	if err == nil {
		err = os.MkdirAll(dir, 0o750)
	}
	var probe *os.File
	if err == nil {
		probe, err = os.CreateTemp(dir, ".doctor")
	}
	if err == nil {
		_ = probe.Close()
		err = os.Remove(probe.Name())
	}
	d.say(err, "the data folder can be written: "+dir, "RAPPORT_DATA_DIR: %v: choose a folder that this user may write", err)
	var fs unix.Statfs_t
	if err == nil && unix.Statfs(dir, &fs) == nil {
		free := fs.Bavail * uint64(fs.Bsize)
		if free < minFreeBytes {
			err = fmt.Errorf("only %d MiB", free>>20)
		}
		d.say(err, fmt.Sprintf("%d GiB of disk are free", free>>30), "free disk in %s: %v left; the embedded pair wants at least 1 GiB", dir, err)
	}
}

func (d *doctor) kafka(ctx context.Context, up bool) {
	if d.c.EmbeddedKafka() && !up {
		d.free(ctx, "RAPPORT_EMBEDDED_KAFKA_ADDR", d.c.EmbeddedKafkaAddr)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	admin := kafka.NewAdmin(d.c.kafka("rapport-doctor"))
	if err := admin.Ping(ctx); err != nil {
		advice := "check RAPPORT_KAFKA_BROKERS and its login"
		if d.c.EmbeddedKafka() {
			advice = "something else may listen there: stop it, or set RAPPORT_EMBEDDED_KAFKA_ADDR"
		}
		d.say(err, "", "Kafka at %v does not answer: %v; %s", d.c.kafka("").Brokers, err, advice)
		return
	}
	d.say(nil, fmt.Sprintf("Kafka answers at %v", d.c.kafka("").Brokers), "")
	for _, t := range d.c.Topics() {
		if _, err := admin.Partitions(ctx, t.Name); err != nil {
			d.say(err, "", "topic %s: %v; run `rapport migrate`", t.Name, err)
			return
		}
	}
	d.say(nil, "all topics are there", "")
}

func (d *doctor) clickhouse(ctx context.Context, up bool) {
	if d.c.EmbeddedClickHouse() && !up {
		d.free(ctx, "RAPPORT_EMBEDDED_CLICKHOUSE_ADDR", d.c.ChildClickHouse.Addr)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := store.Open(d.c.clickhouse())
	if err == nil {
		defer func() { _ = conn.Close() }()
		err = conn.Ping(ctx)
	}
	if err != nil {
		advice := "check RAPPORT_CLICKHOUSE_DSN"
		if d.c.EmbeddedClickHouse() {
			advice = "something else may listen on " + d.c.ChildClickHouse.Addr + ": stop it, or set RAPPORT_EMBEDDED_CLICKHOUSE_ADDR"
		}
		// Whatever answered instead may have sent a whole page.
		err, _ = store.Away(err, d.c.clickhouse().DSN)
		d.say(err, "", "ClickHouse does not answer: %.300v; %s", err, advice)
		return
	}
	d.say(nil, "ClickHouse answers", "")
	var n uint64
	err = conn.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = 'rapport'").Scan(&n)
	if err == nil && n == 0 {
		err = fmt.Errorf("the database has no rapport schema")
	}
	d.say(err, "the schema is there", "%v; run `rapport migrate`", err)
}

// free says whether an address can be listened on.
func (d *doctor) free(ctx context.Context, setting, addr string) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err == nil {
		_ = l.Close()
	}
	d.say(err, fmt.Sprintf("%s is free for `rapport up`", addr), "%s: %v; set %s to another address", addr, err, setting)
}
