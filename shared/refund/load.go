package refund

import (
	"context"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// Subject names what a decision is about, and so what is read for it.
type Subject struct {
	// Case is the case, which may not be there yet.
	Case CaseID
	// Generation is read with the case, "" for none.
	Generation generation.ID
	// Payment is read with the case, "" for none.
	Payment payment.ID
}

// Reported reports whether the case is a report about the generation: what was seen of it may be on
// record. The other case about a generation is that of its failure.
func (s Subject) Reported() bool {
	return s.Generation != "" && s.Case != FailureCaseID(s.Generation)
}

// caseSubject returns the subject of an open case. The generation or payment of a request is a hint
// that saves a read. A generation that cannot be this customer's is dropped.
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

// load reads the subject. Where the case names another generation or payment than the subject, it
// reads once more with the case's own.
func load(ctx context.Context, store loader, subject Subject) (Snapshot, error) {
	snapshot, err := store.LoadDecision(ctx, subject)
	if err != nil || snapshot.Case == nil {
		return snapshot, err
	}
	// The second read is consistent in itself: nothing of the first is mixed with it.
	if own := caseSubject(subject.Case, snapshot.Case.Generation, snapshot.Case.Payment); own != subject {
		return store.LoadDecision(ctx, own)
	}
	return snapshot, nil
}

// Snapshot is what a decision reads at once.
type Snapshot struct {
	// Case is nil when there is none.
	Case *Case
	// Generation is nil when there is none, or the subject names none.
	Generation *generation.Generation
	// Payment is nil when there is none, or the subject names none.
	Payment *payment.Payment
	// Evidence is what was seen of a reported output, nil while nobody has looked.
	Evidence *evidence.Record
	// Wallet is the customer's. Where nobody has written it, it is empty and in good standing.
	Wallet ledger.Wallet
	// Recent are the customer's latest reports of bad results.
	Recent Recent
	// Expired is payment.Snapshot.Expired of a payment that the subject names.
	Expired ledger.Credits
	// Purchases is payment.Snapshot.Recent of a payment that the subject names.
	Purchases payment.Recent
	// Ungranted is payment.Snapshot.Ungranted of a payment that the subject names.
	Ungranted []payment.ID
	// Unrecorded says that the payment is not on record: it is what its provider answered. No store
	// sets it.
	Unrecorded bool
}

// reload returns what the subject names, read once more, but with the case of s. Another commit may
// have decided the case since: with the old case as its condition, our commit finds that out.
func (s Snapshot) reload(ctx context.Context, store loader, subject Subject) (Snapshot, error) {
	with, err := store.LoadDecision(ctx, subject)
	with.Case = s.Case
	return with, err
}

// purchase returns what was read of the payment, as the payment's own commit takes it.
func (s Snapshot) purchase() payment.Snapshot {
	snapshot := payment.Snapshot{Payment: s.Payment, Wallet: s.Wallet, Expired: s.Expired, Recent: s.Purchases, Ungranted: s.Ungranted}
	// The commit must create the payment: as nil, it fails where a webhook has recorded it since.
	if s.Unrecorded {
		snapshot.Payment = nil
	}
	return snapshot
}
