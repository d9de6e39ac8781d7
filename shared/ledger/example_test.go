package ledger_test

import (
	"cmp"
	"fmt"
	"time"

	"makegood/shared/ledger"
)

// monday is when the examples happen.
var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// A wallet holds 4 credits that expire on Friday and 10 that never do. A hold of 6 draws the 4
// first, so that the customer loses as few credits as can be, and 2 of the others.
func ExampleHold() {
	w := ledger.Wallet{Customer: "alice", Lots: []ledger.Lot{
		{ID: "lot_forever", Source: ledger.SourcePurchase, Granted: 10, Remaining: 10},
		{ID: "lot_friday", Source: ledger.SourcePromotion, Granted: 4, Remaining: 4, ExpiresAt: monday.AddDate(0, 0, 4)},
	}}
	draws, posting, err := ledger.Hold(w, 6, monday)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, draw := range draws {
		fmt.Println(draw.Lot, draw.Credits)
	}
	fmt.Println("available", posting.After.Available(monday))

	// A second hold of 9 is refused whole: 8 are left, and a hold never takes a part.
	_, _, err = ledger.Hold(posting.Stored(), 9, monday)
	fmt.Println(err)
	// Output:
	// lot_friday 4
	// lot_forever 2
	// available 8
	// insufficient_credits: 9 credits are needed
}

// The generation of the hold above made three outputs for 6 credits. Each cost 2: the first two
// were paid from the lot of Friday, the last from the other. Only the first came, so what the other
// two cost goes back, to the lots that it came from.
func ExampleSplitDraws() {
	draws := []ledger.Draw{{Lot: "lot_friday", Credits: 4}, {Lot: "lot_forever", Credits: 2}}
	for i, share := range ledger.SplitDraws(draws, 3) {
		fmt.Println("output", i, share[0].Lot, share[0].Credits)
	}
	for _, draw := range ledger.UndeliveredDraws(draws, 3, 1) {
		fmt.Println("give back", draw.Lot, draw.Credits)
	}
	// Output:
	// output 0 lot_friday 2
	// output 1 lot_friday 2
	// output 2 lot_forever 2
	// give back lot_friday 2
	// give back lot_forever 2
}

// A payment granted 20 credits, of which the customer has 5 left, beside 3 of a promotion. Then all
// of its money goes back. The target is 20: 5 come from the payment's own lot, 3 from the other
// one, and 12 are owed. Half of the money then comes back from the bank, and the target falls to
// 10: of the debt, 10 are forgiven, and 2 are still owed.
func ExampleAdjustClawback() {
	w := ledger.Wallet{Customer: "alice", Lots: []ledger.Lot{
		{ID: "lot_own", Source: ledger.SourcePurchase, Granted: 20, Remaining: 5},
		{ID: "lot_promo", Source: ledger.SourcePromotion, Granted: 3, Remaining: 3},
	}}
	clawback := ledger.Clawback{Payment: "pi_1", Lot: w.Lots[0], Granted: 20}
	terms := ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend, ExtendDays: 30}
	for _, target := range []ledger.Credits{20, 10} {
		posting, next, err := ledger.AdjustClawback(w, clawback, 0, target, terms, ledger.Cause{Reason: "dispute"}, monday)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, entry := range posting.Entries {
			fmt.Println(entry.Credits, entry.Movement, cmp.Or(entry.Lot, "no lot"))
		}
		w, clawback = posting.Stored(), next
		fmt.Println("taken back", clawback.Total(), "available", w.Available(monday), "owed", w.Owed())
	}
	// Output:
	// 5 clawback lot_own
	// 3 clawback lot_promo
	// 12 shortfall no lot
	// taken back 20 available 0 owed 12
	// 10 forgiveness no lot
	// taken back 10 available 0 owed 2
}

// Of 20 credits, the money of 8 goes back; then the other 12 expire. From then on expired credits
// cover the target from 8 to 20. At a target of 12, 4 of them are taken, at no cost to the
// customer, who could not have spent them. At a target of 6, none are: 2 credits that could be
// spent return.
func ExampleAdjustClawback_expired() {
	own := ledger.Lot{
		ID: "lot_own", Source: ledger.SourcePurchase, Granted: 20, Remaining: 20, ExpiresAt: monday.AddDate(0, 0, 1),
	}
	w := ledger.Wallet{Customer: "alice", Lots: []ledger.Lot{own}}
	clawback := ledger.Clawback{Payment: "pi_1", Lot: own, Granted: 20}
	terms := ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend, ExtendDays: 30}
	expired, now := ledger.Credits(0), monday
	for _, target := range []ledger.Credits{8, 12, 6} {
		posting, next, err := ledger.AdjustClawback(w, clawback, expired, target, terms, ledger.Cause{Reason: "refund"}, now)
		if err != nil {
			fmt.Println(err)
			return
		}
		w, clawback, expired = posting.Stored(), next, expired+posting.Expired["lot_own"]
		fmt.Println("target", target, "of expired credits", clawback.Expired, "available", w.Available(now), "owed", w.Owed())
		now = now.AddDate(0, 0, 2) // the lot expires between the first target and the second
	}
	// Output:
	// target 8 of expired credits 0 available 12 owed 0
	// target 12 of expired credits 4 available 0 owed 0
	// target 6 of expired credits 0 available 2 owed 0
}
