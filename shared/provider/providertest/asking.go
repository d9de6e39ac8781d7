package providertest

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
)

// history is all that can happen to a payment, in order.
func history(id payment.ID) []payment.Facts {
	name := string(id)
	return []payment.Facts{
		paid(id),
		refunded(id, "re_foreign_"+name, 100, payment.RefundSucceeded, ""),
		refunded(id, "re_ours_"+name, 200, payment.RefundPending, "cas_1"),
		disputed(id, "dp_"+name, payment.DisputeOpen),
		refunded(id, "re_ours_"+name, 200, payment.RefundFailed, "cas_1"),
		refunded(id, "re_again_"+name, 200, payment.RefundRequiresAction, "cas_1"),
		refunded(id, "re_more_"+name, 1, payment.RefundCanceled, ""),
		disputed(id, "dp_"+name, payment.DisputeWon),
		disputed(id, "dp_two_"+name, payment.DisputeInquiryClosed),
		disputed(id, "dp_three_"+name, payment.DisputeLost),
	}
}

// essence returns what facts say, by whatever way and in whichever event they came. The mode is the
// webhook's alone to know: it may be left out, never wrong.
func essence(facts payment.Facts) payment.Facts {
	facts.Provider, facts.Event, facts.Livemode, facts.At = "", "", nil, time.Time{}
	// By which other ids a provider knows a payment, and when something was ordered, is the
	// provider's own: its own tests compare that.
	facts.Aliases = nil
	if facts.Purchase != nil {
		purchase := *facts.Purchase
		purchase.Livemode, purchase.OrderedAt = nil, time.Time{}
		facts.Purchase = &purchase
	}
	return facts
}

// essences returns the essence of all, in an order that does not depend on the way they came.
func essences(all []payment.Facts) []payment.Facts {
	result := []payment.Facts{}
	for _, facts := range all {
		result = append(result, essence(facts))
	}
	slices.SortStableFunc(result, func(a, b payment.Facts) int {
		return cmp.Or(cmp.Compare(a.Payment, b.Payment), cmp.Compare(a.RefundID, b.RefundID), cmp.Compare(a.DisputeID, b.DisputeID), cmp.Compare(status(a), status(b)))
	})
	return result
}

// status returns a refund's or dispute's status, "" for a purchase.
func status(facts payment.Facts) string {
	switch {
	case facts.Refund != nil:
		return string(facts.Refund.Status)
	case facts.Dispute != nil:
		return string(facts.Dispute.Status)
	default:
		return ""
	}
}

// listAll returns all that is listed since an instant, page by page.
func (b *bench) listAll(since time.Time) []payment.Facts {
	b.t.Helper()
	var all []payment.Facts
	// The bound turns a cursor that leads in a circle into a failure instead of a hang.
	for cursor, pages := "", 0; ; pages++ {
		require.Less(b.t, pages, 50, "the listing does not end")
		listing, err := b.List(b.ctx, since, cursor)
		require.NoError(b.t, err)
		all = append(all, listing.Facts...)
		if cursor = listing.Next; cursor == "" {
			return all
		}
	}
}

// webhook returns what the webhook says of every event of the account, oldest first.
func (b *bench) webhook() []payment.Facts {
	b.t.Helper()
	var all []payment.Facts
	for _, event := range b.account.Events() {
		if event.Raw == "" {
			all = append(all, b.deliver(event))
		}
	}
	return all
}

