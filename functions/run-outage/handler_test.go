package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

var errKilled = errors.New("killed")

// declared is the outage that the fixtures name.
var declared = outage.NewID("staff:operator", "outage-2026-03")

// desk is the function over a world of goopter. Its queues hold what was sent. After so many
// requests as the first of cuts says, the process is killed, and so on.
type desk struct {
	*storetest.World
	t        *testing.T
	handler  handler
	mu       sync.Mutex // decisions are asked for abreast
	requests []message.RefundRequested
	started  []message.OutageStarted
	changed  []message.OutageChanged
	cuts     []int
	give     outage.Give
}

func open(t *testing.T) *desk {
	t.Helper()
	w := storetest.NewWorldOf(t, memory.New(), "goopter")
	d := &desk{World: w, t: t, give: outage.GiveMoney}
	d.handler = handler{
		runner: outage.Runner{Store: w.Store, Estimator: refund.Estimator{Policy: w.Policy}, Requests: d, Runs: d},
		looker: refund.Looker{Store: w.Store, Requests: d, Looks: d},
		now:    func() time.Time { return w.Now.Add(300 * time.Microsecond) },
	}
	return d
}

func (d *desk) Request(ctx context.Context, request message.RefundRequested) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil { // the process is gone
		return errKilled
	}
	if len(d.cuts) > 0 {
		if d.cuts[0]--; d.cuts[0] < 0 {
			d.cuts = d.cuts[1:]
			return errKilled
		}
	}
	d.requests = append(d.requests, request)
	return nil
}

func (d *desk) Run(_ context.Context, started message.OutageStarted) error {
	d.started = append(d.started, started)
	return nil
}

func (d *desk) LookAgain(_ context.Context, changed message.OutageChanged) error {
	d.changed = append(d.changed, changed)
	return nil
}

// buys makes that many customers buy a starter package: 50 credits for 5.00 USD.
func (d *desk) buys(count int) {
	for n := range count {
		name := fmt.Sprintf("customer-%02d", n)
		d.Receives(d.Paid(payment.ID("pi_"+name), ledger.CustomerID(name)))
	}
}

// starts declares an outage that began now and lasted that long, and starts its run an hour after
// it.
func (d *desk) starts(lasted time.Duration) {
	d.t.Helper()
	began, ended := d.Now, d.Now.Add(lasted)
	d.Pass(lasted + time.Hour)
	made, _, err := outage.Declarer{Store: d.Store, Estimator: refund.Estimator{Policy: d.Policy}, Looks: d}.Declare(d.t.Context(), outage.Declaration{
		StartedAt: began, EndedAt: &ended, PreventedUse: true, Principal: "staff:operator", Key: "outage-2026-03",
	}, d.Now)
	require.NoError(d.t, err)
	require.Equal(d.t, declared, made.ID)
	_, _, err = outage.Starter{Store: d.Store, Runs: d}.Start(d.t.Context(), declared, d.give, "operator", d.Now)
	require.NoError(d.t, err)
}

func (d *desk) run() outage.Run {
	d.t.Helper()
	found, err := outage.Find(d.t.Context(), d.Store, declared)
	require.NoError(d.t, err)
	require.NotNil(d.t, found.Run)
	return *found.Run
}

// looking reports whether the outage owes a look at the claims.
func (d *desk) looking() bool { return d.found().Looking() }

func (d *desk) found() outage.Outage {
	d.t.Helper()
	found, err := outage.Find(d.t.Context(), d.Store, declared)
	require.NoError(d.t, err)
	return found
}

func invoke(t *testing.T, h handler, batch events.SQSEvent) (failed []string) {
	t.Helper()
	response, err := h.handle(t.Context(), batch)
	require.NoError(t, err)
	for _, failure := range response.BatchItemFailures {
		failed = append(failed, failure.ItemIdentifier[len(failure.ItemIdentifier)-1:])
	}
	return failed
}

func fixture(t *testing.T, name string) (batch events.SQSEvent) {
	t.Helper()
	text, err := os.ReadFile("../../events/run-outage/" + name + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &batch))
	return batch
}

func TestAMessageIsAPageAndAsksForTheNext(t *testing.T) {
	d := open(t)
	d.buys(60)
	d.starts(49 * time.Hour)
	assert.Equal(t, []message.OutageStarted{message.NewOutageStarted(string(declared), 1)}, d.started)
	require.Empty(t, invoke(t, d.handler, fixture(t, "started")))
	assert.Equal(t, []int{50, 50, 2}, []int{d.run().Seen, len(d.requests), d.run().Page})
	assert.Equal(t, message.NewOutageStarted(string(declared), 2), d.started[1])
	require.Empty(t, invoke(t, d.handler, fixture(t, "started")), "again")
	assert.Len(t, d.requests, 50, "that page is done")
	require.Empty(t, invoke(t, d.handler, fixture(t, "swept")), "whichever page stands")
	assert.Len(t, d.requests, 60)
	assert.Equal(t, d.Now, d.run().DoneAt)
}

func TestPoisonHurtsNoNeighbour(t *testing.T) {
	d := open(t)
	d.buys(1)
	d.starts(49 * time.Hour)
	// 2: no JSON, 3: a version we do not read, 4: another queue's, 5: no outage's id, 6: nobody
	// declared it, 7: a page that is no number, 8: a change of a version we do not read, 9: of what
	// nobody declared
	require.Equal(t, []string{"2", "3", "4", "5", "6", "7", "8", "9"}, invoke(t, d.handler, fixture(t, "poison")))
	assert.Equal(t, 1, d.run().Requested)
}

func TestAnOutageThatChangedHasTheClaimsThatWaitForOneAskedAboutPageByPage(t *testing.T) {
	d := open(t)
	d.buys(60)
	var claims []string
	for n := range 60 {
		name := fmt.Sprintf("customer-%02d", n)
		claims = append(claims, string(d.Claims(policy.KindOutage, ledger.CustomerID(name), payment.ID("pi_"+name))))
	}
	other := d.Claims(policy.KindAbnormalCharge, "customer-00", "pi_customer-00")
	d.Drain()
	d.WantVerdict(other, refund.StateInReview, policy.ClauseNoRule)
	d.starts(49 * time.Hour)
	assert.Equal(t, []message.OutageChanged{message.NewOutageChanged(string(declared))}, d.changed)

	asked := func() (cases []string) {
		for _, request := range d.requests {
			cases = append(cases, request.Case)
		}
		d.requests = nil
		return cases
	}
	look := func() {
		body, err := json.Marshal(d.changed[len(d.changed)-1])
		require.NoError(t, err)
		require.Empty(t, invoke(t, d.handler, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(body)}}}))
	}
	for range 2 {
		require.Empty(t, invoke(t, d.handler, fixture(t, "changed")))
		require.False(t, d.changed[len(d.changed)-1].Began.IsZero())
		before := d.found()
		look()
		assert.Equal(t, before, d.found(), "nothing is written")
		assert.ElementsMatch(t, claims, asked())
		assert.True(t, d.looking(), "a claim may just be being decided by what stood before")
	}
	d.Pass(time.Minute)
	look()
	assert.True(t, d.looking(), "that look began too soon")
	asked()
	require.Empty(t, invoke(t, d.handler, fixture(t, "changed")))
	assert.True(t, d.looking(), "there is another page")
	look()
	assert.False(t, d.looking())
	assert.ElementsMatch(t, claims, asked())
	require.Empty(t, invoke(t, d.handler, fixture(t, "changed")))
	assert.Empty(t, asked(), "nothing is owed")
}
