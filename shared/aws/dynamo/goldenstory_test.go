package dynamo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/aws/dynamo"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/golden"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// writeRows fills the tables: each row is made by the call that makes it in life.
func writeRows(t *testing.T, store *dynamo.Store) {
	t.Helper()
	writeWallets(t, store)
	writeGenerations(t, store)
	writeCases(t, store)
	writeReviews(t, store)
	writeEvidence(t, store)
	writeLooks(t, store)
	ctx := t.Context()
	_, err := store.DeclareOutage(ctx, golden.Outage())
	require.NoError(t, err)
	_, err = store.MakeOffer(ctx, golden.Offer())
	require.NoError(t, err)
	first := golden.PollState()
	first.Version = 0
	require.NoError(t, store.SavePollState(ctx, "stripe", first))
}

// alicesGrant gives alice a lot of each source, alicesExpiry ends one of them.
func alicesGrant(t *testing.T) ledger.Posting {
	t.Helper()
	wallet := ledger.Wallet{Customer: golden.Alice, Standing: ledger.StandingGood}
	var posting ledger.Posting
	for i, source := range []ledger.Source{ledger.SourcePurchase, ledger.SourceAllowance, ledger.SourcePromotion, ledger.SourceGoodwill} {
		lot := ledger.Lot{ID: ledger.NewLotID("golden", string(source)), Source: source, Granted: ledger.Credits(10 * (i + 1))}
		if i > 0 {
			lot.ExpiresAt = golden.Hour(10 * i)
		}
		granted, _, err := ledger.Grant(wallet, lot, golden.Cause("granted_as_"+string(source)), golden.Hour(2))
		require.NoError(t, err)
		if i > 0 {
			granted = posting.Then(granted)
		}
		posting, wallet = granted, granted.After
	}
	return posting
}

func alicesExpiry(t *testing.T) ledger.Posting {
	t.Helper()
	return ledger.Expire(alicesGrant(t).Stored(), golden.Hour(11))
}

// bobsDebts has bob owe for two payments, bobsGrant pays the first of them.
func bobsDebts() ledger.Posting {
	debts := ledger.Posting{
		At:     golden.Hour(1),
		Before: ledger.Wallet{Customer: golden.Bob, Standing: ledger.StandingGood},
		After: ledger.Wallet{
			Customer: golden.Bob, Standing: ledger.StandingGood, Debts: []ledger.Debt{{Payment: "pi_full", Credits: 5}, {Payment: "pi_other", Credits: 3}},
		},
	}
	for i, debt := range debts.After.Debts {
		debts.Entries = append(debts.Entries, ledger.Entry{
			ID: []string{"entry-1", "entry-2"}[i], Customer: golden.Bob, At: golden.Hour(1), Movement: ledger.MovementShortfall, From: ledger.Owed, To: ledger.Issued,
			Credits: debt.Credits, Cause: ledger.Cause{Reason: "payment_refund", Payment: debt.Payment},
		})
	}
	return debts
}

func bobsGrant(t *testing.T) ledger.Posting {
	t.Helper()
	lot := ledger.Lot{ID: ledger.NewLotID("golden", "bob"), Source: ledger.SourceGoodwill, Granted: 5}
	posting, _, err := ledger.Grant(bobsDebts().Stored(), lot, golden.Cause("goodwill"), golden.Hour(3))
	require.NoError(t, err)
	require.Len(t, posting.DebtsPaid, 1)
	return posting
}

// judgedWallet is bob's once his standing has changed; his debt took the only lot.
func judgedWallet(t *testing.T) ledger.Wallet {
	t.Helper()
	wallet := bobsGrant(t).Stored()
	require.Empty(t, wallet.Lots)
	wallet.Standing, wallet.Lots = golden.StandingChange().Standing, nil
	return wallet
}

func writeWallets(t *testing.T, store *dynamo.Store) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, store.CommitGrant(ctx, golden.Grant(golden.Alice, "1"), alicesGrant(t)))
	require.NoError(t, store.CommitExpiry(ctx, alicesExpiry(t)))
	read := payment.Snapshot{Wallet: bobsDebts().Before}
	change := payment.Change{After: golden.Payment(), Posting: bobsDebts(), Recent: golden.RecentPurchases(), Ungranted: []payment.ID{"pi_full"}}
	require.NoError(t, store.CommitPayment(ctx, read, change))
	require.NoError(t, store.CommitGrant(ctx, golden.Grant(golden.Bob, "2"), bobsGrant(t)))
	require.NoError(t, store.CommitStanding(ctx, bobsGrant(t).Stored(), golden.StandingChange(), todo.List{todo.StepStand: golden.Hour(8)}))
	claimed, err := store.ClaimChangeMail(ctx, standing.NewID(golden.Bob.Key(), golden.StandingChange().At), "worker-1", golden.Hour(8))
	require.NoError(t, err)
	require.True(t, claimed)
}

