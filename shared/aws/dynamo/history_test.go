package dynamo

import (
	"context"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

// book answers queries from rows, at most two a page, and remembers the limits it was asked for.
type book struct {
	API
	rows   int
	limits []int32
}

func (b *book) Query(_ context.Context, request *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	b.limits = append(b.limits, *request.Limit)
	page := &dynamodb.QueryOutput{}
	from, _ := strconv.Atoi(asText(request.ExclusiveStartKey[attrSK]))
	for n := from; n < b.rows && n < from+min(2, int(*request.Limit)); n++ {
		page.Items = append(page.Items, item{attrSK: text(strconv.Itoa(n + 1))})
	}
	page.Count = int32(len(page.Items))
	if last := from + len(page.Items); last < b.rows {
		page.LastEvaluatedKey = item{attrSK: text(strconv.Itoa(last))}
	}
	return page, nil
}

func TestAQueryOfManyPagesReadsNoFurtherThanItsLimit(t *testing.T) {
	for _, c := range []struct {
		rows, limit, found int
		more               bool
		limits             []int32
	}{
		{rows: 9, limit: 3, found: 3, more: true, limits: []int32{3, 1}},
		{rows: 3, limit: 3, found: 3, more: false, limits: []int32{3, 1}},
		{rows: 3, limit: 5, found: 3, more: false, limits: []int32{5, 3}},
		{rows: 9, limit: 2, found: 2, more: true, limits: []int32{2}},
		{rows: 0, limit: 2, found: 0, more: false, limits: []int32{2}},
		{rows: 3 * maxPages, limit: 3 * maxPages, found: 2 * maxPages, more: true},
	} {
		b := &book{rows: c.rows}
		rows, counted, more, err := New(b, Tables{}).query(t.Context(), &dynamodb.QueryInput{}, c.limit)
		require.NoError(t, err)
		require.Len(t, rows, c.found)
		require.Equal(t, c.found, counted)
		require.Equal(t, c.more, more, "%+v", c)
		if c.limits != nil {
			require.Equal(t, c.limits, b.limits)
		}
		for i, row := range rows {
			require.Equal(t, strconv.Itoa(i+1), row.text(attrSK), "each once, in order")
		}
	}
}
