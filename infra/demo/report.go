package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// report has the customer, signed in, report the generation, and waits for the policy's answer.
func (p *player) report(ctx context.Context, step Step) error {
	var receipt opened
	// Filed by the customer's own token.
	words, err := p.file(ctx, step, "report", &receipt, http.StatusAccepted)
	if err != nil {
		return err
	}
	p.cases[step.Generation] = receipt.Case
	answer, duration, err := p.answered(ctx, receipt.Case, func(c refundCase) bool { return c.State != "received" })
	if err != nil {
		return err
	}
	if err := p.wantAnswer(step, answer); err != nil {
		return err
	}
	// What the policy gives back differs, so the expected balance follows the answer.
	p.back += answer.Decision.Remedy.Credits
	p.say("%s reports the %s: “%s”. %s later it is %s: case %s", p.story.Customer, step.Generation, words, duration, inWords(answer), short(answer.ID))
	p.quote(answer)
	return nil
}

// wantAnswer demands the answer that the story has for the policy. Money may have gone back
// already.
func (p *player) wantAnswer(step Step, answer refundCase) error {
	// A refund may be through before we look: closed is one step after paying.
	state := answer.State
	if state == "closed" {
		state = "paying"
	}
	got := state + " " + answer.Decision.Clause
	if want, ok := step.Answers[p.policy.Name]; ok && got != want {
		return fmt.Errorf("case %s is %q, the story wants %q", answer.ID, got, want)
	}
	return nil
}

// signIn gets a token for the customer, once.
func (p *player) signIn(ctx context.Context) error {
	if p.token != "" {
		return nil
	}
	var session struct {
		Token string `json:"token"`
	}
	err := p.call(ctx, http.MethodPost, "/v1/sessions", "", map[string]any{"customer": p.story.Customer}, &session, http.StatusCreated)
	p.token = session.Token
	return err
}

// file sends a report with the customer's token.
func (p *player) file(ctx context.Context, step Step, kind string, out any, want int) (words any, err error) {
	body := map[string]any{}
	if err := json.Unmarshal(step.Body, &body); err != nil {
		return nil, err
	}
	if err := p.signIn(ctx); err != nil {
		return nil, err
	}
	// The story's body holds what the customer says; which picture it is about, only this run
	// knows.
	body["generation"] = p.generations[step.Generation].ID
	key := p.run + "-" + kind + "-" + step.Generation
	return body["description"], p.as(p.token).call(ctx, http.MethodPost, "/v1/reports", key, body, out, want)
}

// answered waits until the case is as done wants it, with a decision that names its clause.
func (p *player) answered(ctx context.Context, id string, final func(refundCase) bool) (refundCase, time.Duration, error) {
	start := time.Now()
	var answer refundCase
	// The case exists from the first answer on; its decision comes with a message.
	err := p.eventually(ctx, "case "+id+" is answered", func() (yes bool, err error) {
		answer, err = p.as(p.token).caseOf(ctx, id)
		return final(answer), err
	})
	// An answer without a clause would be one that nobody can look up.
	if err == nil && (answer.Decision == nil || answer.Decision.Clause == "" || answer.Decision.Reason == "") {
		err = fmt.Errorf("case %s is %s with %+v, and by no clause", id, answer.State, answer.Decision)
	}
	return answer, time.Since(start).Round(10 * time.Millisecond), err
}