func writeGenerations(t *testing.T, store *dynamo.Store) {
	t.Helper()
	ctx := t.Context()
	wallet := alicesExpiry(t).Stored()
	require.NoError(t, store.CommitStart(ctx, golden.Generation(), ledger.Posting{Before: wallet, After: wallet}))
	require.NoError(t, store.CommitStart(ctx, golden.OpenGeneration(), ledger.Posting{Before: wallet, After: wallet}))
	record := generation.Record{Result: golden.Result(), Hash: "hash of the result", Came: 1, At: golden.Hour(4)}
	_, err := store.RecordResult(ctx, golden.OpenGeneration().ID, record)
	require.NoError(t, err)
	require.NoError(t, store.RecordLate(ctx, golden.OpenGeneration().ID, *golden.Generation().Late))
	require.NoError(t, store.RecordUse(ctx, golden.OpenGeneration(), usedGeneration()))
}

// usedGeneration is the open one once its result, a late one and a use are recorded.
func usedGeneration() generation.Generation {
	g, result := golden.OpenGeneration(), golden.Result()
	g.State, g.RecordedAt, g.CapturedAt, g.Result, g.Hash, g.Todo = generation.StateCaptured, golden.Hour(4), golden.Hour(4), &result, "hash of the result", nil
	g.Late, g.Uses = golden.Generation().Late, []generation.Use{golden.Use(0)}
	return g
}

// appealedCase is the case of that subject once it was appealed.
func appealedCase() refund.Case {
	c := golden.WaitingCase("appealed")
	c.Statement, c.Appeal = golden.Statement(), &refund.Appeal{At: golden.Hour(6), Origin: origin.Origin{Key: "hash of an appeal's key", Input: "hash of an appeal"}}
	return c
}

// ruledCase is the case of that subject once staff have ruled.
func ruledCase() refund.Case {
	c, ruling := golden.WaitingCase("ruled"), golden.Ruling("operator")
	c.Ruling, c.ReviewBy, c.Todo = &ruling, time.Time{}, todo.List{todo.StepRefund: golden.Hour(12)}
	return c
}

func writeCases(t *testing.T, store *dynamo.Store) {
	t.Helper()
	ctx := t.Context()
	for _, opened := range []attachment.Attachment{golden.OpenAttachment(), golden.Attachment()} {
		_, err := store.OpenAttachment(ctx, opened, attachment.MaxOpened)
		require.NoError(t, err)
	}
	for _, opened := range []refund.Case{golden.Case(), golden.WaitingCase("appealed"), golden.WaitingCase("ruled"), golden.WaitingCase("stuck")} {
		_, err := store.OpenCase(ctx, opened)
		require.NoError(t, err)
	}
	_, err := store.OpenClaim(ctx, golden.WaitingCase("claimed"), refund.MaxClaims)
	require.NoError(t, err)
	require.NoError(t, store.RecordAppeal(ctx, golden.WaitingCase("appealed"), appealedCase(), refund.MaxAppeals))
	require.NoError(t, store.RecordRuling(ctx, golden.WaitingCase("ruled"), golden.Ruling("operator"), golden.Hour(12)))
	claimed, err := store.ClaimMail(ctx, golden.Case().ID, golden.Case().Owed()[0], "worker-1", golden.Hour(11))
	require.NoError(t, err)
	require.True(t, claimed)
}

// recentRequests are bob's.
func recentRequests() refund.Recent {
	return refund.Recent{{Case: golden.CaseID("full"), At: golden.Hour(5), Refunded: true}, {Case: golden.CaseID("upheld"), At: golden.Hour(6)}}
}

func writeReviews(t *testing.T, store *dynamo.Store) {
	t.Helper()
	ctx := t.Context()
	_, err := store.MarkRead(ctx, golden.Bob, golden.Hour(22))
	require.NoError(t, err)
	require.NoError(t, store.RecordViews(ctx, "operator", nil, []refund.SavedView{{Name: "late", Filter: "due=late"}}))
	for subject, finding := range map[string]refund.Finding{"upheld": refund.FindingUpheld, "overturned": refund.FindingOverturned} {
		effect := refund.Effect{
			Case: golden.WaitingCase(subject), Finding: &refund.AppealFinding{Policy: "photoroom", Clause: "P5.3", Finding: finding},
		}
		if finding == refund.FindingUpheld {
			effect.Recent, effect.NearUntil = &refund.Change[refund.Recent]{After: recentRequests()}, golden.Hour(99)
		}
		require.NoError(t, store.CommitDecision(ctx, effect))
	}
	stuck, err := store.LoadItem(ctx, stuckKey())
	require.NoError(t, err)
	require.NoError(t, store.Strand(ctx, *stuck, golden.Hour(21), time.Time{}))
}

