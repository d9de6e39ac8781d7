package console

import (
	"crypto/rand"
	"strconv"
	"strings"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// What a note reads where a person types none: what they thereby say.
const (
	noteApproved = "I looked at it, and what was said of it is so."
	noteDeclined = "I looked at it, and what was said of it is not so."
)

// decideData is what a person may decide on a case.
type decideData struct {
	// Key tells this form from another: sent twice, it rules once.
	Key string
	// Approve and Decline are what each choice moves.
	Approve, Decline moved
	// Payments are those that the ruling may be about, none where there is no choice.
	Payments []refund.Candidate
	// Currency is that of money that could go back, "" where none could.
	Currency string
}

// moved is what one choice moves, or why it cannot be made.
type moved struct {
	refund.Preview
	// Refusal is why it cannot be made, "" where it can.
	Refusal string
	// Words are what the customer will read.
	Words notice.Draft
	// Clauses are those that may be cited.
	Clauses []policy.Clause
}

// decide returns what the person may decide on the case, nil for nothing.
func (c Console) decide(r request, found refund.Case) (*decideData, error) {
	if !found.Waiting() || found.Proposed != nil || !r.Caller.May(access.PermissionRule) {
		return nil, nil
	}
	data := decideData{Key: rand.Text(), Payments: found.Candidates}
	revision := c.Published.At(found.OpenedAt)
	if found.Decision != nil {
		if own, ok := policy.Published(found.Decision.Policy); ok {
			revision = own
		}
	}
	if found.Statement != nil && found.Statement.Claim != nil {
		data.Currency = found.Statement.Claim.Amount.Currency
	}
	var err error
	if data.Approve, err = c.moves(r, found, revision, policy.OutcomeApproved); err != nil {
		return nil, err
	}
	data.Decline, err = c.moves(r, found, revision, policy.OutcomeDeclined)
	return &data, err
}

// moves returns what an outcome would move, as the form has it. A refusal is no error: the page
// says it beside the choice.
func (c Console) moves(r request, found refund.Case, revision policy.Revision, outcome policy.Outcome) (moved, error) {
	var all moved
	for _, id := range revision.Citable(found.Kind, outcome) {
		if clause, ok := revision.Clause(id); ok {
			all.Clauses = append(all.Clauses, clause)
		}
	}
	order, err := c.orderOf(r, outcome)
	if err == nil {
		all.Preview, err = c.Reviewer.Preview(r.Context(), found.ID, order, r.Now)
	}
	return all, fault.At("console: preview", string(found.ID), all.explain(err))
}

// explain adds the words of the preview, or why the ruling is refused. It returns any other error.
func (m *moved) explain(err error) error {
	if kind := fault.KindOf(err); kind == fault.KindInvalid || kind == fault.KindConflict {
		if m.Refusal = sentenceOf(err); fault.CodeOf(err) == fault.CodeMissingFields {
			m.Refusal = "no rule says what goes back, so type it below"
		}
		return nil
	}
	if err == nil {
		m.Words = notice.DraftOf(m.Case, policy.Published)
	}
	return err
}

// preview answers the page with what the typed ruling would move.
func (c Console) preview(r request) (string, error) {
	_, err := c.orderOf(r, policy.OutcomeApproved)
	return "", err
}

// rule records the person's ruling, and goes on to the next case.
func (c Console) rule(r request) (string, error) {
	id, err := refund.ParseCaseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	outcome := policy.Outcome(r.FormValue("outcome"))
	order, err := c.orderOf(r, outcome)
	if err != nil {
		return "", err
	}
	if order.Note = strings.TrimSpace(order.Note); order.Note == "" {
		order.Note = noteApproved
		if outcome == policy.OutcomeDeclined {
			order.Note = noteDeclined
		}
	}
	order.TakeBack, order.NoMoney = true, r.Caller.RequirePermission(access.PermissionRuleMoney)
	if _, err := c.Reviewer.Rule(r.Context(), id, order, r.Now); err != nil {
		return "", err
	}
	return onward(r, id, order.Key)
}

// onward goes on to the next case, which says what was just decided: the ruling that the key names.
func onward(r request, id refund.CaseID, key string) (string, error) {
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	if err != nil {
		return "", err
	}
	return "/console/cases/next" + filter.Query("behind", string(id), "done", string(id), "key", key), nil
}

// orderOf reads a ruling off the form.
func (c Console) orderOf(r request, outcome policy.Outcome) (refund.RulingOrder, error) {
	order := refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: outcome}, Payment: payment.ID(r.FormValue("payment")), Note: r.FormValue("note"),
		By: r.Caller.Name, Principal: r.Caller.Principal(), Key: r.FormValue("key"),
	}
	if outcome == policy.OutcomeDeclined {
		order.Ruling.Clause = r.FormValue("decline_clause")
		return order, nil
	}
	order.Ruling.Clause = r.FormValue("approve_clause")
	amount := strings.TrimSpace(r.FormValue("amount"))
	if amount == "" {
		return order, nil
	}
	switch r.FormValue("in") {
	case "credits":
		unit := c.Published.Current(r.Now).Unit
		n, err := smallest(amount, unit.Scale, unit.Name)
		if err != nil {
			return order, err
		}
		order.Ruling.Remedy = policy.RemedyOf(ledger.Credits(n), nil, "")
	case "money":
		currency := r.FormValue("currency")
		n, err := smallest(amount, money.Decimals(currency), currency)
		if err != nil {
			return order, err
		}
		order.Ruling.Remedy = policy.RemedyOf(0, &money.Amount{Currency: currency, Minor: n}, "")
	default:
		return order, fault.Invalid("in", "must be credits or money")
	}
	return order, nil
}

// smallest reads an amount as people write it, 12.50, in the smallest unit of what has that many
// decimals. KindInvalid naming amount for anything else.
func smallest(text string, decimals int, of string) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", max(0, decimals-len(fraction))), 10, 63)
	if err != nil || n == 0 || whole == "" || len(fraction) > decimals {
		return 0, fault.Invalid("amount", "must be an amount of %s above 0, with at most %d decimals", of, decimals)
	}
	return int64(n), nil //nolint:gosec // of 63 bits
}
