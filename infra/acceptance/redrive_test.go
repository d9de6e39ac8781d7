package acceptance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/makegood/doctor"
	"makegood/infra/makegood/redrive"
	"makegood/infra/standin"
)

// books is all that a customer could tell a difference by: what they have, what moved, what was
// decided, what money went back, and what the app was told of them.
type books struct {
	Balance             any
	Moved, Cases, Money []string
	Told                []string
}

// booksOf returns a customer's books, without ids and instants.
func booksOf(t *testing.T, customer string, payments []string) books {
	t.Helper()
	for _, payment := range payments {
		require.NoError(t, stack.Provider.Settled(t.Context(), payment))
	}
	queuesDrained(t)
	b := books{Balance: asApp(t, "GET", "/v1/customers/"+customer, nil, 200)["balance"]}
	for _, row := range statement(t, customer) {
		b.Moved = append(b.Moved, fmt.Sprint(row["reason"], " ", row["from"], "→", row["to"], " ", row["amount"]))
	}
	for _, one := range casesOf(t, customer) {
		decision, _ := one.(object)["decision"].(object)
		b.Cases = append(b.Cases, fmt.Sprint(one.(object)["kind"], " ", one.(object)["state"], " ", decision["clause"]))
	}
	for _, payment := range payments {
		for _, refund := range stack.Provider.Refunds(payment) {
			b.Money = append(b.Money, fmt.Sprint(refund.Minor, " ", refund.Status))
		}
	}
	posts := map[string]bool{}
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		id := sent.Header.Get("webhook-id")
		if data := post["data"].(object); data["customer"] == customer && !posts[id] {
			posts[id] = true
			b.Told = append(b.Told, fmt.Sprint(post["type"], " ", data["notice"]))
		}
	}
	for _, list := range [][]string{b.Moved, b.Cases, b.Money, b.Told} {
		slices.Sort(list)
	}
	return b
}

// mishap is something that customers do while one function is broken.
type mishap struct {
	name            string
	function, queue string
	letters         int                                                         // for each customer
	alone           bool                                                        // one letter for all customers, not one for each
	before          func(t *testing.T, alice string) []string                   // while all is whole; it returns payments
	then            func(t *testing.T, alices []string, of map[string][]string) // while it is broken
}

// each has every customer do it.
func each(do func(t *testing.T, alice string, payments []string)) func(*testing.T, []string, map[string][]string) {
	return func(t *testing.T, alices []string, of map[string][]string) {
		t.Helper()
		for _, alice := range alices {
			do(t, alice, of[alice])
		}
	}
}

// mishaps are one for each kind of message, and each subject of a request.
func (n *night) mishaps() []mishap {
	rich := func(t *testing.T, alice string) []string {
		t.Helper()
		asApp(t, "POST", "/v1/grants", object{"customer": alice, "credits": 30, "source": "promotion"}, 201)
		return nil
	}
	twice := func(t *testing.T, alice string) []string {
		t.Helper()
		return []string{purchase(t, alice, time.Now()), purchase(t, alice, time.Now())}
	}
	ends := func(result func() object, more ...object) func(*testing.T, []string, map[string][]string) {
		return each(func(t *testing.T, alice string, _ []string) {
			t.Helper()
			finish(t, start(t, alice, more...), result())
		})
	}
	half := func() object {
		return with(success(), object{"outputs": []any{object{"url": "https://pictures.example/1"}}})
	}
	broken := func() object { return failure("platform") }
	double := each(func(t *testing.T, alice string, payments []string) {
		t.Helper()
		request(t, "duplicate_charge", alice, payments[1])
	})
	return []mishap{
		{"a success", "settle-generation", "GenerationResults", 1, false, rich, ends(success)},
		{"a failure", "settle-generation", "GenerationResults", 1, false, rich, ends(broken)},
		{"half a result", "settle-generation", "GenerationResults", 1, false, rich, ends(half, object{"outputs": 2})},
		{"a failure's ruling", "decide-refund", "RefundRequests", 1, false, rich, ends(broken)},
		{"a claim's ruling", "decide-refund", "RefundRequests", 1, false, twice, double},
		{"a payment's cases", "decide-refund", "RefundRequests", 1, false, n.pending, n.succeeds},
		{"an outage's claims", "decide-refund", "RefundRequests", 1, false, nil, n.outage(object{"give": "money"})},
		{"money", "pay-refund", "PaymentRefunds", 1, false, twice, double},
		{"a verdict's notice", "notify-customer", "Notices", 1, false, rich, ends(broken)},
		{"half a notice", "notify-customer", "Notices", 1, false, rich, ends(half, object{"outputs": 2})},
		{"an offer", "notify-customer", "Notices", 1, false, nil, n.outage(nil)},
		{"a standing", "notify-customer", "Notices", 1, false, rich, each(func(t *testing.T, alice string, _ []string) { t.Helper(); stand(t, alice, "restricted") })},
		// The last: its outage began before all others, and when it is run it hits nobody else.
		{"an outage's run", "run-outage", "OutageRuns", 2, true, nil, n.outage(object{"give": "money"})},
	}
}

