package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// claim has the customer, signed in, claim the money of the payment back, and waits for the policy's answer.
func (p *player) claim(ctx context.Context, step Step) error {
	var said struct {
		Kind   string `json:"kind"`
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(step.Body, &said); err != nil {
		return err
	}
	if err := p.signIn(ctx); err != nil {
		return err
	}
	body := map[string]any{
		"kind": said.Kind, "customer": p.story.Customer, "payment": p.payments[step.Payment],
		"claim": map[string]any{
			"email": p.story.Customer + "@example.com", "paid_at": time.Now().UTC().Format(time.RFC3339), "amount": p.policy.Packages[0].Price,
			"reason": said.Reason,
		},
	}
	var filed opened
	err := p.as(p.token).call(ctx, http.MethodPost, "/v1/refund-requests", p.run+"-claim-"+step.Payment, body, &filed, http.StatusAccepted)
	if err != nil {
		return err
	}
	p.cases[step.Payment] = filed.Case
	answer, took, err := p.answered(ctx, filed.Case, func(c refundCase) bool { return c.State != "received" })
	if err != nil {
		return err
	}
	if err := p.wantAnswer(step, answer); err != nil {
		return err
	}
	p.say("%s claims %s: “%s”. %s later it is %s: case %s", p.story.Customer, p.payments[step.Payment], said.Reason, took, inWords(answer), short(answer.ID))
	p.quote(answer)
	return nil
}

// paid waits until the provider has told that the money went back, which closes the case.
func (p *player) paid(ctx context.Context, step Step) error {
	answer, took, err := p.answered(ctx, p.cases[step.Payment], func(c refundCase) bool { return c.State == "closed" })
	if err != nil {
		return err
	}
	if answer.Decision.Remedy.Money == nil {
		return fmt.Errorf("case %s is closed and gives no money back: %+v", answer.ID, answer.Decision)
	}
	p.say("Stripe pays %s back and says so. %s later the case is closed", answer.Decision.Remedy.Money, took)
	return nil
}
