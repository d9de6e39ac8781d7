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

// OpenClaim is a case in review about a payment that waits for staff: what becomes of the payment
// ends it. Paying: it was ended by the refund that staff resolved upon, and waits for that money.
type OpenClaim struct {
	Case   string `json:"case"`
	Paying bool   `json:"paying,omitempty"`
}

// AddClaim returns the payment with the case noted on it, and false where it is noted already, or
// as many are as may be: of its customer, or of all.
func (p Payment) AddClaim(caseID string, now time.Time) (Payment, bool) {
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

// RemoveClaim returns the payment without the case noted on it: that has ended, or waits for
// nothing that becomes of the payment.
func (p Payment) RemoveClaim(caseID string, now time.Time) Payment {
	p.Claims = slices.DeleteFunc(slices.Clone(p.Claims), func(claim OpenClaim) bool { return claim.Case == caseID })
	if len(p.Claims) == 0 {
		p.Claims = nil
	}
	return p.schedule(now)
}

// AwaitClaim returns the payment with the case, which is noted on it, waiting for the money that
// staff resolved to give back, or not any more. Why: infra/decisions/0035.
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

// EndedClaim returns the first claim that what became of the payment ends, or whose money came to
// its end; false where there is none.
func (p Payment) EndedClaim() (OpenClaim, bool) {
	back := p.ResolutionProgress()
	for _, claim := range p.Claims {
		ends := back != "" && back != ProgressFailed
		if claim.Paying {
			ends = back.outcome() != ""
		}
		if ends || p.State == StateGranted {
			return claim, true
		}
	}
	return OpenClaim{}, false
}

// ResolutionProgress returns how far the money has come that staff resolved to give back, "" where
// they did not.
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

// ParkReason returns why the purchase of a payment that has granted nothing waits for staff, ""
// where it could be granted, was, or failed.
func (r Rules) ParkReason(p Payment) Reason {
	if p.Purchase == nil || p.State == StateGranted {
		return ""
	}
	_, reason, _ := r.classify(*p.Purchase, false)
	return reason
}

// ApplyResolution returns what a ruling of staff on a claim makes of the payment that waits for
// them, by the resolution that the ruling is: it is granted, or its money goes back by the promise
// that is noted on it. It writes nothing. KindConflict where staff decided too often, the credits
// have no room, or money of it goes back; KindInvalid where the package is unknown.
func (r Rules) ApplyResolution(snapshot Snapshot, resolution Resolution, cause ledger.Cause, now time.Time) (Change, error) {
	p := *snapshot.Payment
	if len(p.Resolutions) >= MaxResolutions {
		return Change{}, fault.Errorf(fault.KindConflict, CodeTooManyResolutions, "staff decided %d times about this payment", MaxResolutions)
	}
	switch {
	case resolution.Action != ActionGrant:
		p = p.with(resolution)
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
	if resolution.Action == ActionGrant && change.After.State != StateGranted {
		return Change{}, fault.Errorf(fault.KindConflict, string(change.After.Parked), "the credits cannot be granted now")
	}
	change.After = change.After.withAnswer()
	return change, nil
}

// ResolutionMinor returns how much money staff resolved to give back, in minor units of the
// payment's currency; 0 where they did not.
func (p Payment) ResolutionMinor() int64 { return p.Promised[p.ID.resolution()].Minor }
