package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/rapport-project/rapport/calendars"
)

func calendarsCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "calendars",
		Short: "Business calendars: `check` says every mistake of a file",
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(&cobra.Command{
		Use:   "check FILE…",
		Short: "Check files of calendars: each mistake with its line and what is wanted, or how the file was understood",
		Args: func(_ *cobra.Command, given []string) error {
			if len(given) == 0 {
				return usageError{fmt.Errorf("calendars check wants at least one file")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			out, wrong := cmd.OutOrStdout(), false
			for _, name := range files {
				text, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				v, problems := calendars.Check(name, text)
				if len(problems) > 0 {
					wrong = true
					printf(out, "%s\n", problems)
					continue
				}
				printf(out, "%s: good: %s %s, from %s on, %s of work in a week of %s, %d extra days, holidays on %d days\n", name, v.ID, v.Version,
					v.ValidFrom.Format(time.DateOnly), hours(v), v.Zone, len(v.ExtraDays), holidays(v))
			}
			if wrong {
				return errSilent
			}
			return nil
		},
	})
	return group
}

// hours are those of a week without holidays, extra days and changes of the clock.
func hours(v *calendars.Version) string {
	minutes := 0
	for _, shifts := range v.Week {
		for _, s := range shifts {
			minutes += s.End - s.Start
		}
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

func holidays(v *calendars.Version) int {
	days := 0
	for _, h := range v.Holidays {
		days += int(h.To.Sub(h.From)/(24*time.Hour)) + 1
	}
	return days
}
