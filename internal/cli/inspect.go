package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/internal/app"
)

func configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "List every setting with its value and what it does; * marks those that differ from their default",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := app.Load(os.Environ())
			if c.HTTPAddr == "" && err != nil {
				return err
			}
			if printErr := app.PrintSettings(cmd.OutOrStdout(), &c); printErr != nil {
				return printErr
			}
			return err
		},
	}
}

func versionCommand(o Options) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		RunE: func(cmd *cobra.Command, _ []string) error {
			printf(cmd.OutOrStdout(), "rapport %s\n", o.Version)
			return nil
		},
	}
}

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say in words what is missing or wrong, and what to do about it",
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := app.Doctor(cmd.Context(), os.Environ())
			wrong := false
			for _, f := range findings {
				mark := "ok     "
				if f.Wrong {
					mark, wrong = "WRONG  ", true
				}
				printf(cmd.OutOrStdout(), "%s %s\n", mark, f.Text)
			}
			if wrong {
				return errSilent
			}
			return nil
		},
	}
}
