package refund_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// granted returns alice's payment of 10 USD for popcustoms' topup-10, paid at noon, with all its
// 100,000 credits granted.
func granted(id payment.ID, change ...func(*payment.Payment)) *payment.Payment {
	p := payment.Payment{
		ID: id, Provider: "stripe", State: payment.StateGranted, GrantedAt: noon,
		Purchase: &payment.Purchase{
			Customer: "alice", Package: "topup-10", Subtotal: money.Amount{Currency: "USD", Minor: 1000}, Paid: 1000,
			Status: payment.StatusPaid, OrderedAt: noon, PaidAt: noon,
		},
		Clawback: ledger.Clawback{Payment: string(id), Granted: 100000, Lot: ledger.Lot{ID: id.Lot()}},
	}
	for _, spoil := range change {
		spoil(&p)
	}
	return &p
}

// moneyBack notes a refund made at the provider.
func moneyBack(p *payment.Payment, minor int64) {
	p.Refunds = map[string]payment.Refund{"re_1": {Amount: money.Amount{Currency: "USD", Minor: minor}, Status: payment.RefundSucceeded}}
}

func claimOf(kind policy.Kind, id string) refund.Request {
	return refund.Request{
		Kind: kind, Customer: "alice", Payment: id, Principal: "app", Key: "k", Actor: ledger.ActorApp,
		Claim: refund.Claim{Email: "alice@example.com", PaidAt: noon, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: "charged twice"},
	}
}

// claimed returns a shelf with a claim of that kind about the payment, a day after it, asked for
// and not delivered. Its lot is whole.
func claimed(t *testing.T, kind policy.Kind, p *payment.Payment) *shelf {
	t.Helper()
	wallet := ledger.Wallet{Customer: "alice", Standing: ledger.StandingGood, Recorded: true}
	if p != nil && p.State == payment.StateGranted {
		wallet.Lots = []ledger.Lot{{ID: p.ID.Lot(), Source: ledger.SourcePurchase, Granted: 100000, Remaining: 100000, GrantedAt: noon}}
	}
	s := &shelf{found: refund.Snapshot{Payment: p, Wallet: wallet}}
	id := "pi_1"
	if p != nil {
		id = string(p.ID)
	}
	_, err := refund.Claimer{Store: s, Requests: s}.File(t.Context(), claimOf(kind, id), noon.Add(24*time.Hour))
	require.NoError(t, err)
	return s
}

func TestAClaimOpensOneCaseForAKindAndAPayment(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1"))
	require.Equal(t, refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindDuplicateCharge, "pi_1"), s.found.Case.ID)
	require.Equal(t, "alice@example.com", s.found.Case.Statement.Claim.Email)
	require.Equal(t, []message.RefundRequested{message.NewCaseRequested(string(s.found.Case.ID), "", "pi_1")}, s.requests)
	claimer := refund.Claimer{Store: s, Requests: s}
	again, err := claimer.File(t.Context(), claimOf(policy.KindDuplicateCharge, "pi_1"), noon.Add(25*time.Hour))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	other := claimOf(policy.KindDuplicateCharge, "pi_1")
	other.Claim.Reason = "really"
	_, err = claimer.File(t.Context(), other, noon.Add(25*time.Hour))
	require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	other = claimOf(policy.KindDuplicateCharge, "pi_1")
	other.Claim.TransactionIDs = []string{"a b"}
	_, err = claimer.File(t.Context(), other, noon.Add(25*time.Hour))
	require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	other.Key = "other"
	_, err = claimer.File(t.Context(), other, noon.Add(25*time.Hour))
	require.Equal(t, fault.CodeAlreadyReported, fault.CodeOf(err))
}

func TestAClaimNamesEveryFieldThatItLacks(t *testing.T) {
	_, err := refund.Claimer{}.File(t.Context(), refund.Request{Kind: policy.KindOutage, Customer: "alice"}, noon)
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, fault.CodeMissingFields, refused.Code)
	require.Equal(t, []string{"claim.email", "claim.paid_at", "claim.amount", "claim.reason"}, refused.Fields)
}

