package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"makegood/shared/dispute"
	"makegood/shared/ledger"
)

// newEvidence returns the command evidence.
func newEvidence() *cobra.Command {
	cmd := &cobra.Command{
		Use: "evidence [--out DIR] [--json] CASE|PAYMENT", Short: "what the ledger knows, for a dispute's form",
		Long: `
Writes what is on record about a payment, or about the payment of a case, into two files: <id>.json, whose fields are named as those of
Stripe's dispute evidence and whose "detail" holds the records behind them, and <id>.html, a page to print. They hold the purchase, the
generations that drew on it, its rows of the statement, refunds, disputes, the cases with clause and decision, and the policy in force
when it was paid. They hold no e-mail address and no words of the customer or of staff. How the policy was shown at the checkout is not on
record: say so in the form. Prints the names of the files; with --json as {"payment", "files"}.

` + stackHelp + `

Exit 0: written. 2: not.
`,
		Args: takes(1, 1, "needs one case or payment"), ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	out := cmd.Flags().String("out", ".", "the `DIR`ectory that the files go to; it is made where there is none")
	asJSON := jsonFlag(cmd, "print the names of the files as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return prove(cmd.Context(), terminalOf(cmd), address, args[0], *out, *asJSON)
	}
	return cmd
}

// writtenFiles says what was written.
type writtenFiles struct {
	Payment string   `json:"payment"`
	Files   []string `json:"files"`
}

func prove(ctx context.Context, t terminal, address, about, folder string, asJSON bool) error {
	proof, err := t.gather(ctx, address, about)
	if err != nil {
		return err
	}
	files, err := write(proof, folder, fileName(about))
	if err != nil {
		return err
	}
	if asJSON {
		return t.print(writtenFiles{proof.Detail.Payment, files})
	}
	_, err = t.out.Write([]byte(strings.Join(files, "\n") + "\n"))
	return err
}

// gather collects the evidence from a running stack, by the policy that the stack goes by.
func (t terminal) gather(ctx context.Context, address, about string) (dispute.Evidence, error) {
	stack, err := t.openStack(address)
	if err != nil {
		return dispute.Evidence{}, err
	}
	p, err := stack.Policy(ctx)
	if err != nil {
		return dispute.Evidence{}, err
	}
	return dispute.Gatherer{Ledger: stack, Policy: p}.Gather(ctx, about, time.Now())
}

// write writes both files, readable for their owner alone, and returns their names.
func write(e dispute.Evidence, folder, name string) ([]string, error) {
	// The folder may be new, and holds records of a customer.
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	var page strings.Builder
	if err := e.Page(&page); err != nil {
		return nil, err
	}
	record, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	// JSON for the provider's form, HTML for a person to print.
	base := filepath.Join(folder, name)
	files := []string{base + ".json", base + ".html"}
	for i, text := range []string{string(record) + "\n", page.String()} {
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// maxName is how much of an id a file's name takes, in bytes.
const maxName = 100

// fileName returns an id as the name of a file: the id itself where it is plain, else its plain
// characters and a hash.
func fileName(id string) string {
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, id)
	if name == id && len(id) <= maxName {
		return id
	}
	return ledger.HashID(name[:min(maxName, len(name))]+"-", 8, id)
}
