package app_test

import (
	"bytes"
	"context"
	"net"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/app"
)

// dying is a predecessor that lets go of its port once somebody says that it waits for it.
type dying struct{ net.Listener }

func (d dying) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("address in use")) {
		_ = d.Close()
	}
	return len(p), nil
}

func TestAStartWaitsForTheHTTPPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := dying{l}
	c, err := app.Load(newSite(t).environ("HTTP_ADDR=" + l.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	a := app.New(c, zerolog.New(before), app.Options{Roles: []app.Role{app.Ingest}})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	select {
	case <-a.Started():
	case err := <-ended:
		t.Fatalf("the start ended with %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