// longLink is a link as long as a proof may be.
func longLink() string {
	const begins = "https://files.example/"
	return begins + strings.Repeat("x", refund.MaxProof-len(begins))
}

func TestAClaimThatCannotBeIsRefusedByItsField(t *testing.T) {
	for field, spoil := range map[string]func(*refund.Request){
		"kind":                     func(r *refund.Request) { r.Kind = policy.KindBadResult },
		"payment":                  func(r *refund.Request) { r.Payment = "the one of last Tuesday" },
		"claim.email":              func(r *refund.Request) { r.Claim.Email = "Alice <alice@example.com>" },
		"claim.paid_at":            func(r *refund.Request) { r.Claim.PaidAt = noon.Add(301 * time.Second) },
		"claim.paid_at ":           func(r *refund.Request) { r.Claim.PaidAt = time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC) },
		"claim.amount.minor":       func(r *refund.Request) { r.Claim.Amount.Minor = 0 },
		"claim.amount.currency":    func(r *refund.Request) { r.Claim.Amount.Currency = "usd" },
		"claim.transaction_ids[1]": func(r *refund.Request) { r.Claim.TransactionIDs = []string{"ch_1", ""} },
		"claim.attachments":        func(r *refund.Request) { r.Claim.Attachments = make([]string, refund.MaxProofs+1) },
		"claim.attachments[1]":     func(r *refund.Request) { r.Claim.Attachments = []string{longLink(), "javascript:alert(1)"} },
		"claim": func(r *refund.Request) {
			r.Claim.Attachments = slices.Repeat([]string{longLink()}, refund.MaxProofs)
			r.Claim.TransactionIDs = r.Claim.Attachments
			r.Claim.Reason = strings.Repeat("指", refund.MaxWords)
		},
	} {
		request := claimOf(policy.KindOutage, "pi_1")
		spoil(&request)
		_, err := refund.Claimer{}.File(t.Context(), request, noon)
		var refused *fault.Error
		require.ErrorAs(t, err, &refused, field)
		require.Equal(t, strings.TrimSpace(field), refused.Field)
	}
}

func TestAClaimMayBeAsLongAsEachOfItsFieldsInASCII(t *testing.T) {
	request := claimOf(policy.KindOutage, "pi_1")
	request.Claim.Reason = strings.Repeat("x", refund.MaxWords)
	request.Claim.Attachments = slices.Repeat([]string{longLink()}, refund.MaxProofs)
	request.Claim.TransactionIDs = request.Claim.Attachments
	require.NoError(t, request.Validate(noon))
}

func TestAPaymentThatIsNotOnRecordAsTheirsGoesToAPerson(t *testing.T) {
	for name, p := range map[string]*payment.Payment{
		"unknown":        nil,
		"another's":      granted("pi_1", func(p *payment.Payment) { p.Purchase.Customer = "bob" }),
		"not bought yet": {ID: "pi_1", State: payment.StatePending},
		"another's, waiting": granted("pi_1", func(p *payment.Payment) {
			p.State, p.Parked, p.Purchase.Customer = payment.StateParked, payment.ReasonUnknownPackage, "bob"
		}),
		"nobody's, gone back": granted("pi_1", func(p *payment.Payment) {
			p.State, p.Parked, p.Purchase.Customer = payment.StateParked, payment.ReasonNoCustomer, ""
			moneyBack(p, 1)
		}),
		"failed":          granted("pi_1", func(p *payment.Payment) { p.State, p.Purchase.Status = payment.StateFailed, payment.StatusFailed }),
		"unknown package": granted("pi_1", func(p *payment.Payment) { p.Purchase.Package = "gone" }),
	} {
		for _, kind := range []policy.Kind{policy.KindNotCredited, policy.KindDuplicateCharge, policy.KindOutage} {
			s := claimed(t, kind, p)
			decided := s.deliver(t, "goopter", noon.Add(24*time.Hour))
			require.Equal(t, refund.StateInReview, decided.State, name)
			require.Equal(t, "X3", decided.Decision.Clause, name)
			_, err := s.rule(t, "goopter", approval(policy.InCredits(1)), noon.Add(48*time.Hour))
			if p == nil {
				require.Equal(t, fault.KindInvalid, fault.KindOf(err), "nothing is on record that could be given back")
				require.ErrorContains(t, err, "not on record")
			} else {
				require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err), name)
				require.NotContains(t, err.Error(), "not on record", name)
			}
			require.Nil(t, s.found.Case.Ruling)
			_, err = s.rule(t, "goopter", refusal(), noon.Add(48*time.Hour))
			require.NoError(t, err, name)
			require.Equal(t, refund.StateDeclined, s.deliver(t, "goopter", noon.Add(48*time.Hour)).State)
		}
	}
}

