package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"makegood/infra/makegood/reconcile"
	"makegood/infra/makegood/stack"
	"makegood/shared/payment"
)

// Door looks by the stack's HTTP API.
type Door struct {
	// Client asks the stack.
	Client stack.Client
	// Now is the instant by which a review is overdue.
	Now time.Time
	// AnswerMost is how long the stack may take to read its tables.
	AnswerMost time.Duration
	// Gateways are the payment providers that can be asked, by name.
	Gateways map[string]payment.Gateway
	// Clocks are addresses whose clock must agree with the stack's, by name.
	Clocks map[string]string
	// HTTP asks those addresses.
	HTTP *http.Client
	// HowToAsk says which variables would name a provider.
	HowToAsk string
}

// Looks returns what can be asked by the API.
func (d Door) Looks() []Look {
	return []Look{
		{"stack", d.answers}, {"clock", d.clock}, {"stuck", d.stuck}, {"parked", d.parked}, {"reviews", d.reviews}, {"ledger", d.ledger},
	}
}

// NoDoor returns the lines of those looks where no operator's key is set.
func NoDoor(why string) []Look {
	var looks []Look
	for _, look := range (Door{}).Looks() {
		name := look.Name
		looks = append(looks, Look{name, func(context.Context) ([]Line, error) { return []Line{unknown(name, "", "%s", why)}, nil }})
	}
	return looks
}

func (d Door) answers(ctx context.Context) ([]Line, error) {
	published, err := d.Client.Policy(ctx)
	if err != nil {
		return nil, err
	}
	// One that fails is another look's line.
	if took, err := d.Client.Reading(ctx); err == nil && took > d.AnswerMost {
		return []Line{wrong("stack", "see infra/operate/README.md, The API is slow", "it took %.1f s to read its tables", took.Seconds())}, nil
	}
	current := published.Current(d.Now)
	return []Line{ok("stack", "it answers, and goes by %s, revision %s", current.Name, current.Revision)}, nil
}

// maxSkew is how far two clocks may be apart. A webhook's signature is good for 300 seconds either
// way, so half a minute is seen in good time.
const maxSkew = 30 * time.Second

// clock compares the clocks of the stack, of the providers and of this machine.
func (d Door) clock(ctx context.Context) ([]Line, error) {
	ahead, err := d.Client.Clock(ctx)
	if err != nil {
		return nil, err
	}
	var lines []Line
	apart := func(whose string, by time.Duration) {
		if by.Abs() > maxSkew {
			lines = append(lines, wrong("clock", "timedatectl", "the stack's clock and %s are %s apart; past 5m0s signed webhooks are refused", whose, by.Abs()))
		}
	}
	apart("this machine's", ahead)
	for _, name := range sorted(d.Clocks) {
		theirs, err := stack.Skew(ctx, d.HTTP, d.Clocks[name])
		if err != nil {
			lines = append(lines, unknown("clock", "", "%s: %s", name, err))
			continue
		}
		apart(name+"'s", ahead-theirs)
	}
	if len(lines) == 0 {
		lines = append(lines, ok("clock", "the clocks of %s agree within %s", strings.Join(append([]string{"the stack", "this machine"}, sorted(d.Clocks)...), ", "), maxSkew))
	}
	return lines, nil
}

func (d Door) stuck(ctx context.Context) ([]Line, error) {
	items, err := d.Client.StuckItems(ctx)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return []Line{ok("stuck", "nothing was given up")}, nil
	}
	kinds := map[string]int{}
	for _, item := range items {
		kinds[item.Kind]++
	}
	return []Line{wrong("stuck", "makegood stuck", "%s given up after twelve attempts (%s), the longest since %s",
		several(len(items), "item"), counted(kinds), items[0].StuckAt.UTC().Format(time.RFC3339))}, nil
}

// curl asks the stack as an operator does.
func curl(path string) string {
	return fmt.Sprintf(`curl -sH "Authorization: Bearer $MAKEGOOD_KEY" "$MAKEGOOD_URL%s"`, path)
}

func (d Door) parked(ctx context.Context) ([]Line, error) {
	payments, err := d.Client.ParkedPayments(ctx)
	if err != nil {
		return nil, err
	}
	if len(payments) == 0 {
		return []Line{ok("parked", "no payment waits for staff")}, nil
	}
	reasons := map[string]int{}
	for _, one := range payments {
		if one.Waits != nil {
			reasons[string(*one.Waits)]++
		}
	}
	next := curl("/v1/payments?state=parked")
	return []Line{wrong("parked", next, "%s for staff (%s), %s first", waits(len(payments), "payment"), counted(reasons), payments[0].ID)}, nil
}

// waits writes how many wait.
func waits(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " waits"
	}
	return fmt.Sprintf("%d %ss wait", n, noun)
}

func (d Door) reviews(ctx context.Context) ([]Line, error) {
	cases, err := d.Client.Overdue(ctx, d.Now)
	if err != nil {
		return nil, err
	}
	if len(cases) == 0 {
		return []Line{ok("reviews", "no review is overdue")}, nil
	}
	next := curl("/v1/cases?state=in_review")
	return []Line{wrong("reviews", next, "%s past the instant promised to the customer, %s since %s",
		waits(len(cases), "case"), cases[0].ID, cases[0].ReviewBy.UTC().Format(time.RFC3339))}, nil
}

// The bounds of the look at the provider: a whole comparison is reconcile's.
const (
	ledgerSince   = 7 * 24 * time.Hour
	ledgerLookups = 1000
)

// ledger compares the last days with what the providers say.
func (d Door) ledger(ctx context.Context) ([]Line, error) {
	if len(d.Gateways) == 0 {
		return []Line{unknown("ledger", "", "no provider can be asked: set %s", d.HowToAsk)}, nil
	}
	catalog, err := d.Client.Policy(ctx)
	if err != nil {
		return nil, err
	}
	reconciler := reconcile.Reconciler{Ledger: d.Client, Gateways: d.Gateways, Rules: payment.Rules{Catalog: catalog}, Lookups: ledgerLookups}
	report, err := reconciler.Run(ctx, d.Now.Add(-ledgerSince), d.Now)
	// Every payment on record is read: of a large stack that takes longer than a look may.
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return []Line{unknown("ledger", "makegood reconcile", "more payments than can be compared in %s", lookWithin)}, nil
	}
	if err != nil {
		return nil, err
	}
	var lines []Line
	// A payment that waits for staff is parked's line, and no difference.
	differences := slices.DeleteFunc(report.Differences, func(one reconcile.Difference) bool { return one.Kind == reconcile.Waits })
	if len(differences) > 0 {
		lines = append(lines, wrong("ledger", "makegood reconcile", "%s between ledger and provider, %s of %s first",
			several(len(differences), "difference"), differences[0].Kind, differences[0].Payment))
	}
	for _, gap := range report.Gaps {
		lines = append(lines, wrong("ledger", "makegood reconcile", "%s", gap))
	}
	if len(lines) == 0 {
		lines = append(lines, ok("ledger", "%s as the provider has them, by its events of the last %d days",
			several(report.Compared-report.Old, "payment"), int(ledgerSince.Hours()/24)))
	}
	return lines, nil
}

// counted writes counts by name: "2 case, 1 payment".
func counted(counts map[string]int) string {
	var parts []string
	for _, name := range sorted(counts) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(parts, ", ")
}

func sorted[V any](all map[string]V) []string {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
