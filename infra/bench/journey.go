package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"makegood/infra/cost"
	"makegood/infra/local"
	"makegood/shared/access"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
)

// journey is one customer's way through the operations: each finds what the ones before it left.
type journey struct {
	story
	outbox   *outbox
	customer string

	boughtAt            time.Time // when the purchase that is counted was paid
	payment, id, failed string    // bought last; a generation that succeeds, and one that fails
	open, state         string    // the case asked about last, and where it stood when it was looked at
	request, notice     string    // as they were sent
	unsettled           string    // the same, "" where no money is due
	finished            message.GenerationFinished
}

// Operations whose rows also name the state that the case is in then: see cost.
const (
	soldReport = "report of a sold batch picture"
	report     = "report"
	ruling     = "staff's verdict on it, credits back"
)

// mainPath is buying, holding, spending, and failures that give credits back.
func (j *journey) mainPath() []operation {
	// The order matters: each operation works on what those before it left in the journey.
	return []operation{
		{name: cost.Purchase, limit: limit{1, 1, 0, 8}, run: func(ctx context.Context) (err error) {
			j.payment, err = j.purchase(ctx, j.customer, j.boughtAt)
			return err
		}},
		{name: cost.Hold, limit: limit{1, 1, 0, 6}, run: func(ctx context.Context) (err error) { j.id, err = j.hold(ctx, j.customer); return err }},
		{name: cost.Result, run: func(ctx context.Context) error { return j.postResult(ctx, j.id) }},
		{name: cost.Success, limit: limit{0, 1, 0, 2}, run: func(ctx context.Context) error { return j.succeed(ctx, j.id) }},
		{name: "hold with a prompt of 2,000 letters", run: func(ctx context.Context) (err error) { j.id, err = j.holdDescribed(ctx); return err }},
		{name: "success of it", run: func(ctx context.Context) error { return j.succeed(ctx, j.id) }},
		{name: "a hold of two outputs", hidden: true, run: func(ctx context.Context) (err error) {
			j.id, err = j.holdOn(ctx, j.customer, "editor", 2)
			return err
		}},
		{name: cost.Part, run: j.succeedsInPart},
		{name: cost.PartNotice, run: j.notifies},
		{name: "another hold", hidden: true, run: func(ctx context.Context) (err error) { j.failed, err = j.hold(ctx, j.customer); return err }},
		{name: cost.Failure, limit: limit{1, 2, 1, 14}, run: func(ctx context.Context) error {
			j.finished = failure(j.failed)
			if err := j.deliver(ctx, settle, j.finished); err != nil {
				return err
			}
			return j.decides(ctx)
		}},
		{name: cost.FailureNotice, run: j.notifies},
		{name: "the same failure again", run: func(ctx context.Context) error { return j.deliver(ctx, settle, j.finished) }},
		{name: "the same request again", run: func(ctx context.Context) error { return j.hand(ctx, decide, j.request) }},
	}
}

// claimPath is what customers request, and what staff rule on it. No published policy approves a
// report before somebody has looked at the picture. So an approval is a report that goes to staff,
// then their verdict, and each has its row. The design bounds what an approval writes. The
// verdict's rows have that bound and a unit more, for what a verdict keeps; they read once more,
// for staff's own look at the case.
func (j *journey) claimPath() []operation {
	// The policies differ in how a report ends, so each state has its own limit.
	// A look is a read and a send more; where it could change the answer, a write of six units and
	// a read of what was stopped too.
	reportEnds := map[string]limit{"declined": {3, 2, 2, 8}, "approved": {5, 3, 2, 22}, "in_review": {5, 3, 2, 16}}
	claimEnds, rulingEnds := map[string]limit{}, map[string]limit{"approved": {3, 2, 1, 17}}
	money := map[string]any{"money": map[string]any{"currency": j.revision.Packages()[0].Price.Currency, "minor": 1}}
	return []operation{
		{name: "a result", hidden: true, run: func(ctx context.Context) error { return j.spends(ctx, "batch") }},
		{name: soldReport, ends: reportEnds, run: func(ctx context.Context) error { return j.reports(ctx, true) }},
		{name: cost.SoldNotice, run: j.notifies},
		{name: "another result", hidden: true, run: func(ctx context.Context) error { return j.spends(ctx, "editor") }},
		{name: report, ends: reportEnds, run: func(ctx context.Context) error { return j.reports(ctx, false) }},
		{name: cost.Receipt, run: j.notifies},
		{name: ruling, ends: rulingEnds, run: func(ctx context.Context) error { return j.rules(ctx, nil) }},
		{name: cost.RulingNotice, run: j.notifiesRuling},
		{name: "purchase that repeats one, listed for staff", run: func(ctx context.Context) (err error) {
			j.payment, err = j.purchase(ctx, j.customer, j.boughtAt.Add(time.Minute))
			return err
		}},
		{name: "claim of a double charge", ends: claimEnds, run: func(ctx context.Context) error { return j.claims(ctx, "duplicate_charge") }},
		{name: "another purchase", hidden: true, run: func(ctx context.Context) (err error) {
			j.payment, err = j.purchase(ctx, j.customer, time.Now()) // of the one before, all may be promised back by now
			return err
		}},
		{name: "claim of an abnormal charge", ends: claimEnds, run: func(ctx context.Context) error { return j.claims(ctx, "abnormal_charge") }},
		{name: "staff's verdict on it, money", ends: rulingEnds, run: func(ctx context.Context) error { return j.rules(ctx, money) }},
	}
}