// repeats notes what a purchase was found to repeat when it was granted.
func repeats(ids ...payment.ID) func(*payment.Payment) {
	return func(p *payment.Payment) { p.DuplicateOf, p.Duplicate = ids, true }
}

func TestADuplicateIsPaidBackInFullWhenItsOriginalStands(t *testing.T) {
	back := func(p *payment.Payment) { moneyBack(p, 1) }
	spent := func(s *shelf) { s.found.Wallet.Lots[0].Remaining-- }
	disputed := func(s *shelf) {
		s.found.Payment.Disputes = map[string]payment.Dispute{"dp_1": {Status: payment.DisputeOpen}}
	}
	parked := func(p *payment.Payment) { p.State = payment.StateParked }
	for name, c := range map[string]struct {
		repeats  []payment.ID
		others   []payment.Payment
		spoil    func(*shelf)
		original payment.ID // "": a person looks
	}{
		"of one that stands":              {[]payment.ID{"pi_0"}, []payment.Payment{*granted("pi_0")}, nil, "pi_0"},
		"of two, the second stands":       {[]payment.ID{"pi_0", "pi_2"}, []payment.Payment{*granted("pi_0", back), *granted("pi_2")}, nil, "pi_2"},
		"of none":                         {nil, []payment.Payment{*granted("pi_0")}, nil, ""},
		"of one that went back":           {[]payment.ID{"pi_0"}, []payment.Payment{*granted("pi_0", back)}, nil, ""},
		"of one that granted nothing":     {[]payment.ID{"pi_0"}, []payment.Payment{*granted("pi_0", parked)}, nil, ""},
		"of one that is not on record":    {[]payment.ID{"pi_0"}, nil, nil, ""},
		"with credits of it spent":        {[]payment.ID{"pi_0"}, []payment.Payment{*granted("pi_0")}, spent, ""},
		"with its money held by the bank": {[]payment.ID{"pi_0"}, []payment.Payment{*granted("pi_0")}, disputed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", repeats(c.repeats...)))
			s.purchases = c.others
			if c.spoil != nil {
				c.spoil(s)
			}
			decided := s.deliver(t, "popcustoms", noon.Add(24*time.Hour))
			require.Nil(t, s.last().Recent, "only bad results count")
			if c.original == "" {
				require.Equal(t, refund.StateInReview, decided.State)
				require.Empty(t, s.settling)
				return
			}
			require.Equal(t, "P3.8", decided.Decision.Clause)
			require.Equal(t, refund.StatePaying, decided.State)
			require.Equal(t, policy.InMoney(money.Amount{Currency: "USD", Minor: 1000}), decided.Decision.Remedy)
			require.Equal(t, c.original, s.last().Original.ID)
			change := s.last().Payment
			require.Equal(t, map[string]payment.Promise{string(decided.ID): {Minor: 1000, Credits: 100000, Money: true, Attempts: 1}}, change.After.Promised)
			require.Zero(t, change.Posting.After.Available(noon), "the credits leave with the verdict")
			require.Equal(t, ledger.Cause{
				Reason: "duplicate_charge", Payment: "pi_1", Case: string(decided.ID), Actor: ledger.ActorSystem,
			}, change.Posting.Entries[0].Cause)
			require.Len(t, s.settling, 1)
			s.requests = []message.RefundRequested{message.NewCaseRequested(string(decided.ID), "", "pi_1")}
			s.deliver(t, "popcustoms", noon.Add(25*time.Hour))
			require.Len(t, s.effects, 1, "a repeat gets the recorded verdict")
			require.Len(t, s.settling, 2, "and what is owed goes out again")
		})
	}
}

