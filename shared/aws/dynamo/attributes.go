package dynamo

// The names of all attributes. They are what is stored, so they stay: the golden rows hold them.

// The attributes of keys and indexes.
const (
	attrPK          = "pk"
	attrSK          = "sk"
	attrShard       = "shard"       // of the indexes due, waiting, frequent and decided; see shard.go
	attrDueAt       = "dueAt"       // of the indexes open and due: the soonest open step
	attrStuckAt     = "stuckAt"     // of the index stuck: when a sweep gave the item up
	attrStartedAt   = "startedAt"   // of the index history of generations
	attrOpenedAt    = "openedAt"    // of the index history of cases
	attrReviewBy    = "reviewBy"    // of the indexes review and waiting: while a case waits for staff
	attrDecidedAt   = "decidedAt"   // of the index decided: when a case was last approved or declined; of a second look, its verdict
	attrNearUntil   = "nearUntil"   // of the indexes near and frequent: while a customer may be near a limit
	attrAttention   = "attention"   // of the index attention: the list of staff that a payment is in
	attrAttentionAt = "attentionAt" // since when it is
	attrCount       = "count"       // of a customer's requests in a minute
	attrReadAt      = "readAt"      // up to when a customer has read their notices
	attrExpiresAt   = "expiresAt"   // of the table Evidence: in seconds, when DynamoDB drops the row
)

// The attributes of several kinds of row.
const (
	attrCustomer   = "customer"
	attrState      = "state"
	attrVersion    = "version"  // counts the commits of a payment, an outage or a listing
	attrTodo       = "todo"     // the open steps, each with its instant
	attrAttempts   = "attempts" // how often a sweep sent those again
	attrLocale     = "locale"
	attrAt         = "at"
	attrNote       = "note"
	attrBy         = "by" // the name of a person of staff, or of an operator key
	attrNotice     = "notice"
	attrNotifiedAt = "toldAt"
	attrKind       = "kind"
	attrKey        = "key"   // a hash of an idempotency key
	attrInput      = "input" // a hash of what came with that key

	attrGeneration = "generation"
	attrPayment    = "payment" // of a payment: its document; elsewhere an id
	attrOutage     = "outage"  // of an outage: its document; elsewhere an id
	attrCase       = "case"

	// Who claimed which mail, and when: of a mail, nobody can tell afterwards whether it was sent
	// twice.
	attrMailed   = "mailed"
	attrMailedBy = "mailedBy"
	attrMailedAt = "mailedAt"
)

// The attributes of wallets, of the rows beside them, and of entries.
const (
	attrLots      = "lots"
	attrDebts     = "debts"
	attrStanding  = "standing"
	attrExpired   = "expired" // of a lot's row: how many of its credits stand expired
	attrGrant     = "grant"   // of a lot's row: the record of the gift that asked for the lot
	attrPurchases = "purchases"
	attrUngranted = "ungranted"

	attrMovement = "movement"
	attrFrom     = "from"
	attrTo       = "to"
	attrCredits  = "credits"
	attrLot      = "lot"
	attrReason   = "reason"
	attrEvent    = "event"
	attrActor    = "actor"
)

// The attributes of payments and of the rows among them.
const (
	attrDebtPaid = "debtPaid" // a list that other steps append to without reading
	attrAliasOf  = "aliasOf"
	attrListing  = "listing"
)

// The attributes of generations and of the months' costs among them. What a generation was asked
// for is written once.
const (
	attrFeature    = "feature"
	attrPlatform   = "platform"
	attrSurface    = "surface"
	attrMode       = "mode"
	attrModel      = "model"
	attrSize       = "size"
	attrSeconds    = "seconds"
	attrReference  = "reference"
	attrWords      = "words" // what the order says of its picture: one attribute, so that one REMOVE erases it
	attrDimensions = "dimensions"
	attrDeadline   = "deadline"
	attrInputHash  = "inputHash"
	attrAvailable  = "available"
	attrOutputs    = "outputs"
	attrPrice      = "price"
	attrDraws      = "draws"
	attrHash       = "hash"
	attrResult     = "result"
	attrRecordedAt = "recordedAt"
	attrCapturedAt = "capturedAt"
	attrReleasedAt = "releasedAt"
	attrCaptured   = "captured"
	attrReleased   = "released"
	attrRefunded   = "refunded"
	attrLate       = "late"
	attrUses       = "uses"

	attrMicros      = "micros"
	attrGenerations = "generations"
)

// The attributes of cases and of the rows among them.
const (
	attrOutput        = "output"
	attrStatement     = "asked"
	attrAddress       = "address" // a case's AddressMark
	attrCandidates    = "candidates"
	attrKnown         = "known"
	attrDecision      = "decision"
	attrTrace         = "trace"
	attrBasis         = "basis"
	attrRuling        = "ruling"
	attrOverruled     = "overruled"
	attrTakeBacks     = "takeBacks"     // until when each of its rulings could be taken back, and when it was
	attrProposed      = "proposed"      // a ruling that waits for a second person
	attrSecondPersons = "secondPersons" // what a second person said of each of its rulings
	attrAssignment    = "assignment"
	attrSkips         = "skips"
	attrAppeal        = "appeal"
	attrAppealedAt    = "appealedAt"
	attrReturned      = "returned"
	attrHistory       = "history"

	attrSums       = "sums" // of a day and a shard: what its final verdicts come to
	attrOffer      = "offer"
	attrRequests   = "requests"   // of a customer's recent requests
	attrOpened     = "opened"     // of a customer's day: how many claims they opened
	attrAppealed   = "appealed"   // of a customer's day: how many appeals they made
	attrUpheld     = "upheld"     // of a clause: how many appeals changed nothing
	attrOverturned = "overturned" // of a clause: how many appeals changed the verdict
	attrFile       = "file"       // of an attachment: what was announced of its bytes
	attrUntil      = "until"      // of an attachment: until when a case may take it

	attrDiscardedAt = "discardedAt" // of an attachment: when it was marked to be removed

	attrViews = "views" // of a person of staff: the views of the review queue that they saved
)

// The attributes of the month's budget of opinions among the evidence.
const (
	attrMost     = "most"     // what an opinion can cost, in millionths of a dollar
	attrOpinions = "opinions" // how many began
)

// The attributes of second looks, of signals and of their counts, in the table Evidence.
const (
	attrOutcome = "outcome"
	attrClause  = "clause"
	attrSignals = "signals"
	attrFinding = "finding"

	attrLatest = "latest" // of a signal: what its latest looks found
	attrStop   = "stop"   // of a signal: why it decides nothing
	attrLifts  = "lifts"  // of a signal: its latest lifts

	attrPaid            = "paid"
	attrWronglyPaid     = "wronglyPaid"
	attrDeclined        = "declined"
	attrWronglyDeclined = "wronglyDeclined"
	attrUnsure          = "unsure"
)

// The attributes of what was seen of bad results, and of what later pictures find it by.
const (
	attrRecord   = "record"
	attrUnusable = "unusable"
	attrTiles    = "tiles"
	attrPrint    = "print"
)
