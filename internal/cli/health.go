package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/internal/app"
)

func healthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Ask the process at RAPPORT_HTTP_ADDR whether it is ready; for containers, whose image has nothing else to ask with",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := settings()
			if err != nil {
				return err
			}
			if err := app.ProbeReady(cmd.Context(), c); err != nil {
				return fmt.Errorf("not ready: %w", err)
			}
			printf(cmd.OutOrStdout(), "ready\n")
			return nil
		},
	}
}
