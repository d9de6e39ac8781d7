package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/registry"
	"makegood/shared/provider/stripe"
)

// gateways asks the stack's own played provider.
func gateways(s *local.Stack) map[string]payment.Gateway {
	texts := map[string]string{
		stripe.Registration.Address.Variable: s.Provider.URL, stripe.Registration.Switch: standin.ReadKey,
	}
	for setting, address := range sandbox.Addresses(s.Provider.URL) {
		texts[setting.Variable] = address
	}
	all := map[string]payment.Gateway{}
	for _, p := range registry.Providers {
		if p.Name != stripe.Registration.Name {
			continue
		}
		all[p.Name] = p.Gateway(provider.Settings{
			Text: func(name string) string { return texts[name] },
			Secrets: func(provider.Secret) provider.Secrets {
				return func(context.Context) ([]string, error) { return []string{standin.ReadKey}, nil }
			},
		})
	}
	return all
}

// send puts a message on the queue of requests.
func (r *restoring) send(ctx context.Context, request message.RefundRequested) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	_, err = local.SQS(r.Stack.Endpoints.SQSURL).SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(r.Stack.QueueURLs["RefundRequestsQueue"]), MessageBody: aws.String(string(body)),
	})
	return err
}

// errLate means that a step did not come to its end.
var errLate = errors.New("it took too long")

// until asks again and again.
func (r *restoring) until(ctx context.Context, what string, done func() (bool, error)) error {
	for limit := time.Now().Add(settleWithin); time.Now().Before(limit); {
		end, err := done()
		if err != nil || end {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("%s: %w", what, errLate)
}

// becomes waits until the case is in the state.
func (r *restoring) becomes(ctx context.Context, caseID, state string) error {
	current := ""
	err := r.until(ctx, "the case does not become "+state, func() (end bool, err error) {
		current, err = r.api.state(ctx, caseID)
		return current == state, err
	})
	if errors.Is(err, errLate) {
		err = fmt.Errorf("%w: it is %s", err, current)
	}
	return err
}

// settled waits until the queues are empty and the provider has posted its events.
func (r *restoring) settled(ctx context.Context) error {
	for _, paid := range r.payments {
		if err := r.Stack.Provider.Settled(ctx, paid); err != nil {
			return err
		}
	}
	return r.until(ctx, "the queues do not drain", func() (bool, error) {
		for id := range r.Stack.QueueURLs {
			visible, inFlight, err := r.Stack.QueueDepth(ctx, id)
			if err != nil || visible+inFlight > 0 {
				return false, err
			}
		}
		return true, nil
	})
}

// holdings returns what a customer has, and what went back to them.
func (r *restoring) holdings(ctx context.Context, customer string) (holding, error) {
	available, owed, err := r.api.balance(ctx, customer)
	return holding{available, owed, r.Stack.Provider.RefundedMinor(r.payments[customer])}, err
}
