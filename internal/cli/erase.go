package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/app"
)

func eraseCommand() *cobra.Command {
	e := eraser{}
	c := &cobra.Command{
		Use:   "erase --tenant T [--customer C]",
		Short: "Take a customer, or a whole tenant, out of all that is stored, with a receipt",
		Long: "Take a customer of a tenant, or the whole tenant, out of facts, outcomes, figures, dead letters and late facts, see docs/erasure.md.\n" +
			"The figures become what they would be without. What stays of an event is a hash, which keeps its redeliveries out; new events count again.\n" +
			"The receipt says what was found where, and until when Kafka holds the raw events. Run it again: it finds nothing, or finishes what was cut off." + usesSystem,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	c.Flags().StringVar(&e.subject.Tenant, "tenant", "", "whose customer, or the tenant to erase")
	c.Flags().StringVar(&e.subject.Customer, "customer", "", "customer_id to erase; without it the whole tenant is")
	c.Flags().BoolVar(&e.dry, "dry-run", false, "say what would be erased and change nothing")
	c.Flags().BoolVar(&e.yes, "yes", false, "do not ask")
	c.Flags().StringVar(&e.receipt, "receipt", "", "show the receipt of an erasure again, by its id")
	c.Flags().StringVar(&e.format, "format", "text", "text or json")
	return c
}

// eraser is the command with its flags.
type eraser struct {
	subject         erasures.Subject
	dry, yes        bool
	receipt, format string
}

func (e *eraser) run(cmd *cobra.Command) error {
	if err := e.check(cmd); err != nil {
		return err
	}
	return onSystem(cmd, func(ctx context.Context, s *app.System) error {
		made, err := s.Eraser()
		if err != nil {
			return err
		}
		r, err := e.work(ctx, made)
		if err != nil {
			return err
		}
		if err := e.print(cmd.OutOrStdout(), r); err != nil || !r.UnknownTenant {
			return err
		}
		return fmt.Errorf("nothing at all is stored of tenant %q: is its name right?", r.Tenant)
	})
}

// check refuses command lines that are not clear, and asks where somebody is there to be asked.
func (e *eraser) check(cmd *cobra.Command) error {
	if err := oneOf("format", e.format, "text", "json"); err != nil {
		return err
	}
	if e.receipt != "" {
		if e.subject != (erasures.Subject{}) || e.dry {
			return usageError{errors.New("--receipt shows an erasure of before: it takes no --tenant, --customer or --dry-run")}
		}
		return nil
	}
	if e.subject.Tenant == "" {
		return usageError{errors.New("--tenant is missing: whose customer, or which tenant, is to be erased?")}
	}
	if cmd.Flags().Changed("customer") && e.subject.Customer == "" {
		return usageError{errors.New("--customer is empty: leave it out to erase the whole tenant")}
	}
	if e.dry || e.yes {
		return nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return usageError{errors.New("nobody is there to be asked whether to erase for good: say --yes, or --dry-run to see what would be erased")}
	}
	return e.ask(cmd.InOrStdin(), cmd.ErrOrStderr())
}

// ask has the tenant's name typed: a yes is said too easily to what cannot be undone.
func (e *eraser) ask(in io.Reader, out io.Writer) error {
	what := "customer " + e.subject.Customer + " of tenant " + e.subject.Tenant
	if e.subject.Customer == "" {
		what = "all of tenant " + e.subject.Tenant
	}
	printf(out, "This erases %s for good. Type the tenant's name to go on: ", what)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != e.subject.Tenant {
		return errors.New("nothing was erased")
	}
	return nil
}

func (e *eraser) work(ctx context.Context, made *erasures.Eraser) (erasures.Receipt, error) {
	switch {
	case e.receipt != "":
		return made.Receipt(ctx, e.receipt)
	case e.dry:
		return made.Look(ctx, e.subject)
	}
	r, err := made.Erase(ctx, e.subject)
	if err != nil {
		err = fmt.Errorf("%w\nthe erasure may be half done; run the same command again: it goes on where this one ended", err)
	}
	return r, err
}

func (e *eraser) print(out io.Writer, r erasures.Receipt) error {
	if e.format == "text" {
		return r.Text(out)
	}
	return printJSON(out, r)
}
