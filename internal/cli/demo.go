package cli

import (
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rapport-project/rapport/internal/demo"
)

// unattended is how long the live part runs where nobody can press Ctrl-C.
const unattended = 30 * time.Second

func demoCommand(Options) *cobra.Command {
	var live time.Duration
	var stories int
	var seed uint64
	c := &cobra.Command{
		Use:   "demo",
		Short: "Everything embedded: a simulated company, thirty days back and live, with its figures and the addresses to query",
		Long: "Everything embedded, on data of its own (the folder demo in RAPPORT_DATA_DIR, emptied at each start): a simulated company,\n" +
			"thirty days back and live, with duplicates, late and bad events; its figures in the terminal and the addresses to query.\n" +
			"On a terminal it runs until Ctrl-C, elsewhere for " + unattended.String() + ".",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, log, err := settings()
			if err != nil {
				return err
			}
			if _, ok := os.LookupEnv("RAPPORT_LOG_LEVEL"); !ok {
				log = log.Level(zerolog.WarnLevel) // warnings: the demo speaks for itself
			}
			command, err := child()
			if err != nil {
				return err
			}
			terminal := term.IsTerminal(int(os.Stdout.Fd()))
			if !cmd.Flags().Changed("for") && !terminal {
				live = unattended
			}
			return demo.Run(cmd.Context(), demo.Options{
				Config: config, Log: log, ChildCommand: command, Out: cmd.OutOrStdout(), Terminal: terminal, Live: live, Stories: stories, Seed: seed,
			})
		},
	}
	c.Flags().DurationVar(&live, "for", 0, "how long the live part runs; 0 is until Ctrl-C")
	c.Flags().IntVar(&stories, "stories", 20000, "how many responses the thirty days hold")
	c.Flags().Uint64Var(&seed, "seed", 1, "what decides everything that chance decides")
	return c
}