func TestMoneyThatWentBackOnceIsNotClaimedAgain(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", repeats("pi_0"), func(p *payment.Payment) { moneyBack(p, 1) }))
	s.purchases = []payment.Payment{*granted("pi_0")}
	require.Equal(t, "X1", s.deliver(t, "popcustoms", noon.Add(24*time.Hour)).Decision.Clause)
}

func TestAPurchaseThatTheFullWalletRefusedIsCreditedOnceThereIsRoom(t *testing.T) {
	full := func() *shelf {
		return claimed(t, policy.KindNotCredited, granted("pi_1", func(p *payment.Payment) {
			p.State, p.Parked, p.Clawback, p.GrantedAt = payment.StateParked, payment.ReasonWalletFull, ledger.Clawback{}, time.Time{}
			p.Purchase.Package, p.Purchase.Subtotal.Minor, p.Purchase.Paid = "starter", 500, 500
		}))
	}
	s := full()
	decided := s.deliver(t, "goopter", noon.Add(24*time.Hour))
	require.Equal(t, "G2.1", decided.Decision.Clause)
	require.Equal(t, policy.InCredits(50), decided.Decision.Remedy)
	require.Equal(t, ledger.Credits(50), s.last().Payment.Posting.After.Available(noon))
	require.Equal(t, payment.StateGranted, s.last().Payment.After.State, "what is heard of it later grants nothing again")

	s = full()
	s.found.Wallet.Lots = append(s.found.Wallet.Lots, ledger.Lot{
		ID: "lot_full", Source: ledger.SourcePromotion, Granted: ledger.MaxCredits, Remaining: ledger.MaxCredits, GrantedAt: noon,
	})
	decided = s.deliver(t, "goopter", noon.Add(24*time.Hour))
	require.Equal(t, refund.StateInReview, decided.State, "a verdict that cannot be carried out is a person's")
	require.Equal(t, "G2.1", decided.Decision.Clause, "as others that wait")
	require.Equal(t, []payment.OpenClaim{{Case: string(decided.ID)}}, s.last().Payment.After.Claims)
	require.Empty(t, s.last().Payment.Posting.Entries)
}

func TestStaffMayGiveCreditsInPlaceOfMoney(t *testing.T) {
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1"))
	s.deliver(t, "popcustoms", noon.Add(24*time.Hour))
	_, err := s.rule(t, "popcustoms", approval(nil), noon.Add(25*time.Hour))
	require.Equal(t, fault.CodeMissingFields, fault.CodeOf(err), "an abnormal charge has no remedy of its own")
	_, err = s.rule(t, "popcustoms", approval(policy.InCredits(5000)), noon.Add(25*time.Hour))
	require.NoError(t, err)
	decided := s.deliver(t, "popcustoms", noon.Add(25*time.Hour))
	require.Equal(t, policy.InCredits(5000), decided.Decision.Remedy)
	posting := s.last().Payment.Posting
	require.Equal(t, ledger.Credits(105000), posting.After.Available(noon.Add(25*time.Hour)))
	require.Equal(t, ledger.MovementGrant, posting.Entries[0].Movement)
	require.Equal(t, ledger.ActorStaff, posting.Entries[0].Cause.Actor)
}

