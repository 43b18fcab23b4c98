// Package cli is rapport's command line: one file a command. It reads the settings, makes the logger, and gives back an exit
// status: 0 done, 1 it failed or found something wrong, 2 the command line was wrong.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	embeddedclickhouse "github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/telemetry"
	"github.com/rapport-project/rapport/rollups"
)

// Options are what a build may set.
type Options struct {
	Version string
	// Versioner replaces the rule that orders rollup rows; only negative controls do that.
	Versioner rollups.Versioner
}

// errSilent ends a command that has already said what is wrong. Its text is empty, so that of errors joined to it only the others are shown.
var errSilent = errors.New("")

// usageError is a mistake in the command line rather than in what it asks for.
type usageError struct{ error }

// Main runs the command line and returns the exit status.
func Main(args []string, o Options) int {
	if embeddedclickhouse.IsChild() {
		return embeddedclickhouse.ChildMain()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	root := newRoot(o)
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage), ran == root: // the root does nothing itself that could fail: there is no such command
		fmt.Fprintln(os.Stderr, "rapport:", err)
		return 2
	}
	if text := unsaid(err); text != "" {
		fmt.Fprintln(os.Stderr, "rapport:", text)
	}
	return 1
}

// unsaid is what of an error has still to be shown: all but errSilent, which others may be joined to.
func unsaid(err error) string { return strings.TrimSpace(err.Error()) }

func newRoot(o Options) *cobra.Command {
	root := &cobra.Command{
		Use:   "rapport",
		Short: "Service-quality figures that are exactly right, carry their uncertainty and explain themselves",
		Long: "rapport turns survey responses, contacts, milestones of cases and complaints into figures one can trust.\n" +
			"All settings are environment variables (RAPPORT_…): `rapport config` lists them.",
		SilenceErrors: true, SilenceUsage: true, Version: o.Version,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		demoCommand(o), upCommand(o),
		roleCommand(o, app.Ingest, "Take events over HTTP and publish them to Kafka"),
		roleCommand(o, app.Process, "Turn events into facts in ClickHouse"),
		roleCommand(o, app.Roll, "Recompute stale days and sweep for differences"),
		roleCommand(o, app.Serve, "Answer for figures, explanations and alerts over HTTP"),
		alertCommand(o),
		migrateCommand(),
		importCommand(),
		verifyCommand(),
		replayCommand(),
		deadlettersCommand(),
		eraseCommand(),
		validateCommand(),
		questionnairesCommand(),
		calendarsCommand(),
		doctorCommand(),
		healthCommand(),
		configCommand(),
		versionCommand(o),
	)
	for _, c := range root.Commands() {
		args := c.Args
		c.Args = func(cmd *cobra.Command, given []string) error {
			if args == nil {
				args = cobra.NoArgs
			}
			if err := args(cmd, given); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	return root
}

// settings reads the environment and makes the logger, which writes to standard error.
func settings() (app.Config, zerolog.Logger, error) {
	c, err := app.Load(os.Environ())
	if err != nil {
		return c, zerolog.Nop(), err
	}
	log, err := telemetry.NewLogger(c.Log, os.Stderr, term.IsTerminal(int(os.Stderr.Fd())))
	if err != nil {
		return c, zerolog.Nop(), fmt.Errorf("RAPPORT_LOG_LEVEL: %w", err)
	}
	if unknown := app.Unknown(os.Environ()); len(unknown) > 0 {
		log.Warn().Strs("names", unknown).Msg("no such settings: `rapport config` lists those there are")
	}
	return c, log, nil
}

// child is the command that runs this binary as the ClickHouse child.
func child() ([]string, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("own path: %w", err)
	}
	return []string{exe}, nil
}

func printf(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...) // a closed terminal is not an error of the command's
}
