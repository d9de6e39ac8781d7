package payment

import "cmp"

// WaitPosition is a place in the list of payments that wait for staff: since when in milliseconds, then the payment.
type WaitPosition struct {
	At      int64 `json:"at"`
	Payment ID    `json:"payment"`
}

// Compare orders positions: who waits longest first, then by payment.
func (p WaitPosition) Compare(other WaitPosition) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Payment, other.Payment))
}

// Position returns the payment's place in the list of those that wait for staff; it must be waiting.
func (p Payment) Position() WaitPosition {
	return WaitPosition{At: p.WaitsSince.UnixMilli(), Payment: p.ID}
}
