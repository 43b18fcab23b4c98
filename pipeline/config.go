package pipeline

import "time"

// Config bounds a pipeline's batches and its patience.
type Config struct {
	BatchEvents    int           `env:"BATCH_EVENTS" envDefault:"50000" doc:"most records of one partition in one batch"`
	BatchBytes     int           `env:"BATCH_BYTES" envDefault:"25165824" doc:"most bytes of one partition in one batch; with PARALLEL it bounds memory"`
	Parallel       int           `env:"PARALLEL" envDefault:"0" doc:"how many batches are built and stored at once, whatever the number of partitions, and twice as many small ones, of less than 4000 events and 2 MiB; 0: one for each processor, at most two; more take some hundred megabytes each, beyond RAPPORT_MEMORY_LIMIT"`
	UnpackedBytes  int           `env:"UNPACKED_BYTES" envDefault:"67108864" doc:"most bytes that a compressed Kafka batch may unpack to; the records of a larger one become dead letters"`
	Linger         time.Duration `env:"LINGER" envDefault:"250ms" doc:"how long a batch waits for more records after its first, less the time since the batch before it was read: batches of a partition are no closer than that while records come one by one, and what had to wait for the one before waits no longer"`
	StepTimeout    time.Duration `env:"STEP_TIMEOUT" envDefault:"60s" doc:"how long one insert or publish may take before it is tried again"`
	RetryMin       time.Duration `env:"RETRY_MIN" envDefault:"200ms" doc:"first wait after a fault; doubles up to RETRY_MAX"`
	RetryMax       time.Duration `env:"RETRY_MAX" envDefault:"10s" doc:"longest wait between two tries; the partition is held meanwhile"`
	DrainTimeout   time.Duration `env:"DRAIN_TIMEOUT" envDefault:"10s" doc:"how long a stopping process, or one that loses a partition, may take to finish the batch in hand; below SESSION_TIMEOUT"`
	SessionTimeout time.Duration `env:"SESSION_TIMEOUT" envDefault:"20s" doc:"how long the broker waits for a sign of life before it gives the partitions to others"`
}
