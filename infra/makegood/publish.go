package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/simulation"
)

// newPublish returns the command policy publish.
func newPublish() *cobra.Command {
	cmd := &cobra.Command{
		Use: "publish [--receipt FILE] [--into FOLDER] [--json] DRAFT", Short: "put a draft among the published files, by the receipt of its simulation",
		Long: `
Copies a draft to FOLDER/NAME/DAY.yaml, by its name and the day that it takes effect. A policy that has revisions already needs a receipt (policy
simulate --receipt) of exactly this draft: it is proof that every recorded verdict can be made again, and is put beside the file as
DAY.receipt.json. The first revision of a policy has decided nothing, and needs none. What is published is never written over.

The file is in force from its day on once make generate has compiled it, and the stack is deployed; tests ask for its cases in cases.jsonl.

Exit 0: published, or it was before. 1: not, for want of its receipt. 2: not done.
`,
		Args:              takes(1, 1, "needs one draft"),
		ValidArgsFunction: cobra.FixedCompletions([]cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	p, flags := publication{}, cmd.Flags()
	flags.StringVar(&p.receipt, "receipt", "", "the `FILE` that policy simulate --receipt wrote")
	flags.StringVar(&p.into, "into", filepath.Join("shared", "policy", "published"), "the `FOLDER` of published policies")
	asJSON := jsonFlag(cmd, "print what was published as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return p.run(terminalOf(cmd), args[0], *asJSON) }
	return cmd
}

// publication is what was asked for on the command line.
type publication struct{ receipt, into string }

// publishedFile is what was published, as a program reads it.
type publishedFile struct {
	File    string     `json:"file"`              // where it stands
	Receipt string     `json:"receipt,omitempty"` // what stands beside it
	Policy  policy.Ref `json:"policy"`            // the revision
}

func (p publication) run(t terminal, draft string, asJSON bool) error {
	source, err := t.readPolicy(draft)
	if err != nil {
		return err
	}
	rev, err := policyfile.Parse(draft, source)
	if err != nil {
		return fmt.Errorf("%s does not hold: makegood policy check %s says where", draft, draft)
	}
	out, err := p.place(rev)
	if err != nil {
		return err
	}
	proof, err := p.proof(rev, out)
	if err != nil {
		t.complain(err)
		return errMismatch
	}
	if err := out.write(source, proof); err != nil {
		return err
	}
	if asJSON {
		return t.print(out)
	}
	_, err = fmt.Fprintf(t.out, "%s: published: %s, revision %s, %s\nnow: make generate, and its cases in %s\n",
		out.File, rev.Name, rev.Revision, rev.Digest, filepath.Join(filepath.Dir(out.File), "cases.jsonl"))
	return err
}

// place returns where a revision is published, with its receipt unless it is the first of its name.
func (p publication) place(rev policy.Revision) (publishedFile, error) {
	if _, err := os.Stat(p.into); err != nil {
		return publishedFile{}, fmt.Errorf("no folder of published policies: run it in the project, or name one with --into: %w", err)
	}
	base := filepath.Join(p.into, rev.Name, rev.Revision)
	out := publishedFile{File: base + ".yaml", Policy: rev.Ref()}
	files, err := filepath.Glob(filepath.Join(p.into, rev.Name, "*.yaml"))
	// The file itself may stand there: then it is the first where it is alone.
	if len(files) > 1 || len(files) == 1 && files[0] != out.File {
		out.Receipt = base + ".receipt.json"
	}
	return out, err
}

// proof returns the receipt as it stands in its file; nil where none is needed.
func (p publication) proof(rev policy.Revision, out publishedFile) ([]byte, error) {
	if out.Receipt == "" {
		return nil, nil
	}
	if p.receipt == "" {
		return nil, errors.New("not published: --receipt is missing: makegood policy simulate --receipt writes it")
	}
	text, err := os.ReadFile(p.receipt)
	if err != nil {
		return nil, fmt.Errorf("not published: %w: makegood policy simulate --receipt writes it, where every recorded verdict is made again", err)
	}
	receipt, err := simulation.ParseReceipt(text)
	if err == nil {
		err = receipt.Covers(rev)
	}
	if err != nil {
		return nil, fmt.Errorf("not published: %s: %s", p.receipt, failureOf(err).Message)
	}
	return text, nil
}

// write puts the receipt there first: no file of a later revision ever stands without it.
func (f publishedFile) write(source, proof []byte) error {
	former, err := os.ReadFile(f.File)
	switch {
	case err == nil && bytes.Equal(former, source):
		return nil
	case err == nil:
		return fmt.Errorf("%s is published with other words, by which cases were decided: give the draft a day of its own", f.File)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.File), 0o755); err != nil {
		return err
	}
	if f.Receipt != "" {
		if err := os.WriteFile(f.Receipt, proof, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(f.File, source, 0o644)
}
