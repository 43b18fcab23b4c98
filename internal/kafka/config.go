package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const (
	// dialTimeout bounds connecting, TLS and SASL together.
	dialTimeout = 5 * time.Second
	// requestTimeout bounds one request to a broker, beyond any wait the request itself asks for.
	requestTimeout = 10 * time.Second
	// metadataTTL bounds how long a moved leader or a new topic goes unnoticed.
	metadataTTL = 2 * time.Second
)

// Config says how to reach the brokers.
type Config struct {
	// Brokers to ask first, host:port, comma-separated. The rest of the cluster is discovered.
	Brokers []string `env:"BROKERS" envSeparator:"," doc:"brokers to ask first, host:port, comma-separated"`
	// ClientID names this process in the brokers' logs and quotas.
	ClientID string `env:"CLIENT_ID" envDefault:"rapport" doc:"names this process in the brokers' logs and quotas"`
	// TLS to the brokers.
	TLS TLSConfig `envPrefix:"TLS_"`
	// SASL login.
	SASL SASLConfig `envPrefix:"SASL_"`
}

// TLSConfig says whether and how connections are encrypted.
type TLSConfig struct {
	// Enabled turns TLS on.
	Enabled bool `env:"ENABLED" envDefault:"false" doc:"whether connections to the brokers are encrypted"`
	// CAFile holds the accepted authorities (PEM); empty means the system's.
	CAFile string `env:"CA_FILE" doc:"authorities that the brokers' certificates are checked against (PEM); empty: those of the system"`
	// CertFile and KeyFile hold a client certificate (PEM); empty means none.
	CertFile string `env:"CERT_FILE" doc:"client certificate shown to the brokers (PEM); empty: none"`
	// KeyFile belongs to CertFile.
	KeyFile string `env:"KEY_FILE" doc:"key of the client certificate (PEM)"`
	// ServerName expected in the broker's certificate; empty means the host dialled.
	ServerName string `env:"SERVER_NAME" doc:"name expected in the brokers' certificates; empty: the host dialled"`
}

// SASLConfig says who logs in.
type SASLConfig struct {
	// Mechanism is PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or empty for no login.
	Mechanism string `env:"MECHANISM" doc:"login to the brokers: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; empty: none"`
	// Username of the login.
	Username string `env:"USERNAME" doc:"user of the login to the brokers"`
	// Password of the login.
	Password string `env:"PASSWORD" secret:"true" doc:"password of the login to the brokers"`
}

// Validate reports every setting that cannot work, without connecting.
func (c Config) Validate() error {
	var errs []error
	if len(c.Brokers) == 0 {
		errs = append(errs, errors.New("kafka: no brokers given"))
	}
	for _, b := range c.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			errs = append(errs, fmt.Errorf("kafka: broker %q: want host:port: %w", b, err))
		}
	}
	if _, err := c.tls(); err != nil {
		errs = append(errs, err)
	}
	if _, err := c.mechanism(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c Config) addr() net.Addr { return kafkago.TCP(c.Brokers...) }

func (c Config) tls() (*tls.Config, error) {
	if !c.TLS.Enabled {
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.TLS.ServerName}
	if c.TLS.CAFile != "" {
		pem, err := os.ReadFile(c.TLS.CAFile)
		if err != nil {
			return nil, fmt.Errorf("kafka: TLS authorities: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("kafka: TLS authorities: no certificate in %s", c.TLS.CAFile)
		}
	}
	if c.TLS.CertFile != "" || c.TLS.KeyFile != "" {
		cert, err := tls.LoadX509KeyPair(c.TLS.CertFile, c.TLS.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("kafka: TLS client certificate: %w", err)
		}
		out.Certificates = []tls.Certificate{cert}
	}
	return out, nil
}

func (c Config) mechanism() (sasl.Mechanism, error) {
	login := scram.Auth{User: c.SASL.Username, Pass: c.SASL.Password}
	switch c.SASL.Mechanism {
	case "":
		return nil, nil
	case "PLAIN":
		return plain.Mechanism{Username: c.SASL.Username, Password: c.SASL.Password}, nil
	case "SCRAM-SHA-256":
		return scramLogin{login.AsSha256Mechanism()}, nil
	case "SCRAM-SHA-512":
		return scramLogin{login.AsSha512Mechanism()}, nil
	}
	return nil, fmt.Errorf("kafka: SASL mechanism %q: want PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", c.SASL.Mechanism)
}

// transport returns a connection pool over s. Only the named topics are looked up; nil means all of the cluster.
func (c Config) transport(s *sockets, topics []string) (*kafkago.Transport, error) {
	tlsConfig, err := c.tls()
	if err != nil {
		return nil, err
	}
	login, err := c.mechanism()
	if err != nil {
		return nil, err
	}
	return &kafkago.Transport{
		Dial:           s.dial,
		DialTimeout:    dialTimeout,
		IdleTimeout:    30 * time.Second,
		MetadataTTL:    metadataTTL,
		MetadataTopics: topics,
		ClientID:       c.ClientID,
		TLS:            tlsConfig,
		SASL:           login,
	}, nil
}

// dialer returns what kafka-go's consumer group connects with, over s.
func (c Config) dialer(s *sockets) (*kafkago.Dialer, error) {
	tlsConfig, err := c.tls()
	if err != nil {
		return nil, err
	}
	login, err := c.mechanism()
	if err != nil {
		return nil, err
	}
	return &kafkago.Dialer{
		ClientID:      c.ClientID,
		DialFunc:      s.dial,
		Timeout:       dialTimeout,
		TLS:           tlsConfig,
		SASLMechanism: login,
	}, nil
}
