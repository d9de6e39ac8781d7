package console

import (
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/text"
)

// section is a part of the console as the navigation names it.
type section struct {
	// Title is its name.
	Title string
	// Path is its first page.
	Path string
	// Key is what opens it: two keys, one after the other.
	Key string
	// Permission is what its first page needs.
	Permission access.Permission
}

// sections are the navigation, in its order.
var sections = []section{
	{Title: "Review", Path: "/console/cases", Key: "g r", Permission: access.PermissionRead},
	{Title: "Appeals", Path: "/console/appeals", Key: "g a", Permission: access.PermissionRead},
	{Title: "Payments", Path: "/console/payments", Key: "g p", Permission: access.PermissionRead},
	{Title: "Outages", Path: "/console/outages", Key: "g o", Permission: access.PermissionRead},
	{Title: "Customers", Path: "/console/customers", Key: "g c", Permission: access.PermissionRead},
	{Title: "Insights", Path: "/console/insights", Key: "g i", Permission: access.PermissionRead},
	{Title: "Simulation", Path: "/console/simulations", Key: "g m", Permission: access.PermissionSimulate},
	{Title: "Stuck", Path: "/console/stuck", Key: "g s", Permission: access.PermissionRead},
}

// In reports whether a path is in the section.
func (s section) In(at string) bool { return at == s.Path || strings.HasPrefix(at, s.Path+"/") }

// words are the functions that templates call.
func (c Console) words() template.FuncMap {
	return template.FuncMap{
		"asset":   Asset,
		"credits": c.credits,
		"amount":  func(a money.Amount) string { return a.String() },
		"date":    func(at any) string { return dateOf(instantOf(at)) },
		"iso":     func(at any) string { return instantOf(at).UTC().Format(time.RFC3339) },
		"second":  func(at time.Time) string { return at.UTC().Format("15:04:05 UTC") },
		"ago":     func(now time.Time, at any) string { return ago(now, instantOf(at)) },
		"left":    func(now time.Time, at any) string { return left(now, instantOf(at)) },
		"plain":   plain,
		"where":   where,
		"notice":  noticeOf,
		"cut":     func(words string) string { return text.Cut(words, 60) },
		"number":  func(n float64) string { return strconv.FormatFloat(n, 'g', 4, 64) },
		"pairs":   pairs,
		"short":   short,
		"shell":   shellWord,
		"amounts": c.amounts,
		"gives":   c.gives,
		"count":   count,
		"share":   shareOf,
		"keys":    func(key string) []string { return strings.Fields(key) },
	}
}

// credits returns an amount of the wallet's smallest unit as people write it: "2.50 credits".
func (c Console) credits(amount any) string {
	var n int64
	switch a := amount.(type) {
	case int64:
		n = a
	case ledger.Credits:
		n = int64(a)
	case *int64:
		n = *a
	}
	unit := c.Published.Current(c.Now()).Unit
	return unit.Format(n) + " " + unit.Name
}

// pair is a value of a choice and what it is called.
type pair struct{ Value, Label string }

// pairs returns the choices of values and labels, which alternate.
func pairs(words ...string) []pair {
	list := make([]pair, 0, len(words)/2)
	for i := 0; i+1 < len(words); i += 2 {
		list = append(list, pair{Value: words[i], Label: words[i+1]})
	}
	return list
}

// short returns the last characters of an id, by which people tell ids apart in a list.
func short(id any) string {
	text := fmt.Sprint(id)
	if len(text) <= 14 {
		return text
	}
	return "…" + text[len(text)-10:]
}

// shellWord returns a customer's id as a command line takes it: no id has a quotation mark.
// Why: infra/decisions/0075.
func shellWord(id string) string {
	switch {
	case strings.HasPrefix(id, "-"):
		return "-- '" + id + "'"
	case strings.ContainsAny(id, "|$="):
		return "'" + id + "'"
	}
	return id
}

// plain returns a word of the wire, or what points at one, as people read it: bad_result is "bad
// result".
func plain(word any) string {
	return strings.ReplaceAll(fmt.Sprint(reflect.Indirect(reflect.ValueOf(word))), "_", " ")
}

// noticeOf names what a customer is told, without the number that a second notice of one name has.
func noticeOf(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return plain(name)
}

// sentenceOf returns why something is refused, as a caller of the API reads it, behind the field at
// fault.
func sentenceOf(err error) string {
	problem := api.ProblemOf(err)
	if problem.Code == fault.CodeMissingFields {
		return plain(problem.Field) + " is missing"
	}
	if problem.Field != "" {
		return plain(problem.Field) + " " + problem.Detail
	}
	return problem.Detail
}

// count returns a number of things: "1 case", "2 cases".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// pixels returns the size of a picture.
func pixels(width, height int) string { return fmt.Sprintf("%d × %d", width, height) }

// bytesOf returns a number of bytes in the unit in which people compare files.
func bytesOf(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d B", n)
	case n < 10_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	default:
		return fmt.Sprintf("%d MB", n/1_000_000)
	}
}

// instantOf returns the instant of whatever a view holds one as; zero for nil.
func instantOf(at any) time.Time {
	switch t := at.(type) {
	case time.Time:
		return t
	case api.Moment:
		return t.Time
	case *time.Time:
		if t != nil {
			return *t
		}
	case *api.Moment:
		if t != nil {
			return t.Time
		}
	}
	return time.Time{}
}

// dateOf returns an instant as people read it, with its zone; "–" for none.
func dateOf(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return at.UTC().Format("2 Jan 2006, 15:04 UTC")
}

// ago returns how long an instant is past: "3 h ago".
func ago(now, at time.Time) string {
	if at.After(now) {
		return "in " + span(at.Sub(now))
	}
	return span(now.Sub(at)) + " ago"
}

// left returns how much time there is until an instant, or by how much it has passed.
func left(now, at time.Time) string {
	if at.After(now) {
		return span(at.Sub(now)) + " left"
	}
	return span(now.Sub(at)) + " late"
}

// span returns a span in its two largest units, whole minutes at least.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 10*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d < 10*day:
		return fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour)
	default:
		return fmt.Sprintf("%d d", d/day)
	}
}
