package page

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Text writes the page as Markdown of at most Columns columns.
func (p Page) Text(out io.Writer) error {
	w := &writer{}
	// The page comes first, in its own order; below the line stands what it leaves open, then the
	// tables and terms.
	w.head(p)
	w.page(p)
	w.line("---\n")
	w.beside(p)
	w.order(p)
	w.sold(p)
	w.made(p)
	w.windows(p)
	w.terms(p)
	w.contact(p)
	w.notices(p)
	_, err := io.WriteString(out, strings.TrimRight(w.String(), "\n")+"\n")
	return err
}

func (w *writer) head(p Page) {
	// Not every published page has a title.
	title := "Refund policy"
	if p.Title != "" {
		title = p.Title
	}
	w.line("# %s\n", title)
	w.quoted(fmt.Sprintf("%s, in force from %s, 00:00 UTC (%s). A case is judged by the revision in force when the generation finished or the "+
		"purchase was paid. Down to the line this is the published page, its text in “quotes”, and beneath it, as here, what is done by it; below the line "+
		"stands what the page leaves open (*ours*).", p.Policy.Name, p.Policy.Revision, p.Policy.Digest))
}

func (w *writer) sold(p Page) {
	w.line("## What is sold\n")
	// A unit with decimals needs its smallest step said, since every amount is a whole number of
	// it.
	text := "Balances are counted in " + p.Unit.Name + "."
	if p.Unit.Scale > 0 {
		text = fmt.Sprintf("Balances are counted in %s with %d decimals: the smallest unit is %s.", p.Unit.Name, p.Unit.Scale, Credits(p.Unit, 1))
	}
	w.para("", text)
	rows := [][]string{{"Package", "Credits", "Price", "Expires"}}
	for _, s := range p.Packages {
		expires := "never"
		if s.ExpiresAfterDays > 0 {
			expires = fmt.Sprintf("after %d days", s.ExpiresAfterDays)
		}
		rows = append(rows, []string{s.Name, Credits(p.Unit, s.Credits), s.Price.String(), expires})
	}
	w.table(rows)
}

func (w *writer) made(p Page) {
	w.line("## What can be generated, and where a bad result may be reported\n")
	rows := [][]string{{"Feature", "Price", "iOS", "Android", "Web"}}
	for _, f := range p.Features {
		rows = append(rows, []string{f.Name, Credits(p.Unit, f.Price), yes(f.Reportable.IOS), yes(f.Reportable.Android), yes(f.Reportable.Web)})
		// Prices with options stand below their feature, and only the first column names them.
		for _, row := range f.Prices {
			rows = append(rows, []string{"· " + row.options(), row.in(p.Unit), "", "", ""})
		}
	}
	w.table(rows)
	w.para("", "A generation is made "+either(each(wordsOf(p.Modes), modes))+"; only paid ones are charged.")
	w.para("", "Inside the editor: "+yes(p.Surfaces.Editor)+". Inside the batch editor: "+yes(p.Surfaces.Batch)+
		". Inside the catalog editor: "+yes(p.Surfaces.Catalog)+". The tables rule reports only: any feature can be used on any platform.")
}

func wordsOf(modes []policy.Mode) []string {
	words := make([]string, len(modes))
	for i, mode := range modes {
		words[i] = string(mode)
	}
	return words
}

// options says for which options a price is.
func (row OptionPrice) options() string {
	var chosen []string
	if row.Model != "" {
		chosen = append(chosen, "model "+row.Model)
	}
	if row.Size != "" {
		chosen = append(chosen, "size "+row.Size)
	}
	// A price by the second is bounded by the longest that may be ordered.
	if row.MaxSeconds > 0 {
		chosen = append(chosen, fmt.Sprintf("1 to %d seconds", row.MaxSeconds))
	}
	return strings.Join(chosen, ", ")
}

// in says the price in the wallet's unit.
func (row OptionPrice) in(unit policy.Unit) string {
	if row.MaxSeconds > 0 {
		return Credits(unit, row.PerSecond) + " a second"
	}
	return Credits(unit, row.Price)
}

func yes(is bool) string { return map[bool]string{true: "Yes", false: "No"}[is] }

func (w *writer) windows(p Page) {
	w.line("## Until when\n")
	// A window left out means no limit; an appeal that is left out cannot be made.
	report, purchase, appeal := "no limit", "no limit", "it is not"
	if p.Windows.Report != "" {
		report = "within " + p.Windows.Report + " of the generation"
	}
	if p.Windows.Purchase != "" {
		purchase = "within " + p.Windows.Purchase + " of the payment"
	}
	if p.Windows.Appeal != "" {
		appeal = "once, within " + p.Windows.Appeal + " of the decision"
	}
	w.wrap("- ", "  ", "A bad result is reported: "+report+".")
	w.wrap("- ", "  ", "A purchase is asked about: "+purchase+".")
	w.para("- ", "A declined request is appealed: "+appeal+".")
}

