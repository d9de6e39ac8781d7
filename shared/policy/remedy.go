package policy

import (
	"encoding/json"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Arm is one of the closed kinds of what can be given back. Whoever acts on a remedy switches over
// its arms, so that a new one is thought of everywhere (the linter exhaustive holds that).
type Arm string

// The arms; the zero value is of a remedy that a person gave and that is none.
const (
	ArmCredits Arm = "credits" // to the balance
	ArmMoney   Arm = "money"   // to the payment method
)

// Destination is where a remedy goes.
type Destination string

// The destinations; the zero value is invalid. Credits go to the balance, money to the payment
// method.
const (
	ToBalance       Destination = "balance"
	ToPaymentMethod Destination = "payment_method"
)

// Remedy is what is given back: either credits or money. InCredits and InMoney make one that a
// policy gives, RemedyOf one that a person asks for. Its JSON is the wire contract's, and the
// store's.
type Remedy struct {
	arm     Arm
	credits ledger.Credits // of ArmCredits
	money   *money.Amount  // of ArmMoney
	to      Destination    // "" where a person left it out
}

// wireRemedy is a remedy in JSON.
type wireRemedy struct {
	Credits ledger.Credits `json:"credits,omitempty"`
	Money   *money.Amount  `json:"money,omitempty"`
	To      Destination    `json:"to"`
}

// InCredits returns credits to the balance. No credits are no remedy: it has no arm then.
func InCredits(credits ledger.Credits) *Remedy {
	return RemedyOf(credits, nil, ToBalance)
}

// InMoney returns money to the payment method.
func InMoney(amount money.Amount) *Remedy {
	return &Remedy{arm: ArmMoney, money: &amount, to: ToPaymentMethod}
}

// RemedyOf returns what a person asks to give: credits (0 where they name none) or money (nil where
// they name none), and where it goes ("" for where it goes anyway). One that names both or neither
// has no arm: Ruling.Validate refuses it, and a destination that does not fit.
func RemedyOf(credits ledger.Credits, amount *money.Amount, to Destination) *Remedy {
	r := &Remedy{credits: credits, money: amount, to: to}
	switch {
	case credits != 0 && amount == nil:
		r.arm = ArmCredits
	case credits == 0 && amount != nil:
		r.arm = ArmMoney
	}
	return r
}

// Arm returns which of its kinds the remedy is, "" of a person's that is none.
func (r Remedy) Arm() Arm { return r.arm }

// ArmOf returns the arm of a remedy, "" where there is none.
func ArmOf(r *Remedy) Arm {
	if r == nil {
		return ""
	}
	return r.arm
}

// Credits returns how many credits it gives, 0 of ArmMoney.
func (r Remedy) Credits() ledger.Credits { return r.credits }

// Money returns how much money it gives, the zero amount of ArmCredits.
func (r Remedy) Money() money.Amount {
	if r.money == nil {
		return money.Amount{}
	}
	return *r.money
}

// To returns where it goes, "" where a person left that out.
func (r Remedy) To() Destination { return r.to }

// destination returns where a remedy goes, which follows from its arm.
func (r Remedy) destination() Destination {
	switch r.arm {
	case ArmMoney:
		return ToPaymentMethod
	case ArmCredits:
		return ToBalance
	}
	return ""
}

// empty reports whether it gives nothing.
func (r Remedy) empty() bool {
	switch r.arm {
	case ArmMoney:
		return r.money.Minor <= 0
	case ArmCredits:
		return r.credits <= ledger.Credits(0)
	}
	return true
}

// MarshalJSON writes the remedy as the wire and the rows have it.
func (r Remedy) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireRemedy{Credits: r.credits, Money: r.money, To: r.to})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Remedy) UnmarshalJSON(text []byte) error {
	var wire wireRemedy
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	*r = *RemedyOf(wire.Credits, wire.Money, wire.To)
	return nil
}
