package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/refund"
)

// LoadDecision implements refund.Decisions and refund.Reviews: one call for all that a verdict
// rests on.
func (s *Store) LoadDecision(ctx context.Context, subject refund.Subject) (refund.Snapshot, error) {
	customerKey := subject.Case.CustomerKey()
	// The wallet and the recent requests are read even where the verdict may not need them: one
	// call for all is cheaper than a second one.
	refs := []ref{s.caseRef(subject.Case), s.walletRef(customerKey), s.recentRef(customerKey)}
	var about, seen, payAt, lot, purchases ref
	if subject.Generation != "" {
		about = s.generationRef(subject.Generation)
		refs = append(refs, about)
	}
	// What was seen is of reports alone: a failure, which is the usual case, reads no more.
	if subject.Reported() {
		seen = s.seenRef(subject.Case)
		refs = append(refs, seen)
	}
	// What stands expired of the payment's lot and the customer's purchases decide how much is
	// unspent.
	if subject.Payment != "" {
		payAt, lot, purchases = s.paymentRef(subject.Payment), s.lotRef(customerKey, subject.Payment.Lot()), s.purchasesRef(customerKey)
		refs = append(refs, payAt, lot, purchases)
	}
	rows, err := s.get(ctx, refs...)
	if err != nil {
		return refund.Snapshot{}, fault.At("dynamo.LoadDecision", string(subject.Case), err)
	}
	// A reference that was not asked for is the zero one, which finds no row below.
	byRef := map[ref]item{}
	for i, at := range refs {
		byRef[at] = rows[i]
	}
	var snapshot refund.Snapshot
	var faults [7]error
	snapshot.Case, faults[0] = decodeCase(rows[0])
	snapshot.Generation, faults[1] = decodeGeneration(byRef[about])
	snapshot.Payment, faults[2] = decodePayment(byRef[payAt])
	snapshot.Recent, faults[3] = decodeRecent(rows[2])
	snapshot.Expired = byRef[lot].credits(attrExpired)
	snapshot.Purchases, faults[4] = decodePurchases(byRef[purchases])
	snapshot.Ungranted = decodeIDs(byRef[purchases].list(attrUngranted))
	snapshot.Evidence, faults[6] = decodeEvidence(byRef[seen])
	snapshot.Wallet, faults[5] = decodeWallet(rows[1], owner(snapshot, customerKey))
	return snapshot, errors.Join(faults[:]...)
}

// owner returns whose matter it is, "" when nothing of it is on record. A payment may be another
// customer's than the case's.
func owner(snapshot refund.Snapshot, customerKey string) ledger.CustomerID {
	switch p := snapshot.Payment; {
	// The case says it where there is one; else what the case will be about does.
	case snapshot.Case != nil:
		return snapshot.Case.Customer
	case snapshot.Generation != nil:
		return snapshot.Generation.Customer
	case p != nil && p.Customer().Key() == customerKey:
		return p.Customer()
	}
	return ""
}

// CommitDecision implements refund.Decisions.
func (s *Store) CommitDecision(ctx context.Context, effect refund.Effect) error {
	writes := append(s.keepFinal(effect), s.writeCase(effect.Before, effect.Case))
	// The credits move in the same commit as the verdict: neither is ever seen without the other.
	lines, err := s.writePosting(effect.Posting, nil)
	if err != nil {
		return fault.At("dynamo.CommitDecision", string(effect.Case.ID), err)
	}
	writes = append(writes, lines...)
	if change := effect.Generation; change != nil {
		write, err := s.writeGeneration(change.Before, change.After)
		if err != nil {
			return fault.At("dynamo.CommitDecision", string(effect.Case.ID), err)
		}
		writes = append(writes, write)
	}
	// The limits count this request from now on, and only if nobody else was counted meanwhile.
	if effect.Recent != nil {
		writes = append(writes, writeRecent(effect).inTransaction(s.recentRef(effect.Case.ID.CustomerKey())))
	}
	// The promise of money is written to the payment here, so that no second case gives it back
	// too.
	if change := effect.Payment; change != nil {
		rows, err := s.writeChange(change.Read, change.Change)
		if err != nil {
			return fault.At("dynamo.CommitDecision", string(effect.Case.ID), err)
		}
		writes = append(writes, rows...)
	}
	if finding := effect.Finding; finding != nil {
		writes = append(writes, s.writeFinding(*finding))
	}
	// One write more, of the share of verdicts that a person looks at again.
	if look := effect.SecondLook; look != nil {
		writes = append(writes, s.writeLook(*look))
	}
	// What the verdict only rests on is checked in the same commit and left alone.
	return fault.At("dynamo.CommitDecision", string(effect.Case.ID), s.transact(ctx, append(writes, s.restOn(effect)...)))
}