func TestCreditsHeldSpentOrExpiredAreNotUnspent(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*shelf)
		clause string
	}{
		"all there": {func(*shelf) {}, "G1"},
		"one left":  {func(s *shelf) { s.found.Wallet.Lots[0].Remaining = 1 }, "G1"},
		"in another lot": {func(s *shelf) {
			joined := &s.found.Wallet.Lots[0]
			joined.ID, joined.Granted, joined.Remaining = "lot_joined", 150000, 60000
			s.found.Payment.Clawback.Lot.ID = "lot_joined"
		}, "G1"},
		"all that was there is gone from it": {func(s *shelf) {
			joined := &s.found.Wallet.Lots[0]
			joined.ID, joined.Granted, joined.Remaining = "lot_joined", 150000, 50000
			s.found.Payment.Clawback.Lot.ID = "lot_joined"
		}, "G3.1"},
		"none left":   {func(s *shelf) { s.found.Wallet.Lots = nil }, "G3.1"},
		"all expired": {func(s *shelf) { s.found.Wallet.Lots[0].ExpiresAt = noon.Add(24 * time.Hour) }, "G3.1"},
	} {
		s := claimed(t, policy.KindChangeOfMind, granted("pi_1", func(p *payment.Payment) { p.Purchase.Package = "starter" }))
		c.spoil(s)
		require.Equal(t, c.clause, s.deliver(t, "goopter", noon.Add(24*time.Hour)).Decision.Clause, name)
	}
}

func TestAClaimThatNamesNoPaymentIsAMatterOfItsOwn(t *testing.T) {
	s := &shelf{found: refund.Snapshot{Wallet: ledger.Wallet{Customer: "alice", Standing: ledger.StandingGood}}}
	claimer := refund.Claimer{Store: s, Requests: s}
	first, err := claimer.File(t.Context(), claimOf(policy.KindNotCredited, ""), noon)
	require.NoError(t, err)
	require.Equal(t, refund.StateInReview, s.deliver(t, "goopter", noon).State)
	again, err := claimer.File(t.Context(), claimOf(policy.KindNotCredited, ""), noon)
	require.NoError(t, err)
	require.Equal(t, first.Case, again.Case)
	other := claimOf(policy.KindNotCredited, "")
	other.Key = "other"
	second, err := claimer.File(t.Context(), other, noon)
	require.NoError(t, err)
	require.NotEqual(t, first.Case, second.Case)
}

func TestAClaimsDayMayHaveBegunSomewhere(t *testing.T) {
	request := claimOf(policy.KindOutage, "pi_1")
	request.Claim.PaidAt = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	require.Error(t, request.Validate(request.Claim.PaidAt.Add(-301*time.Second)))
	request.Claim.WholeDay = true
	require.NoError(t, request.Validate(request.Claim.PaidAt.Add(-14*time.Hour)))
	require.Error(t, request.Validate(request.Claim.PaidAt.Add(-14*time.Hour-time.Second)))
}

func TestMoneyOfAPurchaseThatWaitsGoesBackWhole(t *testing.T) {
	s := claimed(t, policy.KindNotCredited, granted("pi_1", func(p *payment.Payment) {
		p.State, p.Parked, p.Clawback, p.GrantedAt = payment.StateParked, payment.ReasonUnknownPackage, ledger.Clawback{}, time.Time{}
		p.Purchase.Package = "everything"
	}))
	require.Equal(t, "G2.1", s.deliver(t, "goopter", noon.Add(24*time.Hour)).Decision.Clause)
	usd := func(minor int64) *policy.Remedy {
		return policy.InMoney(money.Amount{Currency: "USD", Minor: minor})
	}
	for field, remedy := range map[string]*policy.Remedy{"remedy": nil, "remedy.money": usd(999), "remedy.credits": policy.InCredits(50)} {
		_, err := s.rule(t, "goopter", approval(remedy), noon.Add(25*time.Hour))
		var refused *fault.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, field, refused.Field, "%v", err)
	}
	_, err := s.rule(t, "goopter", approval(usd(1000)), noon.Add(25*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StatePaying, s.deliver(t, "goopter", noon.Add(25*time.Hour)).State)
	require.Equal(t, payment.ActionRefund, s.found.Payment.Resolutions[0].Action)
	require.NotNil(t, s.found.Payment.Resolutions[0].After, "its answer is kept, as that of any resolution")
	require.Empty(t, s.found.Payment.Claims)
}
