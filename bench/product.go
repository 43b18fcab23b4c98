package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/app"
)

// productCommand as first argument makes this binary rapport's roles of processing and rolling, with the settings of its environment.
const productCommand = "product"

// serveProduct is that process: it works until its parent lets go of its standard input. profile is a file for what its processor does, or empty.
func serveProduct(ctx context.Context, profile string, in io.Reader) error {
	c, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	if profile != "" {
		f, err := os.Create(filepath.Clean(profile))
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // an interrupt of the terminal is the parent's to act on
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	log := zerolog.New(os.Stderr).With().Timestamp().Logger().Level(zerolog.WarnLevel)
	return app.New(c, log, app.Options{Roles: []app.Role{app.Process, app.Roll}, Prepare: true}).Run(ctx)
}

// product is rapport in a process of its own, so that its memory is its own.
type product struct {
	pid int
	in  io.Closer
	cmd *exec.Cmd
}

// startProduct starts it on a database.
func (b *bench) startProduct(ctx context.Context, db database) (product, error) {
	exe, err := os.Executable()
	if err != nil {
		return product{}, fmt.Errorf("own path: %w", err)
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return product{}, err
	}
	cmd := exec.Command(exe, productCommand, b.o.cpuProfile) //nolint:noctx // it ends with its standard input
	cmd.Env = append(os.Environ(), b.environ("HTTP_ADDR="+addr, "CLICKHOUSE_DSN="+db.dsn)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return product{}, err
	}
	if err := cmd.Start(); err != nil {
		return product{}, fmt.Errorf("product: %w", err)
	}
	return product{pid: cmd.Process.Pid, in: in, cmd: cmd}, nil
}

// end stops it as a signal would.
func (p product) end() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}
