package insight

import (
	"context"
	"strconv"
	"strings"

	"makegood/shared/fault"
)

// casesPage is how many verdicts one page of Cases reads of the store, which it may leave out all
// of: a page costs the same, whatever it is asked for.
const casesPage = 200

// Figure is a verdict with what it adds.
type Figure struct {
	Verdict
	Row
}

// Cases returns a page of the verdicts of the span that the wanted key matches, part by part and in
// each the oldest first, behind a place ("": from the first), and where to go on, "" at the end. A
// page may be empty before the last.
//
// Errors: as Span.Validate; KindInvalid naming cursor for what is no place.
func (r Reader) Cases(ctx context.Context, span Span, wanted Key, after string) ([]Figure, string, error) {
	if err := span.Validate(); err != nil {
		return nil, "", err
	}
	part, within := 0, ""
	if after != "" {
		word, rest, _ := strings.Cut(after, "/")
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 || n >= r.Store.Parts() {
			return nil, "", fault.Invalid("cursor", "is none of ours")
		}
		part, within = n, rest
	}
	verdicts, next, err := r.list(ctx, part, span, within, casesPage)
	if err != nil {
		return nil, "", err
	}
	var figures []Figure
	for _, verdict := range verdicts {
		// The first row is the verdict's own.
		if rows := RowsOf(verdict); len(rows) > 0 && rows[0].Key.Matches(wanted) {
			figures = append(figures, Figure{verdict, rows[0]})
		}
	}
	switch {
	case next != "":
		return figures, strconv.Itoa(part) + "/" + next, nil
	case part+1 < r.Store.Parts():
		return figures, strconv.Itoa(part+1) + "/", nil
	}
	return figures, "", nil
}
