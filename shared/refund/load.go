package refund

import (
	"context"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// Subject names what a decision is about, and so what is read for it.
type Subject struct {
	// Case is the case, which may not be there yet.
	Case CaseID
	// Generation and Payment are read with it where they are named, "" where not.
	Generation generation.ID
	Payment    payment.ID
}

// caseSubject returns the subject of an open case. What a request says of its generation or payment
// is a hint that saves a read: one that cannot be this customer's generation is dropped.
func caseSubject(id CaseID, generationID, paymentID string) Subject {
	subject := Subject{Case: id, Payment: payment.ID(paymentID)}
	if g, err := generation.ParseID(generationID); err == nil && g.CustomerKey() == id.CustomerKey() {
		subject.Generation = g
	}
	return subject
}

// loader is the part of both ports that reads a subject.
type loader interface {
	LoadDecision(ctx context.Context, subject Subject) (Snapshot, error)
}

// load reads the subject. Where the case names another generation or payment than the subject did,
// it reads once more with the case's own: what a request says of them is only a hint.
func load(ctx context.Context, store loader, subject Subject) (Snapshot, error) {
	snapshot, err := store.LoadDecision(ctx, subject)
	if err != nil || snapshot.Case == nil {
		return snapshot, err
	}
	if own := caseSubject(subject.Case, snapshot.Case.Generation, snapshot.Case.Payment); own != subject {
		return store.LoadDecision(ctx, own)
	}
	return snapshot, nil
}

// Snapshot is what a decision reads at once.
type Snapshot struct {
	// Case, Generation and Payment are nil when there is none.
	Case       *Case
	Generation *generation.Generation
	Payment    *payment.Payment
	// Wallet is the customer's, the zero one in good standing where nobody has written it.
	Wallet ledger.Wallet
	// Recent are the customer's latest reports of bad results.
	Recent Recent
	// Expired, Purchases and Ungranted are the Expired, Recent and Ungranted of payment.Snapshot,
	// where the subject names a payment.
	Expired   ledger.Credits
	Purchases payment.Recent
	Ungranted []payment.ID
	// Unrecorded says that the payment is not on record: it is what its provider said when it was
	// asked. No store sets it.
	Unrecorded bool
}

// reload returns what the subject names, read once more, with the case as it stands in s: should
// another have decided it since, the commit must find that out.
func (s Snapshot) reload(ctx context.Context, store loader, subject Subject) (Snapshot, error) {
	with, err := store.LoadDecision(ctx, subject)
	with.Case = s.Case
	return with, err
}

// purchase returns what was read of the payment.
func (s Snapshot) purchase() payment.Snapshot {
	snapshot := payment.Snapshot{Payment: s.Payment, Wallet: s.Wallet, Expired: s.Expired, Recent: s.Purchases, Ungranted: s.Ungranted}
	if s.Unrecorded {
		snapshot.Payment = nil
	}
	return snapshot
}