// verdict has staff look at the case and decide it, if it waits for them.
func (p *player) verdict(ctx context.Context, step Step) error {
	var verdict struct {
		Outcome string `json:"outcome"`
		Note    string `json:"note"`
	}
	if err := json.Unmarshal(step.Body, &verdict); err != nil {
		return err
	}
	id := p.cases[step.about()]
	// Under a policy that decides by itself nothing is left for staff, and the story says so.
	current, err := p.caseOf(ctx, id)
	if err != nil {
		return err
	}
	if current.State != "in_review" {
		p.say("Nothing waits for staff: the policy has decided")
		return nil
	}
	// Staff find the case on their list, with everything that they need for a verdict.
	listing, err := p.inReview(ctx, id)
	if err != nil {
		return err
	}
	p.say("Staff read %s", staffView(listing))
	staff := p.as(p.OperatorKey)
	var receipt opened
	if err := staff.call(ctx, http.MethodPost, "/v1/cases/"+id+"/verdict", p.run+"-verdict-"+step.about(), step.Body, &receipt, http.StatusOK); err != nil {
		return err
	}
	// The answer tells what the verdict leads to: money is paying first.
	if receipt.State != verdict.Outcome && (receipt.State != "paying" || verdict.Outcome != "approved") {
		return fmt.Errorf("the verdict leads to %q, the story wants %q", receipt.State, verdict.Outcome)
	}
	// The verdict is recorded at once, and carried out by decide-refund.
	answer, duration, err := p.answered(ctx, id, func(c refundCase) bool { return c.State != "in_review" })
	if err != nil {
		return err
	}
	p.back += answer.Decision.Remedy.Credits
	p.say("They note “%s”. %s later it is %s: %s back", verdict.Note, duration, inWords(answer), p.remedy(answer))
	p.quote(answer)
	return nil
}

// staffView is what staff see of a case.
func staffView(c refundCase) string {
	if payment := c.Facts.Payment; payment != nil {
		return fmt.Sprintf("“%s”, and see that the payment repeats %s", c.Request.Claim.Reason, strings.Join(payment.Repeats, ", "))
	}
	counts := c.Facts.Customer
	return fmt.Sprintf("“%s”, look at %s, count %d generations, %d other reports, %d refunds in 30 days", c.Request.Description,
		path.Base(c.Facts.Output.URL), counts.Generations, counts.Requests, counts.Refunds)
}

// remedy is what an approved case gives back.
func (p *player) remedy(answer refundCase) string {
	if money := answer.Decision.Remedy.Money; money != nil {
		return money.String()
	}
	return p.amount(answer.Decision.Remedy.Credits)
}

// inReview waits until the case stands on staff's list, and returns it as it stands there.
func (p *player) inReview(ctx context.Context, id string) (refundCase, error) {
	var listing refundCase
	err := p.eventually(ctx, "staff find case "+id, func() (bool, error) {
		var page struct {
			Cases []refundCase `json:"cases"`
		}
		err := p.as(p.OperatorKey).call(ctx, http.MethodGet, "/v1/cases?state=in_review", "", nil, &page, http.StatusOK)
		for _, c := range page.Cases {
			if c.ID == id {
				listing = c
				return true, err
			}
		}
		return false, err
	})
	return listing, err
}

// again demands that a second report is refused and names the case of the first.
func (p *player) again(ctx context.Context, step Step) error {
	var refusal opened
	if _, err := p.file(ctx, step, "again", &refusal, http.StatusConflict); err != nil {
		return err
	}
	// The refusal names the first case, so that an app can show it.
	if first := p.cases[step.Generation]; refusal.Code != "already_reported" || refusal.Case != first {
		return fmt.Errorf("the second report got %+v, the story wants already_reported and case %s", refusal, first)
	}
	p.say("%s reports the %s again: %s, case %s", p.story.Customer, step.Generation, refusal.Code, short(refusal.Case))
	return nil
}

func (p *player) quote(answer refundCase) {
	fmt.Fprintf(p.Out, "     “%s”\n", answer.Decision.Reason)
	if by := answer.Decision.RespondBy; !by.IsZero() {
		fmt.Fprintf(p.Out, "     (an answer is promised by %s)\n", by.Format("Monday, 2 January"))
	}
}

func inWords(answer refundCase) string {
	state, ok := map[string]string{"in_review": "in review", "paying": "approved", "closed": "approved"}[answer.State]
	if !ok {
		state = answer.State
	}
	return state + " by clause " + answer.Decision.Clause
}
