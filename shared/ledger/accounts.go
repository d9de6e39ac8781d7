package ledger

import "fmt"

// rule is the pair of accounts that a movement moves credits between.
type rule struct{ from, to Account }

// rules is the whole table of posting rules: a movement that is not here cannot be posted.
var rules = map[Movement]rule{
	MovementGrant:         {Issued, Available},
	MovementHold:          {Available, Held},
	MovementCapture:       {Held, Spent},
	MovementRelease:       {Held, Available},
	MovementRefund:        {Spent, Available},
	MovementRefundExpired: {Spent, Expired},
	MovementExpiry:        {Available, Expired},
	MovementClawback:      {Available, Issued},
	MovementClawExpired:   {Expired, Issued},
	MovementShortfall:     {Owed, Issued},
	MovementDebtPayment:   {Available, Owed},
	MovementReinstatement: {Issued, Available},
	MovementReexpiry:      {Issued, Expired},
	MovementForgiveness:   {Issued, Owed},
	MovementDebtReversal:  {Owed, Available},
}

// Accounts returns the accounts that a movement moves credits from and to. An unknown movement is a
// caller's bug and panics.
func Accounts(m Movement) (from, to Account) {
	accounts, ok := rules[m]
	if !ok {
		panic(fmt.Sprintf("ledger: no posting rule for the movement %q", m))
	}
	return accounts.from, accounts.to
}
