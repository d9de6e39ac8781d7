package stripe

import (
	"errors"
	"fmt"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/provider"
)

// account is the connected account whose sales are ours, "" for the account of our key itself. A
// platform's endpoint receives the events of every account that was ever connected to it, and any
// of them may name any customer and package. So only one account may sell for a stack.
type account string

// errAccount names the setting.
var errAccount = errors.New(`STRIPE_ACCOUNT names no connected account of Stripe, as in "acct_…"`)

// validate returns an error for what cannot be an account of Stripe.
func (a account) validate() error {
	rest, ok := strings.CutPrefix(string(a), "acct_")
	// The id goes into a header: a control character in it could start another header.
	if a == "" || ok && rest != "" && !strings.ContainsFunc(rest, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil
	}
	return errAccount
}

// header returns the account as a parameter of a call; nil for the key's own account.
func (a account) header() *string {
	if a == "" {
		return nil
	}
	name := string(a)
	return &name
}

// checkWebhook returns provider.ErrIrrelevant for a webhook's event of another account, and
// KindBusy where our own setting cannot be an account.
func (a account) checkWebhook(e event) error {
	// A wrong setting is our fault. The sender tries again, and the event is still there when the
	// setting is mended.
	if err := a.validate(); err != nil {
		return fault.Busy(err)
	}
	if account(e.Account) != a {
		return provider.Irrelevant("event %s of type %q is of account %q", e.ID, e.Type, e.Account)
	}
	return nil
}

// checkListed returns an error, which is logged, for a listed event of another account. Events that
// are listed for an account need not name it.
func (a account) checkListed(e event) error {
	if e.Account != "" && account(e.Account) != a {
		return fmt.Errorf("it is of account %q", e.Account)
	}
	return nil
}
