package dynamo

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

// paymentRow is all that is known of a payment but for what stands beside the document: see
// encodePayment. A resolution keeps an earlier payment whole, with those too.
type paymentRow struct {
	ID            payment.ID            `json:"id"`
	Provider      string                `json:"provider"`
	State         payment.State         `json:"state"`
	Parked        payment.Reason        `json:"parked,omitempty"`
	Aliases       []payment.ID          `json:"aliases,omitempty"`
	Purchase      *purchaseRow          `json:"purchase,omitempty"`
	Refunds       map[string]refundRow  `json:"refunds,omitempty"`
	Disputes      map[string]disputeRow `json:"disputes,omitempty"`
	Unclear       map[string]unclearRow `json:"unclear,omitempty"`
	KnownAt       map[string]time.Time  `json:"known_at,omitempty"`
	Others        map[string]othersRow  `json:"others,omitempty"`
	More          bool                  `json:"more,omitempty"`
	RefundedInAll int64                 `json:"refunded_in_all,omitempty"`
	GrantedAt     time.Time             `json:"granted_at,omitzero"`
	MovedAt       time.Time             `json:"moved_at,omitzero"`
	LookedUp      int64                 `json:"looked_up,omitempty"`
	Promised      map[string]promiseRow `json:"promised,omitempty"`
	Repeats       []payment.ID          `json:"repeats,omitempty"`
	RepeatedBy    []payment.ID          `json:"repeated_by,omitempty"`
	Twice         bool                  `json:"twice,omitempty"`
	Repay         bool                  `json:"repay,omitempty"`
	Resolutions   []resolutionRow       `json:"resolutions,omitempty"`
	WaitsSince    time.Time             `json:"waits_since,omitzero"`
	Claims        []openClaimRow        `json:"claims,omitempty"`
	Clawback      clawbackRow           `json:"taking,omitzero"`
	Todo          todo.List             `json:"todo,omitempty"`
	Attempts      int                   `json:"attempts,omitempty"`
}

func newPaymentRow(p payment.Payment) paymentRow {
	return paymentRow{
		ID: p.ID, Provider: p.Provider, State: p.State, Parked: p.Parked, Aliases: p.Aliases,
		Purchase: pointerTo(p.Purchase, newPurchaseRow),
		Refunds:  valuesOf(p.Refunds, newRefundRow),
		Disputes: valuesOf(p.Disputes, newDisputeRow),
		Unclear:  valuesOf(p.Unclear, newUnclearRow),
		KnownAt:  p.KnownAt,
		Others:   valuesOf(p.Others, newOthersRow),
		More:     p.More, RefundedInAll: p.RefundedInAll, GrantedAt: p.GrantedAt, MovedAt: p.MovedAt, LookedUp: p.LookedUp,
		Promised: valuesOf(p.Promised, newPromiseRow),
		Repeats:  p.DuplicateOf, RepeatedBy: p.DuplicatedBy, Twice: p.Duplicate, Repay: p.Repay,
		Resolutions: eachOf(p.Resolutions, newResolutionRow),
		WaitsSince:  p.WaitsSince,
		Claims:      eachOf(p.Claims, newOpenClaimRow),
		Clawback:    newClawbackRow(p.Clawback),
		Todo:        p.Todo, Attempts: p.Attempts,
	}
}

func (r paymentRow) payment() payment.Payment {
	return payment.Payment{
		ID: r.ID, Provider: r.Provider, State: r.State, Parked: r.Parked, Aliases: r.Aliases,
		Purchase: pointerTo(r.Purchase, purchaseRow.purchase),
		Refunds:  valuesOf(r.Refunds, refundRow.refund),
		Disputes: valuesOf(r.Disputes, disputeRow.dispute),
		Unclear:  valuesOf(r.Unclear, unclearRow.unclear),
		KnownAt:  r.KnownAt,
		Others:   valuesOf(r.Others, othersRow.others),
		More:     r.More, RefundedInAll: r.RefundedInAll, GrantedAt: r.GrantedAt, MovedAt: r.MovedAt, LookedUp: r.LookedUp,
		Promised:    valuesOf(r.Promised, promiseRow.promise),
		DuplicateOf: r.Repeats, DuplicatedBy: r.RepeatedBy, Duplicate: r.Twice, Repay: r.Repay,
		Resolutions: eachOf(r.Resolutions, resolutionRow.resolution),
		WaitsSince:  r.WaitsSince,
		Claims:      eachOf(r.Claims, openClaimRow.claim),
		Clawback:    r.Clawback.clawback(),
		Todo:        r.Todo, Attempts: r.Attempts,
	}
}

