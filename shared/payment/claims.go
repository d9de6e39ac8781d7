package payment

import (
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// The bounds of what is noted of claims on a payment that waits for staff: of all customers, and of
// each.
const (
	MaxClaims     = 20
	MaxClaimsEach = 5
)

// OpenClaim is a case in review about a payment that waits for staff. It ends with what becomes of
// the payment.
type OpenClaim struct {
	// Case is the id of the case.
	Case string `json:"case"`
	// Paying reports that staff resolved to refund the payment, and that the case waits for that
	// money.
	Paying bool `json:"paying,omitempty"`
}

// AddClaim returns the payment with the case noted on it. It returns false where the case is noted
// already, or where its customer, or all customers together, have as many claims noted as are
// allowed.
func (p Payment) AddClaim(caseID string, now time.Time) (Payment, bool) {
	// Each customer has a bound of their own: one who files many claims must not keep out the rest.
	each := 0
	for _, claim := range p.Claims {
		if claim.Case == caseID {
			return p, false
		}
		if ledger.OwnerKey(claim.Case) == ledger.OwnerKey(caseID) {
			each++
		}
	}
	if each >= MaxClaimsEach || len(p.Claims) >= MaxClaims {
		return p, false
	}
	p.Claims = append(slices.Clip(p.Claims), OpenClaim{Case: caseID})
	return p.schedule(now), true
}

// RemoveClaim returns the payment without the case: the case has ended, or no longer depends on
// what becomes of the payment.
func (p Payment) RemoveClaim(caseID string, now time.Time) Payment {
	p.Claims = slices.DeleteFunc(slices.Clone(p.Claims), func(claim OpenClaim) bool { return claim.Case == caseID })
	// The store reads an empty list back as nil: with one form only, payments compare.
	if len(p.Claims) == 0 {
		p.Claims = nil
	}
	return p.schedule(now)
}

// AwaitClaim notes on the payment whether the case waits for the money that staff resolved to give
// back. The case must be noted on the payment already.
// Why: infra/decisions/0035.
func (p Payment) AwaitClaim(caseID string, due bool, now time.Time) Payment {
	p.Claims = slices.Clone(p.Claims)
	for i, claim := range p.Claims {
		if claim.Case == caseID {
			p.Claims[i].Paying = due
		}
	}
	return p.schedule(now)
}

// HasClaim reports whether the case is noted on the payment.
func (p Payment) HasClaim(caseID string) bool {
	return slices.ContainsFunc(p.Claims, func(claim OpenClaim) bool { return claim.Case == caseID })
}

// EndedClaim returns the first claim that can end now: the payment was granted, or its money went
// back. False where there is none.
func (p Payment) EndedClaim() (OpenClaim, bool) {
	// A claim that waits for the money ends with any outcome. The others stay open where the refund
	// failed: staff decide about the payment again.
	progress := p.ResolutionProgress()
	for _, claim := range p.Claims {
		ends := progress != "" && progress != ProgressFailed
		if claim.Paying {
			ends = progress.outcome() != ""
		}
		if ends || p.State == StateGranted {
			return claim, true
		}
	}
	return OpenClaim{}, false
}

// ResolutionProgress returns how far the money has come that staff resolved to give back, "" where
// they resolved otherwise.
func (p Payment) ResolutionProgress() Progress { return p.Progress(p.ID.resolution()) }

// LatestResolution returns the latest of staff's resolutions that granted the payment or gave its
// money back, nil where there is none.
func (p Payment) LatestResolution() *Resolution {
	for _, r := range slices.Backward(p.Resolutions) {
		if r.Action == ActionGrant || r.Action == ActionRefund {
			return &r
		}
	}
	return nil
}

// ParkReason returns why a payment that has granted nothing waits for staff. "" where its purchase
// was granted, could be, failed, or is not named.
func (r Rules) ParkReason(p Payment) Reason {
	if p.Purchase == nil || p.State == StateGranted {
		return ""
	}
	_, reason, _ := r.classify(*p.Purchase, false)
	return reason
}

// ApplyResolution returns the change that a staff ruling on a claim makes of the payment: the
// payment is granted, or its money goes back by the promise that is noted on it. It writes nothing.
// KindConflict where staff decided too often, the wallet has no room, or money of it goes back;
// KindInvalid where the package is unknown.
func (r Rules) ApplyResolution(snapshot Snapshot, resolution Resolution, cause ledger.Cause, now time.Time) (Change, error) {
	p := *snapshot.Payment
	// Each resolution keeps its first answer, and the item of a payment must stay writable.
	if len(p.Resolutions) >= MaxResolutions {
		return Change{}, fault.Errorf(fault.KindConflict, CodeTooManyResolutions, "staff decided %d times about this payment", MaxResolutions)
	}
	switch {
	case resolution.Action != ActionGrant:
		// The promise of the money is on the payment already, by the verdict of the case.
		p = p.with(resolution)
	// Credits and money for one purchase would be a gift: only one of the two is given.
	case p.hasLivePromise():
		return Change{}, p.NotPossible("the money of it goes back")
	default:
		next, err := r.grantByStaff(p, resolution)
		if err != nil {
			return Change{}, err
		}
		p = next
	}
	change, err := r.advance(snapshot, p, cause, now)
	if err != nil {
		return Change{}, err
	}
	// The ruling would say granted, and the wallet would not have it: the caller must not record
	// it.
	if resolution.Action == ActionGrant && change.After.State != StateGranted {
		return Change{}, fault.Errorf(fault.KindConflict, string(change.After.Parked), "the credits cannot be granted now")
	}
	// A replay of the ruling is answered with the payment as it is after this change.
	change.After = change.After.withAnswer()
	return change, nil
}

// ResolutionMinor returns how much money staff resolved to give back, in minor units of the
// payment's currency; 0 where they resolved otherwise.
func (p Payment) ResolutionMinor() int64 { return p.Promised[p.ID.resolution()].Minor }
