package ledger

import "time"

// Account is a book account: every entry moves credits from one to another.
type Account string

// The book accounts; the zero value is invalid. A wallet's available, held and owed are the sums of
// its lines on those accounts. Owed is a debt: its balance is what flowed out of it less what
// flowed in.
const (
	Issued    Account = "issued"
	Available Account = "available"
	Held      Account = "held"
	Spent     Account = "spent"
	Expired   Account = "expired"
	Owed      Account = "owed"
)

// Movement names a posting rule: the kind of an entry. Each has exactly one pair of accounts; see
// Accounts.
type Movement string

// The movements; the zero value is invalid. The last four are the reverses of clawback,
// claw_expired, shortfall and debt_payment, posted when a payment's target falls.
const (
	MovementGrant         Movement = "grant"          // issued → available
	MovementHold          Movement = "hold"           // available → held
	MovementCapture       Movement = "capture"        // held → spent
	MovementRelease       Movement = "release"        // held → available
	MovementRefund        Movement = "refund"         // spent → available
	MovementRefundExpired Movement = "refund_expired" // spent → expired
	MovementExpiry        Movement = "expiry"         // available → expired
	MovementClawback      Movement = "clawback"       // available → issued
	MovementClawExpired   Movement = "claw_expired"   // expired → issued
	MovementShortfall     Movement = "shortfall"      // owed → issued
	MovementDebtPayment   Movement = "debt_payment"   // available → owed
	MovementReinstatement Movement = "reinstatement"  // issued → available
	MovementReexpiry      Movement = "reexpiry"       // issued → expired
	MovementForgiveness   Movement = "forgiveness"    // issued → owed
	MovementDebtReversal  Movement = "debt_reversal"  // owed → available
)

// The actors: on whose word an entry was posted, or a case changed.
const (
	ActorCustomer = "customer" // the person whose wallet it is
	ActorApp      = "app"      // the app's server, with its key
	ActorStaff    = "staff"    // an operator
	ActorProvider = "provider" // the payment provider, by its event or its answer
	ActorSystem   = "system"   // nobody: a rule, a policy or a clock
)

// Cause says why an entry was posted and on whose word: set what applies. Nothing personal belongs
// in it.
type Cause struct {
	// Reason is a snake_case word for the statement: "purchase", "generation_failed",
	// "lot_expired"…
	Reason string
	// Generation is the id of the generation that the entry is about.
	Generation string
	// Payment is the id of the payment: in entries about a debt, the payment whose debt it is.
	Payment string
	// Case is the id of the refund case that decided.
	Case string
	// Event is the provider's event id, where an event caused the entry.
	Event string
	// Actor is one of the Actor constants.
	Actor string
	// By is the name of who of staff gave the credits, "" where none of them did.
	By string
	// Note holds staff's words.
	Note string
}

// Entry is one immutable line of the ledger: it moved credits from one account to another.
type Entry struct {
	// ID is unique within the customer. It sorts by At, then by the place in the posting, and
	// derives from what caused the entry.
	ID string
	// Customer is whose wallet it is.
	Customer CustomerID
	// At is the posting's instant: UTC, whole milliseconds.
	At time.Time
	// Movement is the posting rule.
	Movement Movement
	// From and To are the accounts that Movement names.
	From, To Account
	// Credits is how many were moved, above 0.
	Credits Credits
	// Lot is the lot that gave or took them; empty for shortfall and forgiveness, which no lot saw.
	Lot LotID
	// Cause says why.
	Cause Cause
}
