package payment

import "fmt"

// ParseMode reads which mode's payments count: "live" (true), "test" (false), or "" for both (nil).
// Anything else is an error: a slip must not switch the check off.
func ParseMode(mode string) (*bool, error) {
	switch mode {
	case "":
		return nil, nil
	case "live", "test":
		live := mode == "live"
		return &live, nil
	}
	return nil, fmt.Errorf("LIVEMODE is %q: it must be live or test", mode)
}
