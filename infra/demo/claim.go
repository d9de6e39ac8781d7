package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// claim has the customer, signed in, claim the money of the payment back, and waits for the
// policy's answer.
func (p *player) claim(ctx context.Context, step Step) error {
	var input struct {
		Kind   string `json:"kind"`
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(step.Body, &input); err != nil {
		return err
	}
	// The customer claims with a token of their own, as in an app: what is not theirs does not
	// exist for them.
	if err := p.signIn(ctx); err != nil {
		return err
	}
	// The claim repeats what the customer knows of the purchase. The facts that decide are our own.
	body := map[string]any{
		"kind": input.Kind, "customer": p.story.Customer, "payment": p.payments[step.Payment],
		"claim": map[string]any{
			"email": p.story.Customer + "@example.com", "paid_at": time.Now().UTC().Format(time.RFC3339), "amount": p.policy.Packages[0].Price,
			"reason": input.Reason,
		},
	}
	var receipt opened
	err := p.as(p.token).call(ctx, http.MethodPost, "/v1/refund-requests", p.run+"-claim-"+step.Payment, body, &receipt, http.StatusAccepted)
	if err != nil {
		return err
	}
	// Later steps of the story are about this case.
	p.cases[step.Payment] = receipt.Case
	// decide-refund works on a message, so the answer comes a moment later.
	answer, duration, err := p.answered(ctx, receipt.Case, func(c refundCase) bool { return c.State != "received" })
	if err != nil {
		return err
	}
	if err := p.wantAnswer(step, answer); err != nil {
		return err
	}
	p.say("%s claims %s: “%s”. %s later it is %s: case %s", p.story.Customer, p.payments[step.Payment], input.Reason, duration, inWords(answer), short(answer.ID))
	p.quote(answer)
	return nil
}

// paid waits until the provider has told that the money went back, which closes the case.
func (p *player) paid(ctx context.Context, step Step) error {
	// The provider's own webhook closes the case: that it was asked is not enough.
	answer, duration, err := p.answered(ctx, p.cases[step.Payment], func(c refundCase) bool { return c.State == "closed" })
	if err != nil {
		return err
	}
	// A case that closes without money would be a claim that was answered with credits.
	if answer.Decision.Remedy.Money == nil {
		return fmt.Errorf("case %s is closed and gives no money back: %+v", answer.ID, answer.Decision)
	}
	p.say("Stripe pays %s back and says so. %s later the case is closed", answer.Decision.Remedy.Money, duration)
	return nil
}