func stuckKey() due.Key {
	return due.Key{Kind: todo.KindCase, Partition: golden.Bob.Key(), Sort: string(golden.CaseID("stuck"))}
}

// reading is a test of rows that this code wrote, or a former release.
type reading struct {
	*testing.T

	release string // "" for this code
}

// equal requires what was written, but for fields that rows of the release do not have.
func (t reading) equal(want, got any) {
	t.Helper()
	require.Equal(t.T, golden.Former(t.release, want), got)
}

// readRows holds what the store reads against what was written by that release, "" for this code.
func readRows(t *testing.T, store *dynamo.Store, release string) {
	t.Helper()
	t.Run("wallets", func(t *testing.T) { readWallets(reading{t, release}, store) })
	t.Run("payments", func(t *testing.T) { readPayments(reading{t, release}, store) })
	t.Run("generations", func(t *testing.T) { readGenerations(reading{t, release}, store) })
	t.Run("cases", func(t *testing.T) { readCases(reading{t, release}, store) })
	t.Run("reviews", func(t *testing.T) { readReviews(reading{t, release}, store) })
	t.Run("evidence", func(t *testing.T) { readEvidence(reading{t, release}, store) })
	t.Run("looks", func(t *testing.T) { readLooks(reading{t, release}, store) })
	t.Run("outages", func(t *testing.T) { readOutages(reading{t, release}, store) })
}

func readWallets(t reading, store *dynamo.Store) {
	ctx := t.Context()
	wallet, recorded, err := store.LoadGrant(ctx, golden.Alice, golden.Grant(golden.Alice, "1").ID)
	require.NoError(t, err)
	t.equal(alicesExpiry(t.T).Stored(), wallet)
	t.equal(golden.Grant(golden.Alice, "1"), *recorded)
	wallet, changes, err := store.LoadStanding(ctx, golden.Bob)
	require.NoError(t, err)
	t.equal(judgedWallet(t.T), wallet)
	line := golden.StandingChange()
	line.Locale = "" // what the customer reads stands with what they are told
	t.equal([]standing.Change{line}, changes)
	told, err := store.FindChange(ctx, standing.NewID(golden.Bob.Key(), golden.StandingChange().At))
	require.NoError(t, err)
	untold := golden.StandingChange()
	untold.Note, untold.By = "", ""
	t.equal(&standing.ChangeRecord{
		ID: standing.NewID(golden.Bob.Key(), golden.StandingChange().At), Customer: golden.Bob, Change: untold, Todo: todo.List{todo.StepStand: golden.Hour(8)},
	}, told)
	for customer, want := range map[ledger.CustomerID][]ledger.Entry{
		golden.Alice: append(alicesGrant(t.T).Entries, alicesExpiry(t.T).Entries...), golden.Bob: append(bobsDebts().Entries, bobsGrant(t.T).Entries...),
	} {
		entries, _, err := store.ListEntries(ctx, customer, "", 100)
		require.NoError(t, err)
		require.ElementsMatch(t, golden.Former(t.release, want), entries)
	}
}

func readPayments(t reading, store *dynamo.Store) {
	ctx := t.Context()
	snapshot, err := store.LoadPayment(ctx, "pi_full", "")
	require.NoError(t, err)
	want := golden.Payment()
	want.Version++ // bob's grant has paid of its debt
	want.Clawback.DebtPaid = append(want.Clawback.DebtPaid, bobsGrant(t.T).DebtsPaid[0].Draw)
	t.equal(want, *snapshot.Payment)
	t.equal(golden.RecentPurchases(), snapshot.Recent)
	t.equal([]payment.ID{"pi_full"}, snapshot.Ungranted)
	named, err := store.FindNamed(ctx, "ch_full")
	require.NoError(t, err)
	t.equal([]payment.Payment{want}, named)
	mark, err := store.LoadPollState(ctx, "stripe")
	require.NoError(t, err)
	t.equal(golden.PollState(), mark)
	waiting, _, err := store.ListWaiting(ctx, want.ReviewQueue(), nil, 10)
	require.NoError(t, err)
	t.equal([]payment.Payment{want}, waiting)
}

func readGenerations(t reading, store *dynamo.Store) {
	ctx := t.Context()
	found, err := store.FindGenerations(ctx, golden.Generation().ID, usedGeneration().ID)
	require.NoError(t, err)
	t.equal([]generation.Generation{golden.Generation(), usedGeneration()}, found)
	costs, err := store.ListCosts(ctx, golden.Alice)
	require.NoError(t, err)
	t.equal([]generation.MonthCost{{Month: "2026-03", Currency: "USD", Micros: 39500, Generations: 1}}, costs)
	listed, _, err := store.ListGenerations(ctx, golden.Alice, nil, 10)
	require.NoError(t, err)
	require.ElementsMatch(t, found, listed)
}

