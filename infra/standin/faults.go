package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// FaultKind names what goes wrong.
type FaultKind string

// The faults of a call for a refund. One of each group may meet in one call.
const (
	// What happens to the call.
	FaultAcceptThenDrop FaultKind = "accept_then_drop" // the refund is made and told of, the connection closes without an answer
	FaultSlow           FaultKind = "slow"             // the refund is made, the answer comes after Delay; the key is in use meanwhile
	FaultInUse          FaultKind = "in_use"           // 409, nothing is done
	FaultThrottled      FaultKind = "throttled"        // 429, nothing is done
	FaultKeyForgotten   FaultKind = "key_forgotten"    // the key's answer is pruned before a repeat: it makes another refund

	// What becomes of the refund.
	FaultServerErrorSaved FaultKind = "server_error_saved" // 500, no refund, and the same again under the key
	FaultFailsLater       FaultKind = "fails_later"        // succeeded, and failed after Delay
	FaultPending          FaultKind = "pending"            // until it is moved
	FaultRequiresAction   FaultKind = "requires_action"    // until it is moved
	FaultRefused          FaultKind = "refused"            // 400 charge_not_refundable

	// What becomes of the events of one refund made, of one refund or dispute moved.
	FaultWebhookLost  FaultKind = "webhook_lost"
	FaultWebhookTwice FaultKind = "webhook_twice"
	FaultWebhookLate  FaultKind = "webhook_late" // after Delay
)

// FaultServerError answers 500 and saves nothing. Reads know it, "slow", "throttled" and
// "accept_then_drop" (here: no answer).
const FaultServerError FaultKind = "server_error"

const (
	defaultSlow  = 2 * time.Second
	defaultLater = 500 * time.Millisecond
)

var (
	callFaults    = []FaultKind{FaultAcceptThenDrop, FaultSlow, FaultInUse, FaultThrottled, FaultKeyForgotten}
	outcomeFaults = []FaultKind{FaultServerErrorSaved, FaultFailsLater, FaultPending, FaultRequiresAction, FaultRefused}
	webhookFaults = []FaultKind{FaultWebhookLost, FaultWebhookTwice, FaultWebhookLate}
	readFaults    = []FaultKind{FaultAcceptThenDrop, FaultSlow, FaultThrottled, FaultServerError}
)

// Fault is one that the next calls meet, in the order in which faults were asked for.
type Fault struct {
	Kind    FaultKind
	Times   int           // 0: once
	Payment string        // "": any; a read meets it only where the request names the payment
	Delay   time.Duration // 0: 2 s of a slow answer, 500 ms of what comes later
	Read    bool          // it is met by reads, not by calls for a refund
}

// Fault has the next calls meet a fault. An unknown kind is an error.
func (p *Provider) Fault(f Fault) error {
	// Reads have kinds of their own: a refund's outcome makes no sense for them.
	kinds := slices.Concat(callFaults, outcomeFaults, webhookFaults)
	if f.Read {
		kinds = readFaults
	}
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("standin: no fault %q; there are %q", f.Kind, kinds)
	}
	if f.Times < 0 || f.Delay < 0 {
		return fmt.Errorf("standin: a fault %q with a negative number", f.Kind)
	}
	f.Times = max(1, f.Times)
	// A slow answer must outlast the caller's patience, a late event need only be late.
	if f.Delay == 0 {
		f.Delay = defaultLater
		if f.Kind == FaultSlow {
			f.Delay = defaultSlow
		}
	}
	p.mu.Lock()
	p.faults = append(p.faults, &f)
	p.mu.Unlock()
	return nil
}

// Heal takes back all faults that no call has met, and returns how many times were left.
func (p *Provider) Heal() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := 0
	for _, f := range p.faults {
		rest += f.Times
	}
	p.faults = nil
	return rest
}

// met are the faults that one call meets; a zero Fault for none.
type met struct{ call, outcome Fault }

// take uses up the first fault of the kinds for the payment; the caller holds the lock.
func (p *Provider) take(reads bool, payment string, kinds []FaultKind) Fault {
	// In the order in which they were asked for, so a test can plan a sequence.
	at := slices.IndexFunc(p.faults, func(f *Fault) bool {
		return f.Read == reads && slices.Contains(kinds, f.Kind) && (f.Payment == "" || f.Payment == payment)
	})
	if at < 0 {
		return Fault{}
	}
	f := p.faults[at]
	f.Times--
	if f.Times == 0 {
		p.faults = slices.Delete(p.faults, at, at+1)
	}
	return *f
}

// meet gives the faults of a call for a refund. A key is forgotten only where it is known; what
// becomes of a refund is kept for one that is made.
func (p *Provider) meet(payment string, replay bool) met {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Forgetting needs something to forget.
	kinds := slices.Clone(callFaults)
	if !replay {
		kinds = slices.DeleteFunc(kinds, func(k FaultKind) bool { return k == FaultKeyForgotten })
	}
	m := met{call: p.take(false, payment, kinds)}
	// Where nothing is made, no outcome is used up: it waits for the call that makes one.
	refusal := m.call.Kind == FaultInUse || m.call.Kind == FaultThrottled
	if !refusal && (!replay || m.call.Kind == FaultKeyForgotten) {
		m.outcome = p.take(false, payment, outcomeFaults)
	}
	return m
}

// reading has a read of the payment meet its fault: false when it is answered, or never will be.
func (p *Provider) reading(w http.ResponseWriter, payment string, refuse func(http.ResponseWriter, denial)) bool {
	p.mu.Lock()
	f := p.take(true, payment, readFaults)
	if payment != "" {
		p.callsOf(payment).Reads++
	}
	p.mu.Unlock()
	switch f.Kind {
	case FaultAcceptThenDrop:
		Cut(w)
	case FaultSlow:
		p.pause(f.Delay)
	case FaultThrottled:
		refuse(w, tooMany)
		return false
	case FaultServerError:
		refuse(w, broken)
		return false
	default: // none, or one that no read is asked to meet
	}
	return true
}

// Cut closes the connection of a request within the first byte of its answer, and ends its handler.
// Without that byte Go's own client would quietly ask again on another connection, and whoever is
// to survive the cut would never hear of it.
func Cut(w http.ResponseWriter) {
	// One byte of an answer must be out, see above.
	if conn, buffer, err := http.NewResponseController(w).Hijack(); err == nil {
		_, _ = buffer.WriteString("H")
		_ = buffer.Flush()
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// faultBody is one fault as it is asked for over HTTP.
type faultBody struct {
	Kind    FaultKind `json:"kind"`
	Times   int       `json:"times"`
	Payment string    `json:"payment"`
	DelayMS int64     `json:"delay_ms"`
}

// UnmarshalJSON refuses a misspelt field: a fault that is not met proves nothing.
func (b *faultBody) UnmarshalJSON(raw []byte) error {
	type plain faultBody
	return strictly(raw, (*plain)(b))
}

func (b faultBody) fault(reads bool) Fault {
	return Fault{Kind: b.Kind, Times: b.Times, Payment: b.Payment, Delay: time.Duration(b.DelayMS) * time.Millisecond, Read: reads}
}

var _ json.Unmarshaler = (*faultBody)(nil)
