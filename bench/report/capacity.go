package report

import (
	"fmt"
	"math"
	"strings"
)

// figures look up what a run measured; 0 where it did not.
type figures map[string]Result

func (f figures) value(result, name string) float64 {
	x, _ := value(name)(f[result])
	return x
}

// Capacity is what one machine did, how that changes with what is stored, and what follows for ten million events a second, in Markdown.
func Capacity(results []Result) string {
	f := figures{}
	for _, r := range results {
		f[r.Name] = r
	}
	var b strings.Builder
	if len(results) > 0 {
		fmt.Fprintf(&b, "### Measured on one machine\n\n%s, broker and database on the same cores.\n\n", results[0].Machine)
	}
	f.rates(&b)
	f.sizes(&b)
	f.growth(&b)
	f.cluster(&b)
	return strings.TrimSuffix(b.String(), "\n")
}

func (f figures) rates(b *strings.Builder) {
	b.WriteString("| what | events/s | processor seconds per million events | of them ClickHouse | memory of rapport, MiB |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, row := range []struct{ name, what string }{
		{"rapport_facts", "a backlog of survey events into facts"},
		{"rapport_rollups", "the same, until the days' figures stand"},
		{"rapport_mixed_rollups", "with repeats, bad events and no order, until the days' figures stand"},
		{"rapport_contacts", "a backlog of contacts, until outcomes and figures stand"},
		{"http_ingest", "HTTP, with its clients"},
	} {
		r, ok := f[row.name]
		if !ok || r.EventsPerS == 0 {
			fmt.Fprintf(b, "| %s (`%s`) | not measured | – | – | – |\n", row.what, row.name)
			continue
		}
		fmt.Fprintf(b, "| %s (`%s`) | %s | %.1f | %.1f | %s |\n", row.what, row.name, grouped(r.EventsPerS), r.CPUSeconds, r.DatabaseCPUSeconds, size(r.RSS))
	}
}

func (f figures) sizes(b *strings.Builder) {
	if f.value("reads", FactBytes) == 0 {
		b.WriteString("\nSizes and reads: not measured in this run.\n")
		return
	}
	fmt.Fprintf(b, "\n| on disk, compressed, of %s facts | bytes |\n| --- | ---: |\n", grouped(float64(f["reads"].Events)))
	for _, row := range []struct{ name, what string }{
		{FactBytes, "a survey fact"}, {IdentityBytes, "its row of identities"}, {DayBytes, "a day of figures, all cuts"}, {RollingBytes, "present rolling figures, all windows and cuts"},
	} {
		fmt.Fprintf(b, "| %s (`%s`) | %s |\n", row.what, row.name, grouped(f.value("reads", row.name)))
	}
}

// growth is a table of costs by how many facts are there already.
func (f figures) growth(b *strings.Builder) {
	rows := map[string]map[string]float64{}
	var sizes []string
	for _, v := range f["growth"].Values {
		parts := strings.Split(v.Name, "_")
		if len(parts) != 3 || parts[0] != "live" && parts[0] != "late" {
			continue
		}
		if rows[parts[1]] == nil {
			rows[parts[1]] = map[string]float64{}
			sizes = append(sizes, parts[1])
		}
		rows[parts[1]][parts[0]+" "+parts[2]] = v.Median
	}
	b.WriteString("\n### What more of them cost\n\n")
	if len(sizes) == 0 {
		b.WriteString("Not measured in this run.\n")
		return
	}
	b.WriteString("| facts there | in order and of now: events/s | Go, s per million | ClickHouse, s per million | of 30 days, in no order: events/s | Go, s per million | ClickHouse, s per million |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, s := range sizes {
		r := rows[s]
		fmt.Fprintf(b, "| %s | %s | %.1f | %.1f | %s | %.1f | %.1f |\n", strings.NewReplacer("m", " million", "k", " thousand").Replace(s),
			grouped(r["live rate"]), r["live go"], r["live clickhouse"], grouped(r["late rate"]), r["late go"], r["late clickhouse"])
	}
}

// What a cluster is sized by.
const (
	wantedRate = 10_000_000 // events per second
	load       = 0.6        // of a core, so that a burst, a lost machine and merges find room
	replicas   = 2          // of ClickHouse: each part is written by one and fetched by the other, which merges it again
	topicFold  = 3          // replicas of a topic
	partitions = 4          // of the run
)

// cluster is the arithmetic for ten million events a second, every line of it.
func (f figures) cluster(b *strings.Builder) {
	b.WriteString("\n### Ten million events a second: computed, not run\n\n")
	r, ok := f["rapport_rollups"]
	facts := f["rapport_facts"]
	if !ok || r.CPUSeconds == 0 || facts.EventsPerS == 0 {
		b.WriteString("Not measured in this run.\n")
		return
	}
	millions := float64(wantedRate) / 1e6
	ours, theirs := r.CPUSeconds-r.DatabaseCPUSeconds, r.DatabaseCPUSeconds
	perPartition := facts.EventsPerS / partitions
	b.WriteString("```text\n")
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	if theirs > 0 {
		line("rapport, process and roll   %.0f million/s × %.1f s per million / %.1f busy        = %s cores", millions, ours, load, up(millions*ours/load))
		line("ClickHouse                  %.0f million/s × %.1f s per million / %.1f busy        = %s cores", millions, theirs, load, up(millions*theirs/load))
		line("ClickHouse, %d replicas      %s cores × %d                                     = %s cores, an upper bound: a fetched part is merged, not built", replicas, up(millions*theirs/load), replicas, up(replicas*millions*theirs/load))
	} else {
		line("rapport and ClickHouse      %.0f million/s × %.1f s per million / %.1f busy        = %s cores", millions, r.CPUSeconds, load, up(millions*r.CPUSeconds/load))
	}
	if i, ok := f["http_ingest"]; ok && i.CPUSeconds > 0 {
		own := i.CPUSeconds - f.value("http_ingest", ClientsCPU)
		line("rapport, ingest by HTTP     %.0f million/s × %.1f s per million / %.1f busy        = %s cores, where events do not come by Kafka", millions, own, load, up(millions*own/load))
	}
	line("partitions                  %s events/s / (%s events/s / %d partitions)     = %s, that each is read as fast as in the run", grouped(wantedRate), grouped(facts.EventsPerS), partitions, up(wantedRate/perPartition))
	if r.EventBytes > 0 {
		in := wantedRate * float64(r.EventBytes) / 1e9
		line("broker, in                  %s events/s × %d bytes                          = %.1f GB/s before compression", grouped(wantedRate), r.EventBytes, in)
		line("broker, written             %.1f GB/s × %d replicas                              = %.1f GB/s before compression", in, topicFold, in*topicFold)
	}
	if fact, id := f.value("reads", FactBytes), f.value("reads", IdentityBytes); fact > 0 {
		day := wantedRate * 86_400 * (fact + id) / 1e12
		line("disk a day                  %s events/s × 86,400 s × (%.0f + %.0f bytes)      = %.0f TB, × %d replicas = %.0f TB", grouped(wantedRate), fact, id, day, replicas, day*replicas)
	}
	b.WriteString("```\n")
}

func up(x float64) string { return grouped(math.Ceil(x)) }