// titles are the requests as people call them.
var titles = map[policy.Kind]string{
	policy.KindTechnicalFailure: "A generation fails",
	policy.KindBadResult:        "A bad result is reported",
	policy.KindDuplicateCharge:  "A purchase was charged twice",
	policy.KindNotCredited:      "A purchase was not credited",
	policy.KindOutage:           "The service was down",
	policy.KindAbnormalCharge:   "A charge looks wrong",
	policy.KindChangeOfMind:     "A purchase is no longer wanted",
}

func capital(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

// verdict says how an example was decided.
func verdict(unit policy.Unit, d policy.Decision) string {
	text := strings.ReplaceAll(string(d.Outcome), "_", " ")
	if d.Remedy != nil {
		// Money and credits go to different places, and a customer wants to know where.
		switch d.Remedy.Arm() {
		case policy.ArmMoney:
			text += ", " + d.Remedy.Money().String() + " to the payment method"
		case policy.ArmCredits:
			text += ", " + Credits(unit, d.Remedy.Credits()) + " to the balance"
		}
	}
	if d.RespondBy != nil {
		text += ", answered by " + d.RespondBy.Format("Monday 2 January 2006")
	}
	if d.PayBy != nil {
		text += ", paid by " + d.PayBy.Format("Monday 2 January 2006")
	}
	return text
}

func (w *writer) terms(p Page) {
	w.line("## How soon\n")
	days := "business days (Monday to Friday, UTC"
	// The calendar decides which days count; a promise without it could not be checked.
	switch p.Response.Calendar {
	case policy.CalendarWeekdays:
	case policy.CalendarEveryday:
		days = "days (UTC"
	default:
		days += ", without the public holidays of " + p.Response.Calendar
	}
	days += "), the day of the request not counted"
	w.wrap("- ", "  ", promise("What a person decides is answered", p.Response.Respond, days))
	w.para("- ", promise("Money is paid back", p.Response.Pay, days))
	w.line("## Limits against abuse\n")
	w.para("", fmt.Sprintf("A customer is over the limits with more than %d reports of bad results in the last 30 days, or, from %d generations "+
		"on, with refunds for more than %d %% of them. The request in question and technical failures do not count.",
		p.Abuse.RequestsOver, p.Abuse.FromGenerations, p.Abuse.RefundsOverPercent))
	w.looks(p)
	w.secondPerson(p.SecondPerson)
	w.line("## Fine points\n")
	// Credits that were never spent always come back, whatever the rule: only spent ones may
	// expire.
	extension := fmt.Sprintf("come back with a new term of %d days.", p.ExpiredLot.ExtendDays)
	lots := "Credits whose lot has expired meanwhile " + extension
	if p.ExpiredLot.Rule == ledger.ExpiredRuleExpire {
		lots = "Refunded credits whose lot has expired meanwhile expire with it; those that were held and never spent " + extension
	}
	w.wrap("- ", "  ", lots)
	auto := "refunded when the customer asks"
	if p.Duplicates.Auto {
		auto = "refunded unasked"
	}
	w.wrap("- ", "  ", "A second equal purchase within "+p.Duplicates.Same+" counts as a double charge, "+auto+"; within "+p.Duplicates.Look+
		" a person decides when the customer asks.")
	w.para("- ", "A checkout that required no payment "+map[bool]string{true: "grants", false: "does not grant"}[p.GrantsUnpaid]+" its credits.")
}

// secondPerson says which rulings of staff two people give.
func (w *writer) secondPerson(rule *SecondPerson) {
	if rule == nil {
		return
	}
	w.line("## What two people decide\n")
	var what []string
	if rule.Appeals {
		what = append(what, "the answer to an appeal")
	}
	if len(rule.MoneyAbove) > 0 {
		limits := make([]string, len(rule.MoneyAbove))
		for i, limit := range rule.MoneyAbove {
			limits[i] = limit.String()
		}
		what = append(what, "money above "+list(limits, "or")+" (of any other currency, all of it)")
	}
	w.para("", "Whatever the rules say: when one of our team decides about "+list(what, "or")+", nothing moves until a second person has confirmed it.")
}

func promise(what string, days policy.Days, of string) string {
	// Nothing promised is said too: a reader should not look for it.
	if days.To == 0 {
		return what + ": no time is promised."
	}
	span := fmt.Sprint(days.To)
	if days.From > 0 {
		span = fmt.Sprintf("%d to %d", days.From, days.To)
	}
	text := fmt.Sprintf("%s within %s %s", what, span, of)
	if days.Aim {
		text += ": this is aimed at, not promised"
	}
	return text + "."
}

func (w *writer) notices(p Page) {
	w.line("## What the customer is told\n")
	for _, n := range p.Notices {
		// Notices differ by outcome, then by kind of request, then by what is given back.
		when := capital(strings.ReplaceAll(string(n.Outcome), "_", " "))
		if n.Kinds != nil {
			when += " (" + list(n.Kinds, "and") + ")"
		}
		if n.Money {
			when += ", money"
		}
		w.wrap("- ", "  ", fmt.Sprintf("%s: “%s” (`%s`)", when, n.Words, n.Name))
	}
	w.line("")
}
