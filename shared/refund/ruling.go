package refund

import (
	"time"

	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// TakeBackWindow is how long the one who ruled may take the ruling back, where it was given so.
// Why: infra/decisions/0067.
const TakeBackWindow = 30 * time.Second

// Ruling is what staff decided on a case in review.
// Why: infra/decisions/0026.
type Ruling struct {
	policy.Ruling
	// Payment is the one that they ruled on, "" for the case's own.
	Payment payment.ID `json:"payment,omitempty"`
	// By is the name of the operator key, or of the person.
	By string `json:"by,omitempty"`
	// Note is why, in their words.
	Note string `json:"note"`
	// Origin is the request that ruled: a replay of it gets the first answer.
	Origin origin.Origin `json:"origin"`
	// At is when they ruled.
	At time.Time `json:"at"`
	// EffectiveAt is when it is carried out at the soonest; zero: at once. Until then it may be
	// taken back.
	EffectiveAt time.Time `json:"effective_at,omitzero"`
	// TakenBackAt is when it was taken back, zero where it was not.
	TakenBackAt time.Time `json:"taken_back_at,omitzero"`
	// Second is the second person's answer, nil where the ruling needs none.
	Second *Second `json:"second,omitempty"`
}

// Effective reports whether the ruling may be carried out at now.
func (r Ruling) Effective(now time.Time) bool { return !now.Before(r.EffectiveAt) }

// due returns when the sweep asks for the ruling, should its message be lost: now is when it was
// given, or confirmed.
func (r Ruling) due(now time.Time, resend time.Duration) time.Time {
	if r.EffectiveAt.After(now) {
		return r.EffectiveAt.Add(resend)
	}
	return now.Add(resend)
}
