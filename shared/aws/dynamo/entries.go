package dynamo

import (
	"makegood/shared/ledger"
)

// An entry is one item under its customer, its id the sort key, which begins with its instant. It
// is put once and never touched.
func encodeEntry(entry ledger.Entry) item {
	row := item{
		attrPK:       text(entry.Customer.Key()),
		attrSK:       text(entry.ID),
		attrAt:       instant(entry.At),
		attrMovement: text(string(entry.Movement)),
		attrFrom:     text(string(entry.From)),
		attrTo:       text(string(entry.To)),
		attrCredits:  number(int64(entry.Credits)),
	}
	row.putText(attrCustomer, string(entry.Customer))
	row.putText(attrLot, string(entry.Lot))
	row.putText(attrReason, entry.Cause.Reason)
	row.putText(attrGeneration, entry.Cause.Generation)
	row.putText(attrPayment, entry.Cause.Payment)
	row.putText(attrCase, entry.Cause.Case)
	row.putText(attrEvent, entry.Cause.Event)
	row.putText(attrActor, entry.Cause.Actor)
	row.putText(attrNote, entry.Cause.Note)
	row.putText(attrBy, entry.Cause.By)
	return row
}

func decodeEntry(row item) ledger.Entry {
	return ledger.Entry{
		ID:       row.text(attrSK),
		Customer: ledger.CustomerID(row.text(attrCustomer)),
		At:       row.instant(attrAt),
		Movement: ledger.Movement(row.text(attrMovement)),
		From:     ledger.Account(row.text(attrFrom)),
		To:       ledger.Account(row.text(attrTo)),
		Credits:  row.credits(attrCredits),
		Lot:      ledger.LotID(row.text(attrLot)),
		Cause: ledger.Cause{
			Reason: row.text(attrReason), Generation: row.text(attrGeneration), Payment: row.text(attrPayment), Case: row.text(attrCase),
			Event: row.text(attrEvent), Actor: row.text(attrActor), Note: row.text(attrNote), By: row.text(attrBy),
		},
	}
}
