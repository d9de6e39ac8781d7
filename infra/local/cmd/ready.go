package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"makegood/infra/demo/shop"
	"makegood/infra/local"
)

// printReady says where everything is, and prints lines that a shell can take over as they stand.
func printReady(out io.Writer, s *local.Stack, o local.Options, duration time.Duration) error {
	fmt.Fprintf(out, "ready in %s: %s\n\n", duration.Round(100*time.Millisecond), s.BaseURL)
	state := "in memory: it ends with the stack (--data DIR keeps it)"
	if o.Data != "" {
		state = "in " + o.Data
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"API", s.BaseURL + "/v1/policy"},
		{"console", s.BaseURL + "/console, as ann, bob or eve"},
		{"demo app", s.BaseURL + shop.Path},
		{"payment provider", s.Provider.URL + "/_standin/state"},
		{"schedules, notices, status", s.AdminURL + "/_local/status"},
		{"DynamoDB", s.Endpoints.DynamoDBURL},
		{"SQS", s.Endpoints.SQSURL},
		{"S3", s.S3URL()},
		{"queues", queueNames(s)},
		{"policy", o.Policy},
		{"state", state},
		{"logs", ".local/logs"},
	} {
		fmt.Fprintf(table, "  %s\t%s\n", row[0], row[1])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	variables, err := s.CommandEnv()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `
export %s
export API=%s PROVIDER=%s LOCAL=%s
export APP='Authorization: Bearer %s' STAFF='Authorization: Bearer %s'
`, assigned(variables), s.BaseURL, s.Provider.URL, s.AdminURL, local.AppKey, local.OperatorKey)
	return err
}

// assigned writes variables as a shell's export takes them. No value here has a character that a
// shell would read as its own, but for a folder's name.
func assigned(variables map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		all = append(all, fmt.Sprintf("%s='%s'", name, strings.ReplaceAll(variables[name], "'", `'\''`)))
	}
	return strings.Join(all, " ")
}

// queueNames lists the queues that work waits in; each has a dead-letter queue beside it.
func queueNames(s *local.Stack) string {
	var names []string
	for _, url := range s.QueueURLs {
		if name := path.Base(url); !strings.HasSuffix(name, "-dlq") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
