package refund

import (
	"strconv"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// CaseID names a case: "cas_", the customer's key, and a hash of kind and subject.
type CaseID string

const caseIDPrefix = "cas_"

// NewCaseID returns the id of the case of that kind about the subject (a generation, an output of
// one, a payment).
func NewCaseID(customerKey string, kind policy.Kind, subject string) CaseID {
	return CaseID(ledger.NewOwnedID(caseIDPrefix, customerKey, string(kind), subject))
}

// FailureCaseID returns the id of the case about the generation's failure.
func FailureCaseID(id generation.ID) CaseID {
	return NewCaseID(id.CustomerKey(), policy.KindTechnicalFailure, string(id))
}

// ReportCaseID returns the id of the case about a bad result: one for each output of a generation,
// counted from 0.
func ReportCaseID(id generation.ID, output int) CaseID {
	return NewCaseID(id.CustomerKey(), policy.KindBadResult, string(id)+"/"+strconv.Itoa(output))
}

// DuplicateCaseID returns the id of the case of a double charge about the payment, claimed or not.
func DuplicateCaseID(p payment.Payment) CaseID {
	return NewCaseID(p.Customer().Key(), policy.KindDuplicateCharge, string(p.ID))
}

// outageCaseID returns the id of the case about a payment and a declared outage. The outage's run
// and a claim that names both derive the same id, so the customer gets the gift once. Each outage
// has a case of its own.
func outageCaseID(customer ledger.CustomerID, outageID string, paymentID payment.ID) CaseID {
	return NewCaseID(customer.Key(), policy.KindOutage, string(paymentID)+"/"+outageID)
}

// CaseIDsOf returns the ids of all cases that can be about the generation, opened or not: the case
// of its failure first, then one for each output.
func CaseIDsOf(g generation.Generation) []CaseID {
	ids := []CaseID{FailureCaseID(g.ID)}
	for output := range g.Outputs {
		ids = append(ids, ReportCaseID(g.ID, output))
	}
	return ids
}

// ParseCaseID returns the text as an id. A text that no case can have as its id is KindNotFound.
func ParseCaseID(s string) (CaseID, error) {
	if !ledger.IsOwnedID(caseIDPrefix, s) {
		return "", fault.NotFound("case")
	}
	return CaseID(s), nil
}

// CustomerKey returns the key of the customer whose case it is. The id must have been parsed.
func (id CaseID) CustomerKey() string { return ledger.OwnerKey(string(id)) }
