package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/internal/app"
)

func upCommand(o Options) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Run all roles in one process, on the embedded Kafka and ClickHouse unless told otherwise",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd, o, true, app.Ingest, app.Process, app.Roll, app.Serve, app.Alert)
		},
	}
}

func roleCommand(o Options, r app.Role, short string) *cobra.Command {
	return &cobra.Command{
		Use: string(r), Short: short,
		Long: short + ".\n\nOne role in a process of its own, to scale alone. With the embedded engines it uses those of a running `rapport up`;\n" +
			"with others, `rapport migrate` makes topics and schema first.",
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd, o, false, r) },
	}
}

func run(cmd *cobra.Command, o Options, embed bool, roles ...app.Role) error {
	c, log, err := settings()
	if err != nil {
		return err
	}
	var command []string
	if embed {
		if command, err = child(); err != nil {
			return err
		}
	}
	return app.New(c, log, app.Options{Roles: roles, Embed: embed, Prepare: embed, ChildCommand: command, Versioner: o.Versioner}).Run(cmd.Context())
}

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Create or upgrade the ClickHouse schema and the Kafka topics",
		Long: "Create or upgrade the ClickHouse schema and the Kafka topics. It can be run again at any time.\n\n" +
			"With the embedded engines it uses those of a running `rapport up`, or starts them for its own run where none is running.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, log, err := settings()
			if err != nil {
				return err
			}
			var command []string
			if c.EmbeddedClickHouse() { // else it need not know its own path, which takes a /proc
				if command, err = child(); err != nil {
					return err
				}
			}
			return app.WithEngines(cmd.Context(), c, log, command, func(ctx context.Context, a *app.App) error { return a.Prepare(ctx) })
		},
	}
}
