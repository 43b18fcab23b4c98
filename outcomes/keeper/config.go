package keeper

import "time"

// Config bounds the batches of the outcome stage and the pace of its sweeper.
type Config struct {
	Linger        time.Duration `env:"LINGER" envDefault:"100ms" doc:"how long marks of chains, cases and complaints are gathered after the first"`
	BacklogLinger time.Duration `env:"BACKLOG_LINGER" envDefault:"20s" doc:"how long after the last mark of a backlog it is answered, where no writer has caught up; while more come they wait for ten times as long as that took last, a minute at most, as each chain would be computed again and again; RAPPORT_OUTCOMES_LINGER or less: they do not wait"`
	BatchMarks    int           `env:"BATCH_MARKS" envDefault:"1000" doc:"most records of one partition answered at once; each has up to 500 marks"`
	ChunkEntities int           `env:"CHUNK_ENTITIES" envDefault:"20000" doc:"most chains, cases or complaints whose facts are read by one statement; bounds memory"`
	StepTimeout   time.Duration `env:"STEP_TIMEOUT" envDefault:"120s" doc:"how long one statement or publish may take before it is tried again"`
	RetryMin      time.Duration `env:"RETRY_MIN" envDefault:"200ms" doc:"first wait after a fault; doubles up to RETRY_MAX"`
	RetryMax      time.Duration `env:"RETRY_MAX" envDefault:"10s" doc:"longest wait between two tries; the partition is held meanwhile"`
	SweepPause    time.Duration `env:"SWEEP_PAUSE" envDefault:"5s" doc:"shortest wait between two rounds of the sweeper; RAPPORT_OUTCOMES_SWEEP_REST times the last round's length where that is more"`
	SweepEntities int           `env:"SWEEP_ENTITIES" envDefault:"2000" doc:"most recent entities of each kind, and as many older ones, compared with their facts in one round"`
	SweepRest     int           `env:"SWEEP_REST" envDefault:"20" doc:"how many times as long as its last round the sweeper rests: 20 leaves it a twentieth of the time"`
	SweepWait     time.Duration `env:"SWEEP_WAIT" envDefault:"60s" doc:"how long the sweeper waits for pending marks before it lets a difference pass as not sure"`
}
