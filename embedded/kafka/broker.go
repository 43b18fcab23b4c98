// Package kafka runs a Kafka broker inside this process: franz-go's kfake, a complete broker in protocol and storage,
// with its data directory and synchronous writes on, so that what is acknowledged survives the death of the process.
//
// It is one broker without replication: the disk is the only copy. Clients speak to it over TCP like to any other.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/rapport-project/rapport/embedded/datadir"
	"github.com/rapport-project/rapport/internal/listen"
)

// Options describes a broker. DataDir is required.
type Options struct {
	// DataDir holds topics, records and group offsets; it is created, and locked while the broker runs.
	DataDir string
	// Addr to listen on and to tell clients, ip:port; empty means 127.0.0.1:0, port 0 means any free one.
	Addr string
	// LockTimeout is how long Start waits for another process to let go of DataDir. Default 15 s.
	LockTimeout time.Duration
	// BrokerConfig sets dynamic broker settings under Kafka's names, such as message.max.bytes.
	BrokerConfig map[string]string
	// Log takes the broker's warnings and errors; its per-request lines appear at debug and trace level.
	Log zerolog.Logger
}

// Broker is one Kafka broker.
type Broker struct {
	o Options

	mu      sync.Mutex
	cluster *kfake.Cluster
	lock    *datadir.Lock
	addr    string
}

// New returns a broker that runs once started.
func New(o Options) *Broker {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = 15 * time.Second
	}
	return &Broker{o: o, addr: o.Addr}
}

// Run serves until ctx ends. A broker that Start already started is taken over.
func (b *Broker) Run(ctx context.Context) error {
	b.mu.Lock()
	started := b.cluster != nil
	b.mu.Unlock()
	if !started {
		if err := b.Start(ctx); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return b.Close()
}

// Start locks the data directory, loads it and accepts connections before it returns. ctx ends the wait for the lock.
func (b *Broker) Start(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cluster != nil {
		return errors.New("embedded kafka: already running")
	}
	host, port, err := parseAddr(b.o.Addr)
	if err != nil {
		return err
	}
	if b.o.DataDir == "" {
		return errors.New("embedded kafka: no data directory given")
	}
	if err := os.MkdirAll(b.o.DataDir, 0o750); err != nil {
		return fmt.Errorf("embedded kafka: data directory: %w", err)
	}
	waiting := time.AfterFunc(time.Second, func() {
		b.o.Log.Warn().Str("data", b.o.DataDir).Dur("up_to", b.o.LockTimeout).Msg("data in use: waiting for another process to let go")
	})
	lock, err := datadir.Acquire(ctx, filepath.Clean(b.o.DataDir), b.o.LockTimeout)
	waiting.Stop()
	if err != nil {
		return fmt.Errorf("embedded kafka: %w", err)
	}
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ClusterID("rapport"),
		kfake.DataDir(filepath.Clean(b.o.DataDir)),
		kfake.SyncWrites(),
		kfake.Ports(port),
		kfake.ListenFn(func(string, string) (net.Listener, error) {
			// The kernel lets go of a dead process's lock a moment before its port.
			return listen.TCP(ctx, net.JoinHostPort(host, fmt.Sprint(port)), b.o.LockTimeout, b.o.Log)
		}),
		// Kafka's floor of 6 s guards large clusters against nervous clients; here a dead member should be missed soon.
		kfake.GroupMinSessionTimeout(100*time.Millisecond),
		kfake.GroupMaxSessionTimeout(30*time.Minute),
		kfake.BrokerConfigs(b.o.BrokerConfig),
		kfake.WithLogger(logger{b.o.Log}),
	)
	if err != nil {
		return errors.Join(fmt.Errorf("embedded kafka: %w", err), lock.Release())
	}
	b.cluster, b.lock = cluster, lock
	b.addr = cluster.ListenAddrs()[0]
	b.o.Log.Info().Str("addr", b.addr).Str("data", b.o.DataDir).Msg("embedded Kafka is up")
	return nil
}

// Addr is where clients connect, host:port. The port of a broker on port 0 is known after Start.
func (b *Broker) Addr() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.addr
}

// Close stops serving, writes what is left to write and unlocks the data directory. It may be called twice.
func (b *Broker) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cluster == nil {
		return nil
	}
	b.cluster.Close()
	err := b.lock.Release()
	b.cluster, b.lock = nil, nil
	return err
}

// parseAddr insists on one concrete address: it is also the one clients are told to connect to.
func parseAddr(addr string) (string, int, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return "", 0, fmt.Errorf("embedded kafka: address %q: %w", addr, err)
	}
	if resolved.IP == nil || resolved.IP.IsUnspecified() {
		return "", 0, fmt.Errorf("embedded kafka: address %q: want a concrete address such as 127.0.0.1:9092", addr)
	}
	return resolved.IP.String(), resolved.Port, nil
}

// logger passes kfake's lines on, one level down: what it calls information is every request.
type logger struct{ log zerolog.Logger }

// Logf implements kfake.Logger.
func (l logger) Logf(level kfake.LogLevel, format string, args ...any) {
	to := zerolog.TraceLevel
	switch level {
	case kfake.LogLevelError:
		to = zerolog.ErrorLevel
	case kfake.LogLevelWarn:
		to = zerolog.WarnLevel
	case kfake.LogLevelInfo:
		to = zerolog.DebugLevel
	}
	if event := l.log.WithLevel(to); to >= l.log.GetLevel() {
		event.Msg(strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
}
