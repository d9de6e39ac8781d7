package dynamo

import (
	"makegood/shared/ledger"
)

// An entry is one item under its customer, its id the sort key, which begins with its instant. It is put once and never touched.
func encodeEntry(entry ledger.Entry) item {
	row := item{
		attrPK:     text(entry.Customer.Key()),
		attrSK:     text(entry.ID),
		"at":       instant(entry.At),
		"movement": text(string(entry.Movement)),
		"from":     text(string(entry.From)),
		"to":       text(string(entry.To)),
		"credits":  number(int64(entry.Credits)),
	}
	row.putText(attrCustomer, string(entry.Customer))
	row.putText("lot", string(entry.Lot))
	row.putText("reason", entry.Cause.Reason)
	row.putText("generation", entry.Cause.Generation)
	row.putText("payment", entry.Cause.Payment)
	row.putText("case", entry.Cause.Case)
	row.putText("event", entry.Cause.Event)
	row.putText("actor", entry.Cause.Actor)
	row.putText("note", entry.Cause.Note)
	return row
}

func decodeEntry(row item) ledger.Entry {
	return ledger.Entry{
		ID:       row.text(attrSK),
		Customer: ledger.CustomerID(row.text(attrCustomer)),
		At:       row.instant("at"),
		Movement: ledger.Movement(row.text("movement")),
		From:     ledger.Account(row.text("from")),
		To:       ledger.Account(row.text("to")),
		Credits:  row.credits("credits"),
		Lot:      ledger.LotID(row.text("lot")),
		Cause: ledger.Cause{
			Reason: row.text("reason"), Generation: row.text("generation"), Payment: row.text("payment"), Case: row.text("case"),
			Event: row.text("event"), Actor: row.text("actor"), Note: row.text("note"),
		},
	}
}
