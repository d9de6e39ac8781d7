package ledger

import "time"

// Account is a book account: every entry moves credits from one to another.
type Account string

// The book accounts; the zero value is invalid. A wallet's available, held and owed are the sums of its lines on those accounts
// (owed is a debt: its balance is what flowed out of it less what flowed in).
const (
	Issued    Account = "issued"
	Available Account = "available"
	Held      Account = "held"
	Spent     Account = "spent"
	Expired   Account = "expired"
	Owed      Account = "owed"
)

// Movement names a posting rule: the kind of an entry. Each has exactly one pair of accounts; see Accounts.
type Movement string

// The movements; the zero value is invalid. The last four are the reverses of clawback, claw_expired, shortfall and debt_payment,
// posted when a payment's target falls.
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

// Cause says why an entry was posted and on whose word: set what applies. Nothing personal belongs in it.
type Cause struct {
	Reason     string // a snake_case word for the statement: "purchase", "generation_failed", "lot_expired"…
	Generation string
	Payment    string
	Case       string
	Event      string // the provider's event id, where one caused it
	Actor      string // "customer", "app", "staff", "provider" or "system"
	Note       string // staff's words
}

// Entry is one immutable line of the ledger: Credits > 0 moved From one account To another at At.
// ID is unique within the customer, sorts by At and then by its place in the posting, and derives from what caused the entry.
// Lot is the lot that gave or took them, where one did. Entries about a debt carry the payment whose debt it is as Cause.Payment.
type Entry struct {
	ID       string
	Customer CustomerID
	At       time.Time
	Movement Movement
	From, To Account
	Credits  Credits
	Lot      LotID
	Cause    Cause
}