// money is what follows a verdict that gives money: it is paid, and the provider's webhook closes
// the case. The design bounds none of it.
func (j *journey) money() []operation {
	return []operation{
		{name: "paying it", run: func(ctx context.Context) error { return j.hand(ctx, payRefund, j.unsettled) }},
		{name: "refund webhook, its case", ends: map[string]limit{}, run: j.closes},
		{name: "the same webhook again", run: j.deliverRefundEventAgain},
	}
}

// counting is a request that reads no table by itself, with the customer's own token.
func (j *journey) counting() []operation {
	return []operation{
		{name: "counting a request with a customer's token", limit: limit{0, 1, 0, 1}, run: func(ctx context.Context) error {
			secrets := func(context.Context) ([]string, error) { return []string{local.SessionSecret}, nil }
			token, _, err := access.Sessions{Secrets: secrets}.Open(ctx, access.Session{Customer: ledger.CustomerID(j.customer)}, time.Now())
			if err != nil {
				return err
			}
			headers := map[string]string{"authorization": "Bearer " + token}
			_, err = j.story.request(ctx, readAccount, http.MethodGet, "/v1/policy", headers, nil, http.StatusOK)
			return err
		}},
	}
}

// listing is a sweep with nothing overdue, and a page of the provider's events. All of them are
// known but the charge's own. It is counted once: the next listing would have only what came since.
func (j *journey) listing() []operation {
	return []operation{
		{name: fmt.Sprintf("a minute's sweep, %d events listed, one of them new", walletLots+4), run: j.sweep},
	}
}

// holdDescribed starts a generation with as long a prompt and template as an order may have.
func (j *journey) holdDescribed(ctx context.Context) (string, error) {
	return j.start(ctx, map[string]any{
		"customer": j.customer, "feature": j.revision.Features()[0].Name, "platform": "ios",
		"prompt": strings.Repeat("p", generation.MaxPrompt), "template": strings.Repeat("t", generation.MaxTemplate),
		"asked": map[string]int{"width": 1024, "height": 1024},
	})
}

// notifies delivers the notice that was sent last.
func (j *journey) notifies(ctx context.Context) error { return j.hand(ctx, notify, j.notice) }

// notifiesRuling is the same for a ruling, where there was one.
func (j *journey) notifiesRuling(ctx context.Context) error {
	if j.state != "approved" {
		return errNothingToRule
	}
	return j.notifies(ctx)
}

// deliverRefundEvent delivers the provider's event of the refund that was made last.
func (j *journey) deliverRefundEvent(ctx context.Context) error {
	// The stand-in posts no webhooks here, so the event is made from what it has recorded.
	refunds := j.provider.Refunds(j.payment)
	if len(refunds) != 1 {
		return fmt.Errorf("%d refunds of %s were made, not one", len(refunds), j.payment)
	}
	return j.deliverEvent(ctx, "refund.created", refunds[0].Created, map[string]any{
		"id": refunds[0].ID, "object": "refund", "amount": refunds[0].Minor, "currency": refunds[0].Currency, "status": refunds[0].Status,
		"payment_intent": j.payment, "metadata": refunds[0].Metadata,
	})
}

// closes is the same, with the case that follows its payment.
func (j *journey) closes(ctx context.Context) error {
	if err := j.deliverRefundEvent(ctx); err != nil {
		return err
	}
	// The payment tells its case by a message, and that message's decision belongs to the cost.
	requests := j.outbox.peek("refund-requests")
	if len(requests) != 1 {
		return fmt.Errorf("%d refund requests were sent, not one", len(requests))
	}
	return j.hand(ctx, decide, requests[0])
}

