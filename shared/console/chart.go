package console

import "strconv"

// The drawing's own units: a column is as wide as it likes, since the whole is stretched over its
// place.
const (
	columnWidth = 10
	columnGap   = 1
	chartHeight = 1000
)

// chart is a row of columns over the days. It is drawn without words, which would be stretched with
// it: those stand around it. Why: infra/decisions/0073.
type chart struct {
	// ID tells it from the others of its page.
	ID, Title string
	// About says what a column is.
	About string
	// Most is the largest value, "" where all are nothing.
	Most string
	// Legend names the parts of a column where it has two, the lower first.
	Legend []string
	// Width is that of the drawing.
	Width   int
	Columns []column
}

// column is one value of a chart, which leads to its cases.
type column struct {
	X     int
	Path  string
	Label string
	Parts []columnPart
	// Marked: it has a mark on top, however low it is.
	Marked bool
}

// columnPart is a rectangle of a column.
type columnPart struct {
	Class     string
	Y, Height int
}

// value is what a column shows: its parts, the lower first, and the whole in words.
type value struct {
	parts []int64
	words string
	// note says why it is marked, "" where it is not.
	note string
}

// drawn returns the chart of these values, each with the words and the path of its place.
func (c chart) drawn(rows []insightRow, of func(insightRow) value) chart {
	var most int64
	values := make([]value, len(rows))
	for i, row := range rows {
		values[i] = of(row)
		if whole := sum(values[i].parts); whole > most {
			most, c.Most = whole, values[i].words
		}
	}
	for i, v := range values {
		one := column{X: i * columnWidth, Path: rows[i].Path, Label: rows[i].Label + ": " + v.words + v.note, Marked: v.note != ""}
		top := chartHeight
		for n, part := range v.parts {
			if part <= 0 || most == 0 {
				continue
			}
			height := int(max(1, part*chartHeight/most))
			top -= height
			one.Parts = append(one.Parts, columnPart{Class: "part" + strconv.Itoa(n), Y: max(0, top), Height: height})
		}
		c.Columns = append(c.Columns, one)
	}
	c.Width = len(rows) * columnWidth
	return c
}

// In returns where the rectangle of a column begins.
func (c column) In() int { return c.X + columnGap }

func sum(parts []int64) (whole int64) {
	for _, part := range parts {
		whole += part
	}
	return whole
}

// shareOf returns a part of a whole in percent, "–" of nothing.
func shareOf(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	tenths := (part*1000 + whole/2) / whole //nolint:mnd // tenths of a percent
	return tenthsOf(tenths) + "\u00a0%"
}

// tenthsOf writes tenths as a number with one decimal.
func tenthsOf(tenths int64) string {
	return strconv.FormatFloat(float64(tenths)/10, 'f', 1, 64) //nolint:mnd // tenths
}