func readCases(t reading, store *dynamo.Store) {
	ctx := t.Context()
	stuck := golden.WaitingCase("stuck")
	for _, want := range []refund.Case{golden.Case(), appealedCase(), ruledCase(), golden.WaitingCase("claimed"), golden.WaitingCase("upheld"), stuck} {
		found, err := store.FindCase(ctx, want.ID)
		require.NoError(t, err)
		t.equal(&want, found)
	}
	readAttachments(t, store)
	snapshot, err := store.LoadDecision(ctx, refund.Subject{Case: golden.Case().ID})
	require.NoError(t, err)
	t.equal(recentRequests(), snapshot.Recent)
	items, _, err := store.Stuck(ctx, nil, 10)
	require.NoError(t, err)
	key := stuckKey()
	key.At = golden.Hour(21)
	t.equal([]due.Item{{Key: key, Todo: stuck.Todo, Customer: golden.Bob}}, items)
	claimed, err := store.ClaimMail(ctx, golden.Case().ID, golden.Case().Owed()[0], "worker-2", golden.Hour(99))
	require.NoError(t, err)
	require.False(t, claimed, "worker-1 claimed it")
}

// readAttachments reads one as it was opened, and one that its case took.
func readAttachments(t reading, store *dynamo.Store) {
	if t.release == "2026-11-30" {
		return // it has no such rows
	}
	taken := golden.OpenAttachment()
	taken.Case, taken.Todo = string(golden.Case().ID), nil
	found, err := store.FindAttachments(t.Context(), taken.ID, golden.Attachment().ID)
	require.NoError(t, err)
	t.equal([]attachment.Attachment{taken, golden.Attachment()}, found)
}

func readReviews(t reading, store *dynamo.Store) {
	ctx := t.Context()
	tallies, err := store.ListAppeals(ctx)
	require.NoError(t, err)
	t.equal([]refund.AppealTally{{Policy: "photoroom", Clause: "P5.3", Upheld: 1, Overturned: 1}}, tallies)
	if t.release == "" {
		read, err := store.FindRead(ctx, golden.Bob)
		require.NoError(t, err)
		require.Equal(t, golden.Hour(22), read)
	}
	waiting, _, err := store.ListReview(ctx, nil, 10)
	require.NoError(t, err)
	require.Len(t, waiting, 5)
	near, _, err := store.ListFrequent(ctx, golden.Hour(50), "", 10)
	require.NoError(t, err)
	t.equal([]refund.Frequent{{Customer: golden.Bob, Standing: golden.StandingChange().Standing, Recent: recentRequests()}}, near)
	_, err = store.OpenClaim(ctx, golden.WaitingCase("second claim of the day"), 1)
	require.Error(t, err, "the day's first claim is counted")
}

func readOutages(t reading, store *dynamo.Store) {
	ctx := t.Context()
	declared, err := store.FindOutage(ctx, golden.Outage().ID)
	require.NoError(t, err)
	want := golden.Outage()
	t.equal(&want, declared)
	offer, err := store.FindOffer(ctx, golden.Offer().ID)
	require.NoError(t, err)
	offered := golden.Offer()
	t.equal(&offered, offer)
}

// writeEvidence has a reported case looked at.
func writeEvidence(t *testing.T, store *dynamo.Store) {
	t.Helper()
	current, err := store.OpenCase(t.Context(), golden.ReportedCase())
	require.NoError(t, err)
	require.Nil(t, current)
	imprint := golden.Imprint()
	require.NoError(t, store.RecordEvidence(t.Context(), golden.ReportedCase().ID, golden.EvidenceRecord(), &imprint, todo.List{todo.StepRefund: golden.Hour(7)}))
}

func readEvidence(t reading, store *dynamo.Store) {
	if !keeps(t.T, t.release, "evidence") {
		t.Skip("the release has no such rows")
	}
	want := golden.ReportedCase()
	want.Todo, want.Attempts = todo.List{todo.StepRefund: golden.Hour(7)}, 0
	snapshot, err := store.LoadDecision(t.Context(), refund.Subject{Case: want.ID, Generation: generation.ID(want.Generation)})
	require.NoError(t, err)
	t.equal(want, *snapshot.Case)
	t.equal(golden.EvidenceRecord(), *snapshot.Evidence)
	imprint := golden.Imprint()
	imprints, err := store.FindImprints(t.Context(), imprint.SHA256, imprint.Print)
	require.NoError(t, err)
	require.Len(t, imprints, 6, "by its bytes, and by each band")
	byBytes, byBand := imprint, imprint
	byBytes.Print, byBand.Unusable = evidence.Print{}, false
	t.equal(byBytes, imprints[0])
	t.equal(byBand, imprints[5])
}
