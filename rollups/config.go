package rollups

import "time"

// Config bounds the batches of the roller and the pace of the sweeper.
type Config struct {
	Linger        time.Duration `env:"LINGER" envDefault:"300ms" doc:"how long marks are gathered after the first, so that a busy day is recomputed once for many marks"`
	BacklogLinger time.Duration `env:"BACKLOG_LINGER" envDefault:"3s" doc:"how long after the last mark of a backlog its days are recomputed; while more come they wait for ten times as long as that took last, a minute at most, as they would be recomputed again and again; LINGER or less: they do not wait"`
	Rest          int           `env:"REST" envDefault:"3" doc:"how many times as long as a day took to recompute the roller waits before it answers the next marks, 30s at most, so that a busy day leaves most of the machine to its events; 0: not at all"`
	BatchMarks    int           `env:"BATCH_MARKS" envDefault:"10000" doc:"most marks of one partition answered at once"`
	ChunkDays     int           `env:"CHUNK_DAYS" envDefault:"250" doc:"most days recomputed by one statement; bounds its memory"`
	StepTimeout   time.Duration `env:"STEP_TIMEOUT" envDefault:"120s" doc:"how long one statement or publish may take before it is tried again"`
	RetryMin      time.Duration `env:"RETRY_MIN" envDefault:"200ms" doc:"first wait after a fault; doubles up to RETRY_MAX"`
	RetryMax      time.Duration `env:"RETRY_MAX" envDefault:"10s" doc:"longest wait between two tries; the partition is held meanwhile"`
	SweepPause    time.Duration `env:"SWEEP_PAUSE" envDefault:"5s" doc:"shortest wait between two rounds of the sweeper; RAPPORT_ROLLUPS_SWEEP_REST times the last round's length where that is more"`
	SweepDays     int           `env:"SWEEP_DAYS" envDefault:"64" doc:"most recent days, and as many older ones, compared with their facts in one round"`
	SweepRest     int           `env:"SWEEP_REST" envDefault:"20" doc:"how many times as long as its last round the sweeper rests: 20 leaves it a twentieth of the time"`
	SweepWait     time.Duration `env:"SWEEP_WAIT" envDefault:"60s" doc:"how long the sweeper waits for pending marks before it lets a difference pass as not sure"`
}
