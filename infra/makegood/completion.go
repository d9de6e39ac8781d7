package main

import "github.com/spf13/cobra"

// newCompletion returns the command completion.
func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "a script with which the shell completes commands and flags",
		Long: `
Prints a script for one shell. Load it in the shell's own start file, or for this session alone:

  source <(makegood completion bash)
  source <(makegood completion zsh)
  makegood completion fish | source

bash needs its package bash-completion; zsh needs compinit.

Exit 0: printed. 2: a wrong command.
`,
		Args:      takes(1, 1, "needs one shell: bash, zsh or fish"),
		ValidArgs: []cobra.Completion{"bash", "zsh", "fish"},
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(out, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(out)
			case "fish":
				return cmd.Root().GenFishCompletion(out, true)
			}
			return misuse("knows bash, zsh and fish, and not " + args[0])
		},
	}
}