// pending has money on its way back to the customer, whose provider has not said that it arrived.
func (n *night) pending(t *testing.T, alice string) []string {
	t.Helper()
	payments := []string{purchase(t, alice, time.Now()), purchase(t, alice, time.Now())}
	meets(t, payments[1], standin.Fault{Kind: standin.FaultPending})
	caseID := request(t, "duplicate_charge", alice, payments[1])
	soon(t, "the money is on its way", func() bool {
		return matter(t, caseID)["state"] == "paying" && len(stack.Provider.Refunds(payments[1])) == 1
	})
	return payments
}

// succeeds has the provider say that the money arrived.
func (n *night) succeeds(t *testing.T, alices []string, of map[string][]string) {
	t.Helper()
	for _, alice := range alices {
		moveRefund(t, stack.Provider.Refunds(of[alice][1])[0].ID, "succeeded")
	}
}

// outage has staff declare one that hit the customers, and run it.
func (n *night) outage(give any) func(*testing.T, []string, map[string][]string) {
	return func(t *testing.T, alices []string, of map[string][]string) {
		t.Helper()
		began := n.era(t)
		for _, alice := range alices {
			of[alice] = []string{purchase(t, alice, time.Now().Add(-began-day/2))}
		}
		declared := declare(t, began, 49*time.Hour)
		asStaff(t, "POST", "/v1/outages/"+declared["id"].(string)+"/run", give, 202)
	}
}

// party is who goes through a mishap: customers, and their payments.
type party struct {
	alices []string
	of     map[string][]string
}

// begin has so many new customers do what comes before the mishap.
func (m mishap) begin(t *testing.T, customers int) party {
	t.Helper()
	p := party{of: map[string][]string{}}
	for range customers {
		alice := unique("alice")
		p.alices, p.of[alice] = append(p.alices, alice), nil
		if m.before != nil {
			p.of[alice] = m.before(t, alice)
		}
	}
	return p
}

// count is how many letters the mishap leaves for so many customers.
func (m mishap) count(customers int) int {
	if m.alone {
		return m.letters
	}
	return m.letters * customers
}

// spared has one customer go through each mishap while nothing is broken.
func (n *night) spared(t *testing.T, mishaps []mishap) map[string]party {
	t.Helper()
	all := map[string]party{}
	for _, m := range mishaps {
		all[m.name] = m.begin(t, 1)
	}
	for _, m := range mishaps {
		if m.before == nil { // an outage: the run of the one before must be over
			queuesDrained(t)
		}
		m.then(t, all[m.name].alices, all[m.name].of)
	}
	queuesDrained(t)
	return all
}

// harmed has so many customers go through each mishap, a function's all at once, and returns how
// many letters lie in each queue then.
func (n *night) harmed(t *testing.T, mishaps []mishap, customers int) (all map[string]party, dead map[string]int) {
	t.Helper()
	all, dead = map[string]party{}, map[string]int{}
	for _, function := range consumers {
		var own []mishap
		for _, m := range mishaps {
			if m.function == function {
				own = append(own, m)
				all[m.name] = m.begin(t, customers)
			}
		}
		queuesDrained(t)
		for _, m := range own {
			dead[m.queue] += m.count(customers)
		}
		n.breaks(t, function, own[0].queue, dead[own[0].queue], func() {
			for _, m := range own {
				m.then(t, all[m.name].alices, all[m.name].of)
			}
		})
	}
	return all, dead
}

