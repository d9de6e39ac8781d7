package demo

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"makegood/shared/provider/stripe"
)

const (
	usual = 5 * time.Second // what a step takes at most, where the client does not say
	pause = 50 * time.Millisecond
)

// player is a story being played.
type player struct {
	Client
	events      fs.FS
	story       Story
	policy      policy
	feature     string
	price       int64
	credits     int64 // of one package
	generations map[string]generation
	payments    map[string]string // the provider's ids
	cases       map[string]string // by what they are about
	token       string            // the customer's, from their first report on
	back        int64             // credits that were given back on reports, by the answers
	run         string            // tells this play's idempotency keys from another's
	number      int               // of the step, as printed
}

// Play plays events/stories/credits-given-back.json; events is the folder events/. It prints each
// step as it is confirmed, then the statement. Anything that is not as the story wants is an error.
func Play(ctx context.Context, c Client, events fs.FS) error {
	// The whole file is read first: a story with a step that nobody knows plays none of them.
	story, err := load(events, "stories/credits-given-back.json")
	if err != nil {
		return err
	}
	// A second play on one stack needs a wallet of its own: balances are compared.
	story.Customer = cmp.Or(c.Customer, story.Customer)
	p := &player{
		Client: c, events: events, story: story, generations: map[string]generation{}, payments: map[string]string{}, cases: map[string]string{},
		run: strconv.FormatInt(time.Now().UnixNano(), 36),
	}
	// What is bought and made follows from the policy, so that one story fits every policy.
	if err := p.choose(ctx); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%s\n(policy %s of %s)\n\n", story.Title, p.policy.Name, p.policy.Revision)
	for n, step := range story.Steps {
		if err := p.step(ctx, step); err != nil {
			return fmt.Errorf("step %d (%s): %w", n+1, step.Do, err)
		}
	}
	return nil
}

// choose takes what the story is played with from the policy in force: its first package and its
// first feature that costs something.
func (p *player) choose(ctx context.Context) error {
	if err := p.call(ctx, http.MethodGet, "/v1/policy", "", nil, &p.policy, http.StatusOK); err != nil {
		return err
	}
	// A feature that is free would move nothing, and the story counts what moves.
	for _, f := range p.policy.Features {
		if f.Price > 0 {
			p.feature, p.price = f.Name, f.Price
			break
		}
	}
	// Without a package there is nothing to buy, without a price nothing to hold.
	if len(p.policy.Packages) == 0 || p.feature == "" {
		return errors.New("the policy has no package or no feature with a price")
	}
	p.credits = p.policy.Packages[0].Credits
	return nil
}

func (p *player) step(ctx context.Context, step Step) error {
	do := map[string]func(context.Context, Step) error{
		DoPurchase: p.purchase, DoStart: p.start, DoResult: p.result, DoOutcome: p.awaitOutcome, DoNotice: p.notice,
		DoReport: p.report, DoClaim: p.claim, DoVerdict: p.verdict, DoPaid: p.paid, DoAgain: p.again, DoStatement: p.printStatement,
	}[step.Do]
	if err := do(ctx, step); err != nil {
		return err
	}
	// Not every step changes the balance: where the story says what it should be, it is compared at
	// once, so that the first wrong step is the one that is named.
	if step.Want == nil {
		return nil
	}
	got, err := p.balanceOf(ctx, p.story.Customer)
	if err != nil {
		return err
	}
	want := p.balanceAfter(*step.Want)
	if got != want {
		return fmt.Errorf("the balance is %+v, the story wants %+v", got, want)
	}
	fmt.Fprintf(p.Out, "     → %s available, %s held\n", p.amount(got.Available), p.amount(got.Held))
	return nil
}

func (p *player) balanceAfter(w Want) balance {
	// Counted in packages and generations, then priced: the same story holds under every policy.
	onHold, captures := int64(w.Held)*p.price, int64(w.Spent)*p.price
	return balance{Available: int64(w.Bought)*p.credits - onHold - captures + p.back, Held: onHold}
}

