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
	var filed opened
	said, err := p.file(ctx, step, "report", &filed, http.StatusAccepted)
	if err != nil {
		return err
	}
	p.cases[step.Generation] = filed.Case
	answer, took, err := p.answered(ctx, filed.Case, func(c refundCase) bool { return c.State != "received" })
	if err != nil {
		return err
	}
	if err := p.wantAnswer(step, answer); err != nil {
		return err
	}
	p.back += answer.Decision.Remedy.Credits
	p.say("%s reports the %s: “%s”. %s later it is %s: case %s", p.story.Customer, step.Generation, said, took, inWords(answer), short(answer.ID))
	p.quote(answer)
	return nil
}

// wantAnswer demands the answer that the story has for the policy. Money may have gone back already.
func (p *player) wantAnswer(step Step, answer refundCase) error {
	state := answer.State
	if state == "closed" {
		state = "paying"
	}
	got := state + " " + answer.Decision.Clause
	if want, named := step.Answers[p.policy.Name]; named && got != want {
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
func (p *player) file(ctx context.Context, step Step, kind string, out any, want int) (said any, err error) {
	body := map[string]any{}
	if err := json.Unmarshal(step.Body, &body); err != nil {
		return nil, err
	}
	if err := p.signIn(ctx); err != nil {
		return nil, err
	}
	body["generation"] = p.generations[step.Generation].ID
	key := p.run + "-" + kind + "-" + step.Generation
	return body["description"], p.as(p.token).call(ctx, http.MethodPost, "/v1/reports", key, body, out, want)
}

// answered waits until the case is as done wants it, with a decision that names its clause.
func (p *player) answered(ctx context.Context, id string, done func(refundCase) bool) (refundCase, time.Duration, error) {
	started := time.Now()
	var found refundCase
	err := p.eventually(ctx, "case "+id+" is answered", func() (yes bool, err error) {
		found, err = p.as(p.token).caseOf(ctx, id)
		return done(found), err
	})
	if err == nil && (found.Decision == nil || found.Decision.Clause == "" || found.Decision.Reason == "") {
		err = fmt.Errorf("case %s is %s with %+v, and by no clause", id, found.State, found.Decision)
	}
	return found, time.Since(started).Round(10 * time.Millisecond), err
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
	stands, err := p.caseOf(ctx, id)
	if err != nil {
		return err
	}
	if stands.State != "in_review" {
		p.say("Nothing waits for staff: the policy has decided")
		return nil
	}
	waits, err := p.onDesk(ctx, id)
	if err != nil {
		return err
	}
	p.say("Staff read %s", seen(waits))
	staff := p.as(p.OperatorKey)
	var ruled opened
	if err := staff.call(ctx, http.MethodPost, "/v1/cases/"+id+"/verdict", p.run+"-verdict-"+step.about(), step.Body, &ruled, http.StatusOK); err != nil {
		return err
	}
	if ruled.State != verdict.Outcome && (ruled.State != "paying" || verdict.Outcome != "approved") {
		return fmt.Errorf("the verdict leads to %q, the story wants %q", ruled.State, verdict.Outcome)
	}
	answer, took, err := p.answered(ctx, id, func(c refundCase) bool { return c.State != "in_review" })
	if err != nil {
		return err
	}
	p.back += answer.Decision.Remedy.Credits
	p.say("They note “%s”. %s later it is %s: %s back", verdict.Note, took, inWords(answer), p.remedy(answer))
	p.quote(answer)
	return nil
}

// seen is what staff see of a case.
func seen(waits refundCase) string {
	if paid := waits.Facts.Payment; paid != nil {
		return fmt.Sprintf("“%s”, and see that the payment repeats %s", waits.Asked.Claim.Reason, strings.Join(paid.Repeats, ", "))
	}
	known := waits.Facts.Customer
	return fmt.Sprintf("“%s”, look at %s, count %d generations, %d other reports, %d refunds in 30 days", waits.Asked.Description,
		path.Base(waits.Facts.Output.URL), known.Generations, known.Requests, known.Refunds)
}

// remedy is what an approved case gives back.
func (p *player) remedy(answer refundCase) string {
	if money := answer.Decision.Remedy.Money; money != nil {
		return money.String()
	}
	return p.amount(answer.Decision.Remedy.Credits)
}

// onDesk waits until the case stands on staff's list, and returns it as it stands there.
func (p *player) onDesk(ctx context.Context, id string) (refundCase, error) {
	var waits refundCase
	err := p.eventually(ctx, "staff find case "+id, func() (bool, error) {
		var page struct {
			Cases []refundCase `json:"cases"`
		}
		err := p.as(p.OperatorKey).call(ctx, http.MethodGet, "/v1/cases?state=in_review", "", nil, &page, http.StatusOK)
		for _, c := range page.Cases {
			if c.ID == id {
				waits = c
				return true, err
			}
		}
		return false, err
	})
	return waits, err
}

// again demands that a second report is refused and names the case of the first.
func (p *player) again(ctx context.Context, step Step) error {
	var refused opened
	if _, err := p.file(ctx, step, "again", &refused, http.StatusConflict); err != nil {
		return err
	}
	if first := p.cases[step.Generation]; refused.Code != "already_reported" || refused.Case != first {
		return fmt.Errorf("the second report got %+v, the story wants already_reported and case %s", refused, first)
	}
	p.say("%s reports the %s again: %s, case %s", p.story.Customer, step.Generation, refused.Code, short(refused.Case))
	return nil
}

func (p *player) quote(answer refundCase) {
	fmt.Fprintf(p.Out, "     “%s”\n", answer.Decision.Reason)
	if by := answer.Decision.RespondBy; !by.IsZero() {
		fmt.Fprintf(p.Out, "     (an answer is promised by %s)\n", by.Format("Monday, 2 January"))
	}
}

func inWords(answer refundCase) string {
	state, named := map[string]string{"in_review": "in review", "paying": "approved", "closed": "approved"}[answer.State]
	if !named {
		state = answer.State
	}
	return state + " by clause " + answer.Decision.Clause
}
