// Package origin owns how a replay of a request is told from another request.
//
// It refuses to know what was requested, and what was answered.
//
// Invariants: a request's texts are not kept, since they may be personal. A hash of them is enough
// to compare.
//
// Words: origin (a request, as hashes).
package origin

import (
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// length is how many characters each hash has.
const length = 20

// Origin is a request, as hashes. Zero for what nobody requested.
type Origin struct {
	// Key is the hash of the caller and its idempotency key.
	Key string `json:"key"`
	// Input is the hash of what the request said.
	Input string `json:"input"`
}

// Of returns the origin of a request by the principal under its idempotency key.
func Of(principal, key string, input ...string) Origin {
	return Origin{Key: ledger.HashID("", length, principal, key), Input: ledger.HashID("", length, input...)}
}

// Replays reports whether the request is a replay of the one that left this origin. The same key
// with another input is KindConflict idempotency_key_reused.
func (o Origin) Replays(request Origin) (bool, error) {
	if o.Key != request.Key {
		return false, nil
	}
	if o.Input != request.Input {
		return false, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another request")
	}
	return true, nil
}
