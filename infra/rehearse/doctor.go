package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	behind "makegood/infra/makegood/account"
	"makegood/infra/makegood/doctor"
)

// The looks' measures: secrets were made a minute ago, and a queue that has messages is watched for
// a moment.
const (
	secretsMost = 24 * time.Hour
	queueWatch  = 3 * time.Second
)

// doctor looks at the deployed stack as an operator does, by its name alone: a function's variable
// that names what is not there is told, whether or not the story needed it.
func (r *rehearsal) doctor(ctx context.Context) (string, error) {
	stack, err := behind.Open(ctx, stackName, os.Getenv)
	if err != nil {
		return "", err
	}
	// The emulator tells no state of an index, which the look at tables would call wrong.
	back := doctor.Back{Account: stack, Now: time.Now(), SecretsMost: secretsMost, Between: queueWatch}
	var faults []error
	count := 0
	looks := slices.DeleteFunc(back.Looks(), func(l doctor.Look) bool { return l.Name == "tables" })
	doctor.Run(ctx, looks, func(string) {}, func(line doctor.Line) {
		fmt.Fprintf(r.out, "   %-9s %s: %s\n", line.State, line.Look, line.Finding)
		if line.State == doctor.StateWrong {
			faults = append(faults, fmt.Errorf("%s: %s", line.Look, line.Finding))
		}
		if line.State == doctor.StateOK {
			count++
		}
	})
	// What went well at the second attempt went wrong at the first.
	if err := errors.Join(append(faults, r.quiet(ctx, ""))...); err != nil {
		return "", err
	}
	return fmt.Sprintf("makegood doctor finds the stack by its name and is content with %d looks: what each function's environment names is there. No function has logged an error.", count), nil
}

// adopt makes the emulator's account the only one that this process, and what it starts, knows of:
// a profile of the caller's must not lead a rehearsal to theirs.
func adopt(endpoint string, trust trust) error {
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": region, "AWS_REGION": region, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": accountKey, "AWS_SECRET_ACCESS_KEY": accountSecret, "AWS_CA_BUNDLE": trust.path,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
