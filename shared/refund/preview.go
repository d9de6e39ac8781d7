package refund

import (
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// Preview is what a ruling would do, were it carried out at once. Until it is, a webhook or a spend
// may still change that.
type Preview struct {
	// Case is the case as the ruling would leave it: its verdict, its state, and the message that
	// becomes due. notice.DraftOf has its words.
	Case Case
	// Money is what would go to the payment method, nil where no money would.
	Money *money.Amount
	// Movements are the credits that would move, in their order; none where none would.
	Movements []Movement
	// Lots are the lots that would change, in draw order.
	Lots []LotChange
	// Before and After are the wallet around it.
	Before, After Balance
	// Second says that a second person has to confirm it.
	Second bool
}

// Movement is credits that would move from one book account to another.
type Movement struct {
	// Movement is the posting rule, From and To are its accounts.
	Movement ledger.Movement
	From, To ledger.Account
	// Credits is how many, above 0.
	Credits ledger.Credits
	// Lot is the lot that gives or takes them, "" where none does, or several.
	Lot ledger.LotID
	// Payment is the payment whose debt they pay or make, "" for none.
	Payment string
}

// LotChange is a lot before and after.
type LotChange struct {
	// Lot is the lot, with what it is after: an emptied one with nothing left.
	Lot ledger.Lot
	// Before is what was left of it, 0 for one that is opened.
	Before ledger.Credits
}

// Balance is what a wallet has at one instant.
type Balance struct {
	// Available is what can be spent.
	Available ledger.Credits
	// Owed is the debt.
	Owed ledger.Credits
}

// Preview returns what the ruling would do at now. It goes Rule's way, and records nothing: Note,
// Principal and Key of the order are not asked for.
//
// Errors are Rule's, but for the note and the key.
func (r Reviewer) Preview(ctx context.Context, id CaseID, order RulingOrder, now time.Time) (Preview, error) {
	if err := order.Ruling.Validate(); err != nil {
		return Preview{}, err
	}
	ruling := Ruling{Ruling: order.Ruling, Payment: order.Payment, Note: order.Note, By: order.By, At: now}
	return fault.RetryFor(ctx, func(ctx context.Context) (Preview, error) {
		snapshot, err := r.load(ctx, id)
		if err != nil {
			return Preview{}, err
		}
		outcome, err := r.try(ctx, snapshot, ruling, nil, now)
		if err != nil {
			return Preview{}, err
		}
		return outcome.preview(), nil
	})
}

// preview returns what the decision, which has an effect, would do.
func (v decision) preview() Preview {
	effect := v.effect.withFinding()
	posting := effect.Posting
	if effect.Payment != nil {
		posting = effect.Payment.Posting
	}
	before, after := v.snapshot.Wallet, v.snapshot.Wallet
	if !posting.Empty() {
		before, after = posting.Before, posting.After
	}
	preview := Preview{
		Case: effect.Case, Movements: movementsOf(effect.Generation, posting), Lots: lotChanges(before, after),
		Before: balanceAt(before, v.at), After: balanceAt(after, v.at),
	}
	if v.money() {
		preview.Money = new(v.verdict.Remedy.Money())
	}
	// What staff may do alone goes by the day on which they do it, whichever revision judges the
	// case.
	preview.Second = v.published.At(v.at).SecondPerson.Confirms(v.c.Appealing(), v.given(preview.Money))
	return preview
}

// money reports whether the decision gives money back.
func (v decision) money() bool { return policy.ArmOf(v.verdict.Remedy) == policy.ArmMoney }

// given returns the money that goes back, with what other cases have promised of the same payment:
// a limit that looked at each by itself would be passed in slices.
func (v decision) given(back *money.Amount) *money.Amount {
	if back == nil || v.effect.Payment == nil {
		return back
	}
	inAll := *back
	for id, promise := range v.effect.Payment.After.Promised {
		if promise.Money && id != string(v.c.ID) {
			inAll.Minor += promise.Minor
		}
	}
	return &inAll
}

func balanceAt(w ledger.Wallet, at time.Time) Balance {
	return Balance{Available: w.Available(at), Owed: w.Owed()}
}

// movementsOf returns what the change and the posting move. Of a hold that ends, the generation is
// the line, and the posting has no entry: it names only the lots that a release goes to.
func movementsOf(change *Change[generation.Generation], posting ledger.Posting) []Movement {
	var all []Movement
	add := func(m Movement) {
		m.From, m.To = ledger.Accounts(m.Movement)
		all = append(all, m)
	}
	for _, draw := range posting.Released {
		add(Movement{Movement: ledger.MovementRelease, Credits: draw.Credits, Lot: draw.Lot})
	}
	if change != nil && change.After.Captured > change.Before.Captured {
		add(Movement{Movement: ledger.MovementCapture, Credits: change.After.Captured - change.Before.Captured})
	}
	for _, entry := range posting.Entries {
		m := Movement{Movement: entry.Movement, Credits: entry.Credits, Lot: entry.Lot}
		if entry.From == ledger.Owed || entry.To == ledger.Owed {
			m.Payment = entry.Cause.Payment
		}
		add(m)
	}
	return all
}

// lotChanges returns the lots that differ, in the draw order of after, then those that are gone.
func lotChanges(before, after ledger.Wallet) []LotChange {
	var changes []LotChange
	for _, lot := range after.Lots {
		if was, _ := before.Lot(lot.ID); was.Remaining != lot.Remaining {
			changes = append(changes, LotChange{Lot: lot, Before: was.Remaining})
		}
	}
	for _, lot := range before.Lots {
		if !slices.ContainsFunc(after.Lots, func(other ledger.Lot) bool { return other.ID == lot.ID }) {
			change := LotChange{Lot: lot, Before: lot.Remaining}
			change.Lot.Remaining = 0
			changes = append(changes, change)
		}
	}
	return changes
}
