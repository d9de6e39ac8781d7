package main

import "fmt"

// parseMode reads which mode's payments count: "live", "test", or nothing for either. A slip must not switch the check off.
func parseMode(mode string) (*bool, error) {
	switch mode {
	case "":
		return nil, nil
	case "live", "test":
		live := mode == "live"
		return &live, nil
	}
	return nil, fmt.Errorf("LIVEMODE is %q: it must be live or test", mode)
}