// promiseRow is what an approved case gives back of a payment.
type promiseRow struct {
	Minor    int64            `json:"minor"`
	Credits  ledger.Credits   `json:"credits,omitempty"`
	Money    bool             `json:"money,omitempty"`
	Attempts int              `json:"attempts,omitempty"`
	GivenUp  int              `json:"given_up,omitempty"`
	Keys     int              `json:"keys,omitempty"`
	Note     string           `json:"note,omitempty"`
	Synced   payment.Progress `json:"told,omitempty"`
	Before   int64            `json:"before,omitempty"`
}

func newPromiseRow(p payment.Promise) promiseRow {
	return promiseRow{
		Minor: p.Minor, Credits: p.Credits, Money: p.Money, Attempts: p.Attempts, GivenUp: p.GivenUp, Keys: p.Keys, Note: p.Note,
		Synced: p.Synced, Before: p.ExternalBaseline,
	}
}

func (r promiseRow) promise() payment.Promise {
	return payment.Promise{
		Minor: r.Minor, Credits: r.Credits, Money: r.Money, Attempts: r.Attempts, GivenUp: r.GivenUp, Keys: r.Keys, Note: r.Note,
		Synced: r.Synced, ExternalBaseline: r.Before,
	}
}

// resolutionRow is what staff decided of a payment that waited for them.
type resolutionRow struct {
	Action      payment.Action    `json:"action"`
	Reason      payment.Reason    `json:"reason"`
	Note        string            `json:"note"`
	By          string            `json:"by,omitempty"`
	Customer    ledger.CustomerID `json:"customer,omitempty"`
	Package     string            `json:"package,omitempty"`
	At          time.Time         `json:"at"`
	Key         string            `json:"key,omitempty"`
	Input       string            `json:"input,omitempty"`
	Undone      bool              `json:"undone,omitempty"`
	After       *paymentRow       `json:"after,omitempty"`
	UndoneAmong int               `json:"undone_among,omitempty"`
}

func newResolutionRow(r payment.Resolution) resolutionRow {
	return resolutionRow{
		Action: r.Action, Reason: r.Reason, Note: r.Note, By: r.By, Customer: r.Customer, Package: r.Package, At: r.At,
		Key: r.Key, Input: r.Input, Undone: r.Undone, After: pointerTo(r.After, newPaymentRow), UndoneAmong: r.UndoneAmong,
	}
}

func (r resolutionRow) resolution() payment.Resolution {
	return payment.Resolution{
		Action: r.Action, Reason: r.Reason, Note: r.Note, By: r.By, Customer: r.Customer, Package: r.Package, At: r.At,
		Key: r.Key, Input: r.Input, Undone: r.Undone, After: pointerTo(r.After, paymentRow.payment), UndoneAmong: r.UndoneAmong,
	}
}

// openClaimRow is a case in review about a payment that waits for staff.
type openClaimRow struct {
	Case   string `json:"case"`
	Paying bool   `json:"paying,omitempty"`
}

func newOpenClaimRow(c payment.OpenClaim) openClaimRow {
	return openClaimRow{Case: c.Case, Paying: c.Paying}
}

func (r openClaimRow) claim() payment.OpenClaim {
	return payment.OpenClaim{Case: r.Case, Paying: r.Paying}
}

// clawbackRow is what was taken back of a payment's credits, named as lotRow is. Its DebtPaid is in
// the document of a resolution alone: of the payment itself, other steps append to an attribute.
type clawbackRow struct {
	Payment  string         `json:"Payment"`
	Lot      lotRow         `json:"Lot"`
	Granted  ledger.Credits `json:"Granted"`
	OwnLot   ledger.Credits `json:"OwnLot"`
	Expired  ledger.Credits `json:"Expired"`
	Others   []drawRow      `json:"Others"`
	Owed     ledger.Credits `json:"Owed"`
	DebtPaid []drawRow      `json:"DebtPaid"`
	Covered  []stretchRow   `json:"Covered"`
}

type stretchRow struct {
	From    ledger.Credits `json:"From"`
	Credits ledger.Credits `json:"Credits"`
}

func newClawbackRow(c ledger.Clawback) clawbackRow {
	return clawbackRow{
		Payment: c.Payment, Lot: newLotRow(c.Lot), Granted: c.Granted, OwnLot: c.OwnLot, Expired: c.Expired,
		Others: eachOf(c.Others, newDrawRow), Owed: c.Owed, DebtPaid: eachOf(c.DebtPaid, newDrawRow),
		Covered: eachOf(c.Covered, func(s ledger.Stretch) stretchRow { return stretchRow(s) }),
	}
}

func (r clawbackRow) clawback() ledger.Clawback {
	return ledger.Clawback{
		Payment: r.Payment, Lot: r.Lot.lot(), Granted: r.Granted, OwnLot: r.OwnLot, Expired: r.Expired,
		Others: eachOf(r.Others, drawRow.draw), Owed: r.Owed, DebtPaid: eachOf(r.DebtPaid, drawRow.draw),
		Covered: eachOf(r.Covered, func(s stretchRow) ledger.Stretch { return ledger.Stretch(s) }),
	}
}