// deliverRefundEventAgain delivers the same once more, when the case is closed.
func (j *journey) deliverRefundEventAgain(ctx context.Context) error {
	if j.state != "closed" {
		return fmt.Errorf("the case is %s, not closed", j.state)
	}
	return j.deliverRefundEvent(ctx)
}

// succeedsInPart delivers a success of one output where two were held, and keeps the notice that it
// sent.
func (j *journey) succeedsInPart(ctx context.Context) error {
	if err := j.succeed(ctx, j.id); err != nil {
		return err
	}
	// A part must say so to the customer. Without that notice the next row would count nothing.
	notices := j.outbox.peek(noticesQueue)
	if len(notices) != 1 {
		return fmt.Errorf("a part sent %d notices", len(notices))
	}
	j.notice = notices[0]
	return nil
}

// spends makes a result that can be reported.
func (j *journey) spends(ctx context.Context, surface string) (err error) {
	if j.id, err = j.holdOn(ctx, j.customer, surface, 1); err != nil {
		return err
	}
	return j.succeed(ctx, j.id)
}

// reports files a report, has its pictures looked at, and delivers the request that the look sent.
// No host of pictures is listed here: their look is a sentence. Used commercially, each policy has
// a reason to decline a result of the batch editor.
func (j *journey) reports(ctx context.Context, commercially bool) (err error) {
	if j.open, err = j.report(ctx, j.id, commercially); err != nil {
		return err
	}
	reports := j.outbox.peek("assessments")
	if len(reports) != 1 {
		return fmt.Errorf("%d looks were asked for, not one", len(reports))
	}
	if err := j.hand(ctx, assessResult, reports[0]); err != nil {
		return err
	}
	return j.decides(ctx)
}

// claims files a claim about the latest payment. A double charge repeats the one before it; an
// abnormal charge goes to a person under each policy.
func (j *journey) claims(ctx context.Context, kind string) error {
	answer, err := j.command(ctx, requestRefund, "/v1/refund-requests", map[string]any{
		"kind": kind, "customer": j.customer, "payment": j.payment,
		"claim": map[string]any{
			"email": "ann@shop.example", "paid_at": time.Now().UTC().Format(time.RFC3339), "amount": j.revision.Packages()[0].Price,
			"reason": "I never bought this", "transaction_ids": []string{j.payment},
		},
	}, http.StatusAccepted)
	if err != nil {
		return err
	}
	// The case stays open in the journey: staff rule on it in the next row.
	if j.open, err = caseOf(answer); err != nil {
		return err
	}
	return j.decides(ctx)
}

// rules has staff approve the case that is open, and delivers the request that carries it out.
func (j *journey) rules(ctx context.Context, remedy map[string]any) error {
	// What the policy has decided by itself leaves nothing to rule on, and the row is left out.
	if j.state != "in_review" {
		return errNothingToRule
	}
	body := map[string]any{"outcome": "approved", "note": "seen, and it is so"}
	if remedy != nil {
		body["remedy"] = remedy
	}
	if _, err := j.command(ctx, reviewRefund, "/v1/cases/"+j.open+"/verdict", body, http.StatusOK); err != nil {
		return err
	}
	return j.decides(ctx)
}

// decides delivers the one request that was sent, and keeps it and the notice of its verdict.
func (j *journey) decides(ctx context.Context) error {
	// Exactly one of each: more would mean that a step sends twice, which the figures would hide.
	requests := j.outbox.peek("refund-requests")
	if len(requests) != 1 {
		return fmt.Errorf("%d refund requests were sent, not one", len(requests))
	}
	if err := j.hand(ctx, decide, requests[0]); err != nil {
		return err
	}
	notices := j.outbox.peek(noticesQueue)
	if len(notices) != 1 {
		return fmt.Errorf("a verdict sent %d notices", len(notices))
	}
	j.request, j.notice, j.unsettled = requests[0], notices[0], ""
	if due := j.outbox.peek("payment-refunds"); len(due) == 1 {
		j.unsettled = due[0]
	}
	return nil
}

// look reads the state of the latest case; a case is never left without an answer.
func (j *journey) look(ctx context.Context) error {
	headers := map[string]string{"authorization": "Bearer " + local.OperatorKey}
	// As staff, who may read every case, and outside the meter's count.
	answer, err := j.story.request(ctx, readAccount, http.MethodGet, "/v1/cases/"+j.open, headers, nil, http.StatusOK)
	if err != nil {
		return err
	}
	var c struct{ State string }
	if err := json.Unmarshal([]byte(answer), &c); err != nil || c.State == "" || c.State == "received" {
		return fmt.Errorf("the case has no answer: %s", answer)
	}
	j.state = c.State
	return nil
}