// TestDeadLettersOfEveryKindAreRedrivenAsIfNothingHadHappened breaks one function after the other
// until its messages are given up, mends it, and redrives by the command, which is killed once
// between a send and its delete. A customer to whom nothing happened is the measure. Before and
// after, the doctor looks at the stack.
func TestDeadLettersOfEveryKindAreRedrivenAsIfNothingHadHappened(t *testing.T) {
	n := openNight(t)
	mishaps := n.mishaps()
	customers := (*letters + len(mishaps) - 2) / (len(mishaps) - 1) // an outage's run is one for all
	lucky := n.spared(t, mishaps)
	harmed, dead := n.harmed(t, mishaps, customers)

	n.doctorFinds(t, dead)
	n.killedBetween(t, "refund-requests")
	for _, queue := range []string{"outage-runs", "generation-results", "refund-requests", "payment-refunds", "notices"} {
		out, code := ended(t, n.command(t, stack.Endpoints.SQSURL, "redrive", queue, "--yes", "--hold", "1s"))
		require.Zero(t, code, out)
	}
	queuesDrained(t)
	sweep(t)
	queuesDrained(t)
	n.doctorFinds(t, nil)
	for _, m := range mishaps {
		var want books
		for alice, payments := range lucky[m.name].of {
			want = booksOf(t, alice, payments)
		}
		for alice, payments := range harmed[m.name].of {
			require.Equal(t, want, booksOf(t, alice, payments), m.name)
		}
	}
}

// plural says how many dead letters there are.
func plural(count int) string {
	if count == 1 {
		return "1 dead letter"
	}
	return fmt.Sprintf("%d dead letters", count)
}

// doctorFinds demands that the doctor sees so many dead letters, nothing else that is wrong, and
// what to type; and that a look at those of one queue says of each why it lies there.
func (n *night) doctorFinds(t *testing.T, dead map[string]int) {
	t.Helper()
	wrong := map[string]string{}
	for queue, count := range dead {
		name := queues[queue]
		wrong[name] = fmt.Sprintf("%s: makegood redrive %s --dry-run", plural(count), name)
		if queue != "RefundRequests" {
			continue
		}
		out, code := ended(t, n.command(t, stack.Endpoints.SQSURL, "redrive", name, "--dry-run", "--json"))
		require.Equal(t, 1, code, out)
		var report struct{ Letters []redrive.Letter }
		require.NoError(t, json.Unmarshal([]byte(out), &report))
		require.Len(t, report.Letters, min(count, 100))
		for _, letter := range report.Letters {
			require.NotNil(t, letter.Failure, "%s of %v", letter.Step, letter.About)
			require.NotEmpty(t, letter.About)
		}
	}
	out, code := ended(t, n.command(t, stack.Endpoints.SQSURL, "doctor", "--json"))
	var lines []doctor.Line
	require.NoError(t, json.Unmarshal([]byte(out), &lines))
	got := map[string]string{}
	for _, line := range lines {
		if line.State == doctor.StateWrong {
			got[line.Look] = line.Finding + ": " + line.Next
		}
	}
	require.Equal(t, wrong, got)
	require.Equal(t, len(dead) > 0, code == 1, out)
}

// killedBetween has the command die with -9 when its queue has taken letters that still lie in the
// dead-letter queue: they are in both.
func (n *night) killedBetween(t *testing.T, queue string) {
	t.Helper()
	var pid atomic.Int64
	proxy, err := local.NewProxy(stack.Endpoints.SQSURL, func(call local.Call, forward func() local.Reply) local.Reply {
		if call.Operation == "DeleteMessageBatch" {
			_ = syscall.Kill(int(pid.Load()), syscall.SIGKILL)
			return local.Reply{}
		}
		return forward()
	})
	require.NoError(t, err)
	defer proxy.Stop()
	command := n.command(t, proxy.URL, "redrive", queue, "--yes", "--hold", "1s")
	require.NoError(t, command.Start())
	pid.Store(int64(command.Process.Pid))
	require.Error(t, command.Wait())
	require.Equal(t, syscall.SIGKILL, command.ProcessState.Sys().(syscall.WaitStatus).Signal())
}