// restOn returns the conditions on what the effect rests on and leaves alone.
func (s *Store) restOn(effect refund.Effect) []types.TransactWriteItem {
	var checks []types.TransactWriteItem
	// A remedy that is computed from a balance holds only while that is the balance.
	if wallet := effect.Unmoved; wallet != nil {
		checks = append(checks, guardWallet(*wallet).check(s.walletRef(effect.Case.ID.CustomerKey())))
	}
	// A duplicate is one only while its original is as it was read.
	if original := effect.Original; original != nil {
		u := newUpdate()
		u.requireEqual(attrVersion, number(original.Version))
		checks = append(checks, u.check(s.paymentRef(original.ID)))
	}
	// A picture that was downloaded since the decision was computed may be no bad result any more.
	if used := effect.Used; used != nil {
		checks = append(checks, guardUses(*used).check(s.generationRef(used.ID)))
	}
	return checks
}

// writeCase creates the case, or takes it from the state, the appeal, the rulings and the todo of
// before to its verdict: a notice that was told meanwhile is not owed anew. What was asked stays as
// it is, erased or not.
func (s *Store) writeCase(before *refund.Case, after refund.Case) types.TransactWriteItem {
	if before == nil {
		return create(s.tables.Cases, s.newCaseRow(after))
	}
	// A recorded verdict changes only from the state that it was computed on.
	u := updateCase(*before)
	u.replace(encodeCase(after), verdictAttributes...)
	return u.inTransaction(s.caseRef(after.ID))
}

// updateCase returns an update of the case if it stands as it was read.
func updateCase(before refund.Case) *update {
	u := newUpdate()
	u.requireEqual(attrState, text(string(before.State)))
	// The attributes below are compared; the decision is none of them and is long to encode.
	before.Decision = nil // nothing of it is asked
	prior := encodeCase(before)
	u.requireSame(attrAppealedAt, prior[attrAppealedAt])
	u.requireSame(attrRuling, prior[attrRuling])
	u.requireSame(attrOverruled, prior[attrOverruled])
	u.requireSame(attrProposed, prior[attrProposed])
	u.requireSame(attrTodo, prior[attrTodo])
	return u
}

// CountGenerations implements refund.Decisions: a count of keys, not a read of generations.
func (s *Store) CountGenerations(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) (int, error) {
	_, count, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Generations), IndexName: aws.String(indexHistory), Select: types.SelectCount,
		KeyConditionExpression:    aws.String("pk = :pk AND " + attrStartedAt + " >= :since"),
		ExpressionAttributeValues: item{":pk": text(customer.Key()), ":since": instant(since)},
	}, limit)
	return min(count, limit), err
}

// maxLines bounds how many lines of one customer and one millisecond are read: many times what one
// commit writes.
const maxLines = 1000

// GrantedBy implements refund.Decisions: an entry's id begins with its instant, so the lines of a
// millisecond lie together.
func (s *Store) GrantedBy(ctx context.Context, customer ledger.CustomerID, lot ledger.LotID, at time.Time) (payment.ID, error) {
	key := customer.Key()
	lines, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Entries), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :at)"),
		ExpressionAttributeValues: item{":pk": text(key), ":at": text(sortableInstant(at))},
	}, maxLines)
	// One commit may grant several lots: the line of this one names its payment.
	for _, line := range lines {
		if entry := decodeEntry(line); entry.Movement == ledger.MovementGrant && entry.Lot == lot {
			return payment.ID(entry.Cause.Payment), err
		}
	}
	return "", fault.At("dynamo.GrantedBy", key, err)
}

// sortableInstant returns at as thirteen digits, which sort as time does; what lies before 1970
// sorts before them.
func sortableInstant(at time.Time) string { return fmt.Sprintf("%013d", at.UnixMilli()) }
