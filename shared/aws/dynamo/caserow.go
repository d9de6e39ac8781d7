package dynamo

import (
	"time"

	"makegood/shared/attachment"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// statementRow is what the customer said: one attribute, so that one REMOVE erases it.
type statementRow struct {
	Description string       `json:"description,omitempty"`
	Issue       policy.Issue `json:"issue,omitempty"`
	Usage       usageRow     `json:"usage,omitzero"`
	Region      *regionRow   `json:"region,omitempty"`
	Claim       *claimRow    `json:"claim,omitempty"`
	Appeal      string       `json:"appeal,omitempty"`
	Attachments []takenRow   `json:"attachments,omitempty"`
}

// takenRow is what a case keeps of an attachment.
type takenRow struct {
	ID attachment.ID `json:"id"`
	fileRow
}

func newTakenRow(t attachment.Taken) takenRow { return takenRow{ID: t.ID, fileRow: newFileRow(t.File)} }

func (r takenRow) taken() attachment.Taken { return attachment.Taken{ID: r.ID, File: r.file()} }

type usageRow struct {
	BulkDownloaded bool `json:"bulk_downloaded,omitzero"`
	CommercialUse  bool `json:"commercial_use,omitzero"`
}

type regionRow struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

func newRegionRow(r refund.Region) regionRow { return regionRow(r) }

func (r regionRow) region() refund.Region { return refund.Region(r) }

func newStatementRow(a refund.Statement) statementRow {
	return statementRow{
		Description: a.Description, Issue: a.Issue, Usage: usageRow(a.Usage), Region: pointerTo(a.Region, newRegionRow),
		Claim: pointerTo(a.Claim, newClaimRow), Appeal: a.Appeal, Attachments: eachOf(a.Attachments, newTakenRow),
	}
}

func (r statementRow) statement() refund.Statement {
	return refund.Statement{
		Description: r.Description, Issue: r.Issue, Usage: policy.UsageFacts(r.Usage), Region: pointerTo(r.Region, regionRow.region),
		Claim: pointerTo(r.Claim, claimRow.claim), Appeal: r.Appeal, Attachments: eachOf(r.Attachments, takenRow.taken),
	}
}

// claimRow is what a customer said about a purchase.
type claimRow struct {
	Email          string    `json:"email"`
	PaidAt         time.Time `json:"paid_at"`
	WholeDay       bool      `json:"whole_day,omitempty"`
	Amount         amountRow `json:"amount"`
	Reason         string    `json:"reason"`
	TransactionIDs []string  `json:"transaction_ids,omitempty"`
	Attachments    []string  `json:"attachments,omitempty"`
}

func newClaimRow(c refund.Claim) claimRow {
	return claimRow{
		Email: c.Email, PaidAt: c.PaidAt, WholeDay: c.WholeDay, Amount: newAmountRow(c.Amount), Reason: c.Reason,
		TransactionIDs: c.TransactionIDs, Attachments: c.Attachments,
	}
}

func (r claimRow) claim() refund.Claim {
	return refund.Claim{
		Email: r.Email, PaidAt: r.PaidAt, WholeDay: r.WholeDay, Amount: r.Amount.amount(), Reason: r.Reason,
		TransactionIDs: r.TransactionIDs, Attachments: r.Attachments,
	}
}

// candidateRow is a payment that a case may be about, as it was at the verdict.
type candidateRow struct {
	Payment   payment.ID        `json:"payment"`
	Customer  ledger.CustomerID `json:"customer,omitempty"`
	Package   string            `json:"package"`
	Amount    amountRow         `json:"amount"`
	OrderedAt time.Time         `json:"ordered_at"`
	PaidAt    time.Time         `json:"paid_at"`
}

func newCandidateRow(c refund.Candidate) candidateRow {
	return candidateRow{
		Payment: c.Payment, Customer: c.Customer, Package: c.Package, Amount: newAmountRow(c.Amount), OrderedAt: c.OrderedAt, PaidAt: c.PaidAt,
	}
}

func (r candidateRow) candidate() refund.Candidate {
	return refund.Candidate{
		Payment: r.Payment, Customer: r.Customer, Package: r.Package, Amount: r.Amount.amount(), OrderedAt: r.OrderedAt, PaidAt: r.PaidAt,
	}
}

// returnedRow is what became of credits that were given back.
type returnedRow struct {
	Restored ledger.Credits `json:"restored,omitempty"`
	Extended ledger.Credits `json:"extended,omitempty"`
	Expired  ledger.Credits `json:"expired,omitempty"`
}

func newReturnedRow(r refund.Returned) returnedRow { return returnedRow(r) }

func (r returnedRow) returned() refund.Returned { return refund.Returned(r) }

// appealRow is an appeal but for its instant, which conditions name.
type appealRow struct {
	Origin   originRow      `json:"origin"`
	Ruling   *rulingRow     `json:"ruling,omitempty"`
	Reviewer string         `json:"reviewer,omitempty"`
	Finding  refund.Finding `json:"finding,omitempty"`
}

func newAppealRow(a refund.Appeal) appealRow {
	return appealRow{Origin: newOriginRow(a.Origin), Ruling: pointerTo(a.Ruling, newRulingRow), Reviewer: a.Reviewer, Finding: a.Finding}
}

func (r appealRow) appeal(at time.Time) refund.Appeal {
	return refund.Appeal{
		At: at, Origin: r.Origin.origin(), Ruling: pointerTo(r.Ruling, rulingRow.ruling), Reviewer: r.Reviewer, Finding: r.Finding,
	}
}

// originRow tells a replay of a request from another request.
type originRow struct {
	Key   string `json:"key"`
	Input string `json:"input"`
}

func newOriginRow(o origin.Origin) originRow { return originRow(o) }

func (r originRow) origin() origin.Origin { return origin.Origin(r) }

// rulingRow is staff's ruling within an appeal. Elsewhere in a case it is a list by place: see
// encodeRuling.
type rulingRow struct {
	personRow
	Payment payment.ID `json:"payment,omitempty"`
	By      string     `json:"by,omitempty"`
	Note    string     `json:"note"`
	Origin  originRow  `json:"origin"`
	At      time.Time  `json:"at"`

	EffectiveAt time.Time `json:"effective_at,omitzero"`
	TakenBackAt time.Time `json:"taken_back_at,omitzero"`
}

func newRulingRow(r refund.Ruling) rulingRow {
	return rulingRow{
		personRow: newPersonRow(r.Ruling), Payment: r.Payment, By: r.By, Note: r.Note, Origin: newOriginRow(r.Origin), At: r.At,
		EffectiveAt: r.EffectiveAt, TakenBackAt: r.TakenBackAt,
	}
}

func (r rulingRow) ruling() refund.Ruling {
	return refund.Ruling{
		Ruling: r.personRow.ruling(), Payment: r.Payment, By: r.By, Note: r.Note, Origin: r.Origin.origin(), At: r.At,
		EffectiveAt: r.EffectiveAt, TakenBackAt: r.TakenBackAt,
	}
}
