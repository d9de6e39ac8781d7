// Command sweep-due runs every minute. It puts overdue work back on its queue, posts expiries,
// counts what is stuck, and applies the providers' events that no webhook brought.
package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/registry"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	store, providers := dynamo.Open(), registry.OpenGateways()
	// Opened at first use: a stack without a provider's key has nothing to poll, and must still
	// sweep.
	openPoller := sync.OnceValues(func() (poller, error) {
		catalog, err := policy.Open(os.Getenv("POLICY"))
		if err != nil {
			return nil, fault.At("sweep-due: open policy", "", err)
		}
		livemode, err := payment.ParseMode(os.Getenv("LIVEMODE"))
		if err != nil {
			return nil, err
		}
		every, err := parseInterval(os.Getenv("LISTING_INTERVAL"))
		return payment.EventPoller{
			Receiver:   payment.Receiver{Store: store, Rules: payment.Rules{Catalog: catalog, Livemode: livemode}},
			PollStates: store,
			Gateways:   providers,
			Outbox:     payment.Outbox{Requests: sender.OpenRequests(), Settlements: sender.OpenSettlements()},
			Every:      every,
		}, err
	})
	lambda.Start(handler{
		sweeper: due.Sweeper{Store: store, Queues: sender.Queues{}},
		poller:  openPoller,
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
