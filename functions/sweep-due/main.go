// Command sweep-due runs every minute. It puts overdue work back on its queue, posts expiries,
// counts what is stuck, and applies the providers' events that no webhook brought.
package main

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/due"
	"makegood/shared/payment"
	"makegood/shared/provider/registry"
)

func main() {
	store, interval := dynamo.Open(), function.Must(parseInterval(os.Getenv("LISTING_INTERVAL")))
	events := payment.EventPoller{
		Receiver:   payment.Receiver{Store: store, Rules: settings.Rules()},
		PollStates: store,
		Gateways:   registry.OpenGateways(),
		Outbox:     payment.Outbox{Requests: sender.OpenRequests(), Settlements: sender.OpenSettlements()},
		Every:      interval,
	}
	function.Start(handler{
		signals: store,
		sweeper: due.Sweeper{Store: store, Queues: sender.Queues{}},
		poller:  events,
		metrics: metric.Open(os.Stdout, "sweep-due"),
		now:     time.Now,
	}.handle)
}

// parseInterval reads how long after a complete poll the next one begins; ten minutes where the
// variable is empty.
func parseInterval(text string) (time.Duration, error) {
	every, err := time.ParseDuration(cmp.Or(text, "10m"))
	if err == nil && every <= 0 {
		err = fmt.Errorf("it must be longer than nothing")
	}
	if err != nil {
		return 0, fmt.Errorf("LISTING_INTERVAL is %q: %w", text, err)
	}
	return every, nil
}