// lookTests are the promises of Look.
var lookTests = map[string]func(*testing.T, *bench){
	"a payment looks as its webhooks told it": func(t *testing.T, b *bench) {
		b.account.Happens(history("pi_1")...)
		// A second payment at the same provider: nothing of it may come along.
		b.account.Happens(paid("pi_2"))
		look, err := b.Look(b.ctx, "pi_1")
		require.NoError(t, err)
		require.Equal(t, essences(b.account.Of("pi_1")), essences(look))
		// Each fact of the look must be one that a webhook brought: else the order in which they
		// arrive would decide what a payment is.
		webhooks := b.webhook()
		for _, facts := range look {
			assert.Equal(t, webhooks[0].Provider, facts.Provider)
			assert.NoError(t, facts.Validate())
			assert.Contains(t, essences(webhooks), essence(facts))
			assert.Zero(t, facts.At, "a look is no event")
			if facts.Livemode != nil {
				assert.Equal(t, webhooks[0].Livemode, facts.Livemode)
			}
		}
	},
	"a payment that only was paid has nothing else": func(t *testing.T, b *bench) {
		b.account.Happens(history("pi_1")...)
		b.account.Happens(paid("pi_2"))
		look, err := b.Look(b.ctx, "pi_2")
		require.NoError(t, err)
		require.Equal(t, b.account.Of("pi_2"), essences(look))
	},
	"an unknown payment, and what can be none, is empty": func(t *testing.T, b *bench) {
		b.account.Happens(history("pi_1")...)
		// Each of these would be another address, or another query, if it were put into a path as
		// it is.
		for _, id := range []payment.ID{"pi_0", "", "pi 1", "..", ".", "../pi_1", "pi_1/..", "pi_1?a=b", "pi_1#", "pi_1\x00", "é", "%2e%2e"} {
			b.answers(b.service)
			look, err := b.Look(b.ctx, id)
			require.NoError(t, err, "%q", id)
			require.Empty(t, look, "%q", id)
			if id.Validate("") != nil {
				require.Zero(t, b.calls(), "%q", id)
			}
		}
	},
	"where there is nobody to ask, nothing is known": func(t *testing.T, b *bench) {
		look, err := b.Nobody().Look(b.ctx, "pi_1")
		require.NoError(t, err)
		require.Empty(t, look)
	},
}

// listing are the promises of List.
var listing = map[string]func(*testing.T, *bench){
	"the list says what the webhooks told": func(t *testing.T, b *bench) {
		b.account.Happens(history("pi_1")...)
		b.account.Happens(history("pi_2")...)
		list := b.listAll(noon)
		require.Equal(t, essences(b.webhook()), essences(list))
		// The poll moves on by these instants, so each event must keep its own.
		instants := map[time.Time]bool{}
		for _, facts := range list {
			assert.NoError(t, facts.Validate())
			instants[facts.At] = true
		}
		for _, event := range b.account.Events() {
			assert.Contains(t, instants, event.At)
		}
	},
	"only what happened since is listed": func(t *testing.T, b *bench) {
		b.account.Happens(history("pi_1")...)
		b.account.Happens(paid("pi_2"), paid("pi_3"))
		// The instant itself belongs to the list: two events may share it.
		last := b.account.Events()[len(history("pi_1"))].At
		require.Equal(t, slices.Concat(b.account.Of("pi_2"), b.account.Of("pi_3")), essences(b.listAll(last)))
		require.Empty(t, b.listAll(last.Add(time.Hour)))
		for _, since := range []time.Time{{}, noon.Add(-30 * 24 * time.Hour)} {
			require.Equal(t, essences(b.webhook()), essences(b.listAll(since)))
		}
	},
	"an event that is irrelevant or broken does not end the listing": func(t *testing.T, b *bench) {
		require.NotEmpty(t, b.Broken)
		b.account.Happens(paid("pi_1"))
		// Broken events stand between two good ones, so that a listing that stops early shows.
		for _, body := range slices.Concat(b.Irrelevant, b.Broken) {
			b.account.Slips(body, b.account.now())
		}
		b.account.Happens(paid("pi_2"))
		require.Equal(t, slices.Concat(b.account.Of("pi_1"), b.account.Of("pi_2")), essences(b.listAll(noon)))
		require.Contains(t, b.logged.String(), "provider event skipped")
		// One line for each broken event, none for those that are merely not ours.
		require.Equal(t, len(b.Broken), strings.Count(b.logged.String(), "\n"), b.logged.String())
	},
	"where there is nobody to ask there is no list, which is another thing than an empty one": func(t *testing.T, b *bench) {
		none, err := b.Nobody().List(b.ctx, noon, "")
		require.NoError(t, err)
		require.Equal(t, payment.Listing{NoList: true}, none)
		empty, err := b.List(b.ctx, noon, "")
		require.NoError(t, err)
		require.Equal(t, payment.Listing{}, empty)
		require.Empty(t, b.listAll(noon))
	},
}
