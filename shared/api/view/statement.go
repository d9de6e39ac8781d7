package view

import (
	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/statement"
)

// Rows returns the rows of a statement as the role sees them. A note on given credits is staff's
// and the app's: the customer does not read it. Who of staff gave them is for staff.
func Rows(rows []statement.Row, role access.Role) []api.StatementEntry {
	response := make([]api.StatementEntry, len(rows))
	for i, row := range rows {
		response[i] = api.StatementEntry{
			ID: row.ID, At: api.MomentOf(row.At), Cause: string(row.Cause), Reason: row.Reason, From: string(row.From), To: string(row.To),
			Amount: int64(row.Amount), Generation: row.Generation, Payment: row.Payment, Case: row.Case, Cost: Cost(row.Cost),
		}
		if role != access.RoleCustomer {
			response[i].Note = row.Note
		}
		if role == access.RoleStaff {
			response[i].By = row.By
		}
	}
	return response
}
