package dispute

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/shared/policy"
)

// maxField bounds the text of a field, in characters: Stripe's bound is 20,000, and 150,000 for all
// of a form.
const maxField = 20_000

// form returns the form's fields.
func form(d Detail) Form {
	f := Form{
		ProductDescription: fmt.Sprintf("Package %q: %s, prepaid, to be spent on generating images in the app. Price %s, paid %s.",
			d.Purchase.Package, d.credits(d.Credits.Granted), d.Purchase.Price.String(), d.Purchase.Paid.String()),
		AccessActivityLog:        fit(d.activity()),
		RefundPolicyDisclosure:   fit(d.disclosure()),
		RefundRefusalExplanation: fit(d.refusals()),
		UncategorizedText:        fit(d.moneyBack()),
	}
	// Optional fields are set only where there is something to say: an empty field weakens a form.
	if at := d.Purchase.GrantedAt; at != nil {
		f.ServiceDate = day(*at) + ", when the credits were added to the customer's balance"
	}
	if len(d.Repeats) > 0 {
		f.DuplicateChargeID, f.DuplicateChargeExplanation = d.Repeats[0].Payment, fit(d.twice())
	}
	return f
}

func (d Detail) credits(n int64) string { return d.Unit.Format(n) + " " + d.Unit.Name }

// activity lists what was made with the purchase, one line each.
func (d Detail) activity() []string {
	if len(d.Use) == 0 {
		return nil
	}
	lines := []string{fmt.Sprintf("Image generations that drew on this purchase, times in UTC. Of %s, at least %s were used and not given back.",
		d.credits(d.Credits.Granted), d.credits(d.Credits.Used))}
	// Merged lots cannot be told apart, so the reader must know that other purchases may be among
	// the uses.
	if d.JoinedLot {
		lines = append(lines, "The credits joined those of an earlier purchase that expire with them: what was made with either is listed.")
	}
	for _, use := range d.Use {
		line := fmt.Sprintf("%s  %s on %s, %d asked for, %s drawn: %s", use.StartedAt.UTC().Format(time.RFC3339), use.Feature, use.Platform,
			use.Outputs, d.credits(use.Drawn), use.State)
		if use.FinishedAt != nil {
			line += ", finished " + use.FinishedAt.UTC().Format(time.RFC3339)
		}
		lines = append(lines, line+" ("+use.Generation+")")
	}
	if d.Unread > 0 {
		lines = append(lines, fmt.Sprintf("%d later generations were not looked at.", d.Unread))
	}
	return lines
}

// Since says whether the policy was in force when the purchase was paid, and else why the purchase
// is judged by it.
func (d Detail) Since() string {
	if d.Policy.InForce {
		return fmt.Sprintf("was in force when the purchase was paid, on %s.", day(d.Purchase.PaidAt))
	}
	return fmt.Sprintf("took effect after the purchase was paid, on %s. It is the first revision on record, and older purchases are judged by it.", day(d.Purchase.PaidAt))
}

// disclosure names the policy and quotes its clauses. How it was shown is the app's to say.
func (d Detail) disclosure() []string {
	title := "The refund policy"
	if d.Policy.Title != "" {
		title = fmt.Sprintf("The refund policy %q", d.Policy.Title)
	}
	lines := []string{fmt.Sprintf("%s (%s, revision %s, %s) %s It says:", title, d.Policy.Name, d.Policy.Revision, d.Policy.Digest, d.Since())}
	// Only published words are quoted: our own readings of an open clause are no disclosure.
	for _, clause := range d.Policy.Clauses {
		if !clause.Ours {
			lines = append(lines, clause.ID+": "+clause.Text)
		}
	}
	return lines
}

// refusals says why cases about the purchase were declined.
func (d Detail) refusals() []string {
	var lines []string
	// A case that was approved, or has no verdict yet, explains no refusal.
	for _, c := range d.Cases {
		verdict := c.Decision
		if verdict == nil || verdict.Outcome != string(policy.OutcomeDeclined) {
			continue
		}
		line := fmt.Sprintf("Asked on %s (%s, case %s): declined. %s", day(c.OpenedAt), plain(c.Kind), c.ID, verdict.Reason)
		if verdict.Text != "" {
			line += fmt.Sprintf(" Clause %s of the policy says: %q", verdict.Clause, verdict.Text)
		}
		lines = append(lines, line)
	}
	return lines
}

// twice says how this purchase and the one before differ.
func (d Detail) twice() []string {
	lines := []string{fmt.Sprintf("Payment %s of %s gave %s of its own.", d.Payment, moment(d.Purchase.PaidAt), d.credits(d.Credits.Granted))}
	for _, earlier := range d.Repeats {
		line := fmt.Sprintf("Payment %s of %s, package %q, %s, gave %s of its own", earlier.Payment, moment(earlier.PaidAt), earlier.Package,
			earlier.Paid.String(), d.credits(earlier.Granted))
		if earlier.GoneBack {
			line += "; money of it has gone back"
		}
		lines = append(lines, line+".")
	}
	if d.Credits.Used > 0 {
		lines = append(lines, fmt.Sprintf("Of payment %s at least %s were used.", d.Payment, d.credits(d.Credits.Used)))
	}
	return lines
}

// moneyBack says how much of the money went back, and how many credits were taken back.
func (d Detail) moneyBack() []string {
	var lines []string
	for _, r := range d.Refunds {
		lines = append(lines, fmt.Sprintf("Refund %s of %s: %s.", r.ID, r.Amount.String(), plain(r.Status)))
	}
	if d.GoneBack != nil {
		lines = append(lines, fmt.Sprintf("Of %s paid, %s have gone back, are held by the bank, or are on their way back.",
			d.Purchase.Paid.String(), d.GoneBack.String()))
	}
	if d.Credits.Taken > 0 {
		line := d.credits(d.Credits.Taken) + " were taken back for it"
		if d.Credits.Owed > 0 {
			line += ", of which the customer still owes " + d.credits(d.Credits.Owed)
		}
		lines = append(lines, line+".")
	}
	return lines
}

// fit joins lines as far as they have room in a field, and says how many had none.
func fit(lines []string) string {
	var b strings.Builder
	const room = 100 // for what is said of the rest
	// Room is kept for the last sentence, so that the bound holds with it too.
	used := 0
	for n, line := range lines {
		length := utf8.RuneCountInString(line) + 1
		if used+length > maxField-room {
			fmt.Fprintf(&b, "And %d more, left out here for want of room.", len(lines)-n)
			break
		}
		used += length
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// plain writes a word of the wire as people do.
func plain(word string) string { return strings.ReplaceAll(word, "_", " ") }

func day(at time.Time) string { return at.UTC().Format("2 January 2006") }

func moment(at time.Time) string { return at.UTC().Format("2 January 2006, 15:04:05 UTC") }
