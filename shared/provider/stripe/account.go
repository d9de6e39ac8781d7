package stripe

import (
	"errors"
	"fmt"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/provider"
)

// account is the connected account whose sales are ours, "" for the account of our key itself. The endpoint of a platform gets the events of
// every account that was ever connected to it, and each of these may name any customer and package: only one account may sell for a stack.
type account string

// errAccount names the setting.
var errAccount = errors.New(`STRIPE_ACCOUNT names no connected account of Stripe, as in "acct_…"`)

// validate returns an error for what can be no account.
func (a account) validate() error {
	rest, found := strings.CutPrefix(string(a), "acct_")
	if a == "" || found && rest != "" && !strings.ContainsFunc(rest, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil
	}
	return errAccount
}

// header returns the account as a parameter of a call; nil where the key's own account is asked.
func (a account) header() *string {
	if a == "" {
		return nil
	}
	name := string(a)
	return &name
}

// hears returns provider.ErrIrrelevant for a webhook's event of another account, and KindBusy where ours cannot be one.
func (a account) hears(e event) error {
	if err := a.validate(); err != nil {
		return fault.Busy(err)
	}
	if account(e.Account) != a {
		return provider.Irrelevant("event %s of type %q is of account %q", e.ID, e.Type, e.Account)
	}
	return nil
}

// lists returns an error, which is logged, for a listed event of another account. Events that are listed for an account need not name it.
func (a account) lists(e event) error {
	if e.Account != "" && account(e.Account) != a {
		return fmt.Errorf("it is of account %q", e.Account)
	}
	return nil
}
