package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// program is the name that all commands begin with.
const program = "makegood"

// The groups in which the commands are listed.
const (
	groupPolicy = "policy"
	groupStack  = "stack"
	groupMend   = "mend"
	groupOther  = "other"
)

// newRoot returns the whole command. A command is one file, and one line here.
func newRoot() *cobra.Command {
	root := group(program, "Makegood from a shell")
	root.SilenceErrors, root.SilenceUsage = true, true // run says what was wrong
	root.CompletionOptions.DisableDefaultCmd = true    // ours is told of like the others
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(cmd.OutOrStdout(), usage(cmd)) })
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse(err.Error()) })
	root.AddGroup(
		&cobra.Group{ID: groupPolicy, Title: "Policies"},
		&cobra.Group{ID: groupStack, Title: "A running stack"},
		&cobra.Group{ID: groupMend, Title: "Mending it"},
		&cobra.Group{ID: groupOther, Title: "And"},
	)
	policy := group("policy", "policy files and published policies")
	policy.AddCommand(newCheck(), newExplain(), newSimulate(), newPublish())
	add(root, groupPolicy, newDecide(), policy)
	add(root, groupStack, newStatement(), newCase(), newReconcile(), newEvidence(), newReplay(), newLabels(), newInsights())
	drill := group("drill", "rehearsals of what nobody should do for the first time at night")
	drill.AddCommand(newDrillRestore())
	add(root, groupMend, newDoctor(), newStuck(), newRedrive(), newForget(), drill, newMigrate())
	add(root, groupOther, newCost(), newVersion(), newCompletion())
	return root
}

// add puts commands into a group of the list.
func add(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, cmd := range commands {
		cmd.GroupID = group
		root.AddCommand(cmd)
	}
}

// group returns a command that only has others below it.
func group(name, summary string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: summary, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse("")
			}
			problem := fmt.Sprintf("unknown command %q", strings.TrimSpace(nameOf(cmd)+" "+args[0]))
			if near := cmd.SuggestionsFor(args[0]); args[0] != "" && len(near) > 0 {
				problem += ": did you mean " + strings.Join(near, " or ") + "?"
			}
			return misuse(problem)
		},
	}
}

// takes refuses any other number of arguments than from least to most, and says what is taken.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return misuse(what)
		}
		return nil
	}
}

// takesNone refuses arguments.
func takesNone(cmd *cobra.Command, args []string) error {
	return takes(0, 0, "takes no argument")(cmd, args)
}

// jsonFlag declares the flag that every command has, and says what it prints.
func jsonFlag(cmd *cobra.Command, what string) *bool {
	return cmd.Flags().Bool("json", false, what)
}

// nameOf returns a command's words behind the program's name.
func nameOf(cmd *cobra.Command) string {
	return strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), program))
}

// formOf returns a command's words, flags and arguments, as it is typed.
func formOf(cmd *cobra.Command) string {
	_, args, _ := strings.Cut(cmd.Use, " ")
	return strings.TrimSpace(nameOf(cmd) + " " + args)
}

// briefOf returns a command's words and arguments without its flags, as a list has them.
func briefOf(cmd *cobra.Command) string {
	depth := 0
	brief := strings.Map(func(r rune) rune {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
			return -1
		}
		if depth > 0 {
			return -1
		}
		return r
	}, formOf(cmd))
	return strings.Join(strings.Fields(brief), " ")
}

// leaves returns the commands below one that do something.
func leaves(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, below := range cmd.Commands() {
		switch {
		case below.HasSubCommands():
			all = append(all, leaves(below)...)
		case below.IsAvailableCommand():
			all = append(all, below)
		}
	}
	return all
}

// usage returns what --help prints: of a command how it is called, what it does and its flags, of a
// group what is in it.
func usage(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return listing(cmd)
	}
	// Whoever reads this has found --help.
	if help := cmd.Flags().Lookup("help"); help != nil {
		help.Hidden = true
	}
	text := fmt.Sprintf("usage: %s %s\n\n%s\n\n%s", program, formOf(cmd), strings.Trim(cmd.Long, "\n"), cmd.LocalFlags().FlagUsages())
	return strings.TrimRight(text, "\n") + "\n"
}

// listing returns the commands below one, by their groups where they have some.
func listing(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s COMMAND [flags] [arguments]\n", cmd.CommandPath())
	list := func(title string, commands []*cobra.Command) {
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, leaf := range commands {
			fmt.Fprintf(&b, "  %-28s %s\n", briefOf(leaf), leaf.Short)
		}
	}
	for _, group := range cmd.Groups() {
		var commands []*cobra.Command
		for _, child := range cmd.Commands() {
			if child.GroupID == group.ID && child.HasSubCommands() {
				commands = append(commands, leaves(child)...)
			} else if child.GroupID == group.ID {
				commands = append(commands, child)
			}
		}
		list(group.Title, commands)
	}
	if len(cmd.Groups()) == 0 {
		list(cmd.Short, leaves(cmd))
	}
	fmt.Fprintf(&b, "\n%s COMMAND --help says more. Every command but completion takes --json; - as the name of a file is standard input.\n", program)
	return b.String()
}

// correction returns what is wrong with a command line, and how it is right.
func correction(cmd *cobra.Command, problem misuse) string {
	switch {
	case cmd.HasSubCommands() && problem == "":
		return usage(cmd)
	case cmd.HasSubCommands():
		return fmt.Sprintf("%s: %s\n%s", program, problem, usage(cmd))
	}
	return fmt.Sprintf("%s: %s: %s\nusage: %s %s\n", program, nameOf(cmd), problem, program, formOf(cmd))
}
