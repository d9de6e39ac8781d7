package insight

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"

	"makegood/shared/text"
)

// WriteCSV writes the table's rows by these dimensions, a column for each of them, for each sum and
// for each currency. Amounts are integers in the smallest unit. A cell that a spreadsheet would run
// as a formula begins with an apostrophe.
func (t Table) WriteCSV(w io.Writer, dimensions ...Dimension) error {
	currencies := slices.Sorted(maps.Keys(t.Total().Money))
	var head []string
	for _, d := range dimensions {
		head = append(head, string(d))
	}
	head = append(head, "verdicts", "by_person", "credits", "bought")
	for _, currency := range currencies {
		head = append(head, "money_minor_"+currency)
	}
	head = append(head, "answers", "waited_seconds", "promised", "in_time", "appeals", "overturned", "reports", "generations")
	out := csv.NewWriter(w)
	_ = out.Write(head) // Flush keeps the error
	for _, row := range t.By(dimensions...).Rows() {
		var cells []string
		for _, d := range dimensions {
			cells = append(cells, text.Cell(row.Key.Get(d)))
		}
		s := row.Sums
		numbers := []int64{s.Verdicts, s.ByPerson, int64(s.Credits), int64(s.Bought)}
		for _, currency := range currencies {
			numbers = append(numbers, s.Money[currency])
		}
		numbers = append(numbers, s.Answers, s.WaitedSeconds, s.Promised, s.InTime, s.Appeals, s.Overturned, s.Reports, s.Generations)
		for _, n := range numbers {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}
