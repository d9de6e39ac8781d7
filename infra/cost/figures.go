package cost

import (
	_ "embed" // the figures
	"encoding/json"
	"fmt"
)

// The operations that a price is summed from, as infra/bench calls them.
const (
	Purchase      = "purchase webhook"
	Hold          = "hold"
	Result        = "result over HTTP, onto its queue"
	Success       = "success"
	Part          = "success of a part → credits of the rest back"
	PartNotice    = "telling of it (marked, no webhook)"
	Failure       = "failure → credits back"
	FailureNotice = "telling (marked, no webhook)"
	SoldReport    = "report of a sold batch picture → declined"
	SoldNotice    = "telling of the sold one's answer"
	Report        = "report → in review"
	Receipt       = "telling of the report's answer"
	Ruling        = "staff's verdict on it, credits back → approved"
	RulingNotice  = "telling of staff's verdict"
)

// Outcome is what may become of a generation, and the operations that it is made of.
type Outcome struct {
	Name       string   // as a table has it
	Operations []string // each once
}

// Outcomes is each way a generation may end, from its price to the last notice.
var Outcomes = []Outcome{
	{"success", []string{Hold, Result, Success}},
	{"success of a part, the rest given back", []string{Hold, Result, Part, PartNotice}},
	{"failure, given back", []string{Hold, Result, Failure, FailureNotice}},
	{"success, reported, declined by the policy", []string{Hold, Result, Success, SoldReport, SoldNotice}},
	{"success, reported, approved by staff", []string{Hold, Result, Success, Report, Receipt, Ruling, RulingNotice}},
}

// Figures is what was counted under one policy.
type Figures struct {
	Policy     string           `json:"policy"`       // the template's
	Operations map[string]Usage `json:"operations"`   // by name, those above
	Sweep      Usage            `json:"sweep"`        // one that finds nothing due
	IdleCounts int              `json:"idle_metrics"` // metrics of our own that the sweep gives
	AllCounts  int              `json:"all_metrics"`  // those that all functions give in the story
}

//go:embed figures.json
var source []byte

// Counted returns the figures that infra/bench last wrote.
func Counted() (Figures, error) {
	var f Figures
	return f, json.Unmarshal(source, &f)
}

// PriceOf returns what one of each operation costs together. One that was not counted is an error:
// the sum would be too low without a word.
func (f Figures) PriceOf(names ...string) (Bill, error) {
	sum := Bill{}
	for _, name := range names {
		usage, ok := f.Operations[name]
		if !ok {
			return Bill{}, fmt.Errorf("%q was not counted under %s", name, f.Policy)
		}
		sum = sum.Plus(usage.Bill())
	}
	return sum, nil
}