// say prints one numbered line of the story.
func (p *player) say(format string, args ...any) {
	p.number++
	fmt.Fprintf(p.Out, "%2d.  %s\n", p.number, fmt.Sprintf(format, args...))
}

func (p *player) purchase(ctx context.Context, step Step) error {
	now := time.Now().UTC()
	// The fixture is what Stripe really sends; only who bought what, and when, is this story's.
	body, err := p.purchaseEvent(step, now)
	if err != nil {
		return err
	}
	if err := p.postStripe(ctx, body, now); err != nil {
		return err
	}
	sale := p.policy.Packages[0]
	p.say("Stripe's webhook: %s has paid %s for %s: payment %s", p.story.Customer, sale.Price, sale.Name, p.payments[step.Payment])
	return nil
}

// purchaseEvent is the recorded event with this story's customer, the policy's package, and today's
// date.
func (p *player) purchaseEvent(step Step, now time.Time) ([]byte, error) {
	name := step.Event
	text, err := fs.ReadFile(p.events, name)
	if err != nil {
		return nil, err
	}
	var fixture struct {
		Body            string `json:"body"`
		IsBase64Encoded bool   `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(text, &fixture); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// API Gateway hands bodies over as base64 where they are not text.
	raw := []byte(fixture.Body)
	if fixture.IsBase64Encoded {
		if raw, err = base64.StdEncoding.DecodeString(fixture.Body); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var event map[string]any
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	// The event stays a map: whatever else Stripe puts into it goes on unread.
	data, _ := event["data"].(map[string]any)
	session, _ := data["object"].(map[string]any)
	if session == nil {
		return nil, fmt.Errorf("%s holds no checkout session", name)
	}
	sale := p.policy.Packages[0]
	// Each purchase of a run has ids of its own, or the second one would be a replay of the first.
	tail := p.run + strconv.Itoa(len(p.payments)+1)
	p.payments[step.Payment] = "pi_" + tail
	event["id"], event["created"] = "evt_"+tail, now.Unix()
	session["id"], session["payment_intent"], session["created"] = "cs_test_"+tail, "pi_"+tail, now.Add(-time.Minute).Unix()
	session["expires_at"] = now.Add(24 * time.Hour).Unix()
	// The customer and the package are what the webhook reads. The amount must be the package's
	// price, or the payment is parked.
	session["client_reference_id"], session["metadata"] = p.story.Customer, map[string]any{"package": sale.Name}
	// Stripe has its own minor units for some currencies.
	minor, _ := stripe.Payable(sale.Price)
	session["amount_subtotal"], session["amount_total"] = minor, minor
	session["currency"] = strings.ToLower(sale.Price.Currency)
	return json.Marshal(event)
}

func (p *player) start(ctx context.Context, step Step) error {
	var order generation
	body := map[string]any{"customer": p.story.Customer, "feature": p.feature, "platform": "web"}
	// A story may say more of an order: the third generation starts in the batch editor.
	if step.Body != nil {
		if err := json.Unmarshal(step.Body, &body); err != nil {
			return err
		}
	}
	if err := p.call(ctx, http.MethodPost, "/v1/generations", p.run+"-"+step.Generation, body, &order, http.StatusCreated); err != nil {
		return err
	}
	// The answer must say what was held: a start that charges another price is a fault even where
	// the balance agrees.
	if order.Price != p.price || order.State != "held" || order.ID == "" {
		return fmt.Errorf("the generation started as %+v, the policy's price is %d", order, p.price)
	}
	p.generations[step.Generation] = order
	where := ""
	if surface, ok := body["surface"]; ok {
		where = fmt.Sprintf(" in the %s editor", surface)
	}
	p.say("The %s generation starts%s: %s, %s", step.Generation, where, p.feature, p.amount(order.Price))
	return nil
}

func (p *player) result(ctx context.Context, step Step) error {
	body := map[string]any{}
	if err := json.Unmarshal(step.Body, &body); err != nil {
		return err
	}
	// Windows count from this instant, so the fixture's own would be years old.
	body["finished_at"] = time.Now().UTC().Format(time.RFC3339)
	var answer struct {
		Disposition string `json:"disposition"`
	}
	path := "/v1/generations/" + p.generations[step.Generation].ID + "/result"
	if err := p.call(ctx, http.MethodPost, path, "", body, &answer, http.StatusAccepted); err != nil {
		return err
	}
	// Anything else means that another result is recorded already.
	if answer.Disposition != "queued" {
		return fmt.Errorf("the result's disposition is %q, the story wants queued", answer.Disposition)
	}
	p.say("The worker reports: %v", body["status"])
	return nil
}

// awaitOutcome waits until the generation is as the story wants; a decision is looked up and
// quoted.
func (p *player) awaitOutcome(ctx context.Context, step Step) error {
	start := time.Now()
	var now generation
	// A failure is decided by itself, by messages: it takes a moment, and nobody is to ask for it.
	err := p.eventually(ctx, fmt.Sprintf("the generation is %s", step.State), func() (bool, error) {
		err := p.call(ctx, http.MethodGet, "/v1/generations/"+p.generations[step.Generation].ID, "", nil, &now, http.StatusOK)
		return now.State == step.State && (step.Decision == "" || now.Case != ""), err
	})
	if err != nil {
		return fmt.Errorf("%w (its state: %s, its case: %q)", err, now.State, now.Case)
	}
	p.generations[step.Generation], p.cases[step.Generation] = now, now.Case
	duration := time.Since(start).Round(10 * time.Millisecond)
	if step.Decision == "" {
		p.say("%s later it is %s", duration, now.State)
		return nil
	}
	// The generation names its case; the case must name the clause that decided.
	answer, err := p.caseOf(ctx, now.Case)
	if err != nil {
		return err
	}
	if answer.Decision == nil || answer.Decision.Outcome != step.Decision || answer.Decision.Clause == "" {
		return fmt.Errorf("case %s is %s with %+v, the story wants it %s by a clause", now.Case, answer.State, answer.Decision, step.Decision)
	}
	p.say("Nobody asks. %s later it is %s: case %s, %s by clause %s", duration, now.State, short(now.Case), answer.Decision.Outcome, answer.Decision.Clause)
	fmt.Fprintf(p.Out, "     “%s”\n", answer.Decision.Reason)
	return nil
}

// notice waits until the stack's own notice address has been told of the case as it stands.
func (p *player) notice(ctx context.Context, step Step) error {
	// Notices are posted to an address of the stack's own; elsewhere the story cannot see them.
	if p.AdminURL == "" {
		return nil
	}
	admin := Client{BaseURL: p.AdminURL}
	want, err := p.caseOf(ctx, p.cases[step.about()])
	if err != nil {
		return err
	}
	words := ""
	err = p.eventually(ctx, "the customer is told of case "+want.ID, func() (bool, error) {
		var notices []struct {
			Data struct {
				Case   string `json:"case"`
				Notice string `json:"notice"`
				Words  any    `json:"words"`
			} `json:"data"`
		}
		err := admin.call(ctx, http.MethodGet, "/_local/notices", "", nil, &notices, http.StatusOK)
		// A case may have several notices: the one of its present state is awaited.
		for _, n := range notices {
			if n.Data.Case == want.ID && n.Data.Notice == want.Notice {
				words = fmt.Sprint(n.Data.Words)
				return true, err
			}
		}
		return false, err
	})
	if err != nil {
		return err
	}
	p.say("%s is told: “%s”", p.story.Customer, words)
	return nil
}

// eventually asks until the answer is yes, an error comes, or the step's time is over.
func (p *player) eventually(ctx context.Context, what string, ask func() (bool, error)) error {
	within := cmp.Or(p.Within, usual)
	// Asked in a loop, since nothing tells a client when a message was worked on.
	limit, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		yes, err := ask()
		if yes || err != nil {
			return err
		}
		select {
		case <-limit.Done():
			return fmt.Errorf("not within %s: %s", within, what)
		case <-time.After(pause):
		}
	}
}
