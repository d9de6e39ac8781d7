// Command sign-event owns the signatures of recorded webhook events: it prints an API Gateway event
// of events/receive-purchase with a fresh timestamp and signature, since a recorded one is refused
// after 300 seconds.
//
// It refuses to know what the events mean; an event of another route is printed as it is.
//
// Invariants: the body's bytes are not touched.
//
// Words: event (the HTTP API event of payload format 2.0 in a file), secret (the local stack's
// fixed ones by default).
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"makegood/infra/sandbox"
)

func main() {
	secrets := map[string]*string{}
	for _, p := range sandbox.Providers {
		secrets[p.Name] = flag.String(p.Name+"-secret", p.SigningSecret(), "signing secret of the provider "+p.Name)
	}
	at := flag.String("at", "", "instant to sign at, RFC 3339 (now when empty)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: sign-event [flags] FILE|-")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *at, func(p sandbox.Provider) string { return *secrets[p.Name] }, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sign-event:", err)
		os.Exit(1)
	}
}

// run writes the file's event, signed with its provider's secret at an instant of RFC 3339 ("":
// now), to out.
func run(file, at string, secretOf func(sandbox.Provider) string, out io.Writer) error {
	instant := time.Now()
	if at != "" {
		var err error
		if instant, err = time.Parse(time.RFC3339, at); err != nil {
			return err
		}
	}
	raw, err := read(file)
	if err != nil {
		return err
	}
	// The file's name goes into the error: a script signs many of them.
	event, err := sign(raw, instant, secretOf)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	_, err = out.Write(event)
	return err
}

// read returns a file's bytes, standard input's for "-".
func read(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}
