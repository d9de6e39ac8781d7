package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

const (
	// besides is how many shards are asked at a time.
	besides = 8
	// ties is how many entries a first page has beyond those that are wanted: those of the instant
	// where the page before ended, and of the one where this ends.
	ties = 16
	// walkPage is how many entries a shard is asked for beyond its first page.
	walkPage = 1000
)

// entry is what an index that is walked shows of a row, and a place in its order.
type entry struct {
	at     int64 // the instant, in milliseconds
	pk, sk string
}

func (e entry) compare(other entry) int {
	return cmp.Or(cmp.Compare(e.at, other.at), cmp.Compare(e.pk, other.pk), cmp.Compare(e.sk, other.sk))
}

// walk is what is asked of an index of shards: the rows whose instant lies between two, in its
// order.
type walk struct {
	table, index, attribute string

	former      string    // the index whose place it takes
	from, until time.Time // the instants, both included; zero: no bound
	exact       bool      // entries of one instant are in order too, as pages need them
}

// walk returns the first entries behind a place (nil: from the first), at most limit of them, and
// whether there are more. It costs what it returns, whatever else the index holds.
func (s *Store) walk(ctx context.Context, w walk, after *entry, limit int) (entries []entry, more bool, err error) {
	if after != nil {
		w.from = asInstant(number(after.at))
	}
	entries, err = s.walkShards(ctx, w, after, limit)
	if s.former {
		entries, more, err = s.withFormer(ctx, w, after, limit, entries, err)
	}
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(entries, entry.compare)
	entries = slices.Compact(entries)
	return entries[:min(len(entries), limit)], more || len(entries) > limit, nil
}

// walkShards returns the first entries of each shard, which are asked side by side: each may hold
// the first of all, so each is asked for as many as are wanted.
func (s *Store) walkShards(ctx context.Context, w walk, after *entry, limit int) ([]entry, error) {
	shards := make([][]entry, s.shards)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(besides)
	for n := range shards {
		group.Go(func() (err error) {
			shards[n], err = s.walkShard(ctx, w, strconv.Itoa(n), after, limit)
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(shards...), err
}

// walkShard returns the first entries of one shard behind a place: more than limit of them where
// there are more, so that the walk sees that.
func (s *Store) walkShard(ctx context.Context, w walk, shard string, after *entry, limit int) ([]entry, error) {
	request := &dynamodb.QueryInput{
		TableName: aws.String(w.table), IndexName: aws.String(w.index), Limit: aws.Int32(int32(limit + ties)), //nolint:gosec // at most maxQueue
		KeyConditionExpression:   aws.String("#shard = :pk" + w.condition(" AND ")),
		ExpressionAttributeNames: map[string]string{"#shard": attrShard}, ExpressionAttributeValues: item{":pk": text(shard)},
	}
	w.bind(request.ExpressionAttributeNames, request.ExpressionAttributeValues)
	var entries []entry
	for range maxPages {
		output, err := s.api.Query(ctx, request)
		if err != nil {
			return nil, classify(err)
		}
		for _, row := range output.Items {
			entries = appendBehind(entries, w.entry(row), after)
		}
		// An index has no order of its own within one instant: all of the last one are read.
		slices.SortFunc(entries, entry.compare)
		if len(output.LastEvaluatedKey) == 0 || len(entries) > limit && !w.exact {
			return entries, nil
		}
		if last := len(entries) - 1; last > limit && entries[last].at > entries[limit].at {
			return entries, nil
		}
		request.ExclusiveStartKey, request.Limit = output.LastEvaluatedKey, aws.Int32(walkPage)
	}
	return nil, fmt.Errorf("dynamo: more than %d rows of %s share an instant", len(entries), w.index)
}

// condition returns what bounds the instant, "" where nothing does.
func (w walk) condition(prefix string) string {
	switch {
	case w.from.IsZero() && w.until.IsZero():
		return ""
	case w.until.IsZero():
		return prefix + "#at >= :from"
	case w.from.IsZero():
		return prefix + "#at <= :until"
	default:
		return prefix + "#at BETWEEN :from AND :until"
	}
}

// bind adds what the condition names.
func (w walk) bind(names map[string]string, values item) {
	if w.condition("") != "" {
		names["#at"] = w.attribute
	}
	values.putInstant(":from", w.from)
	values.putInstant(":until", w.until)
}

func (w walk) entry(row item) entry {
	return entry{at: row.number(w.attribute), pk: row.text(attrPK), sk: row.text(attrSK)}
}

// appendBehind adds the entry where it lies behind a place.
func appendBehind(entries []entry, one entry, after *entry) []entry {
	if after != nil && one.compare(*after) <= 0 {
		return entries
	}
	return append(entries, one)
}

// withFormer adds what the former index shows, rows without a shard among it, and whether it was
// cut. Either index may be missing while a stack goes from one to the other, but not both.
func (s *Store) withFormer(
	ctx context.Context, w walk, after *entry, limit int, entries []entry, err error,
) (all []entry, cut bool, _ error) {
	if err != nil && !isMissingIndex(err) {
		return nil, false, err
	}
	// A list is put in order here, and so needs all that the index holds; a sweep does not.
	former := scan{walk: w, index: w.former, limit: limit, again: !w.exact}
	if w.exact {
		former.limit = maxQueue
	}
	rows, cut, formerErr := s.scanIndex(ctx, former)
	if formerErr != nil && (err != nil || !isMissingIndex(formerErr)) {
		return nil, false, formerErr
	}
	for _, row := range rows {
		entries = appendBehind(entries, w.entry(row), after)
	}
	return entries, cut && !w.exact, nil
}

// isMissingIndex reports whether the table has no such index, or not yet.
func isMissingIndex(err error) bool {
	var refusal smithy.APIError
	return errors.As(err, &refusal) && refusal.ErrorCode() == "ValidationException" && strings.Contains(refusal.ErrorMessage(), "index")
}

// scan is what is asked of a sparse index that is read whole: it holds only what is open.
type scan struct {
	walk

	index string
	limit int
	again bool // where the scan before this one stopped at its limit, it goes on from there
}

// request returns the scan's call. The filter saves what is carried over the wire, not what is
// read: the index is sparse anyway.
func (of scan) request() *dynamodb.ScanInput {
	request := &dynamodb.ScanInput{TableName: aws.String(of.table), IndexName: aws.String(of.index)}
	if filter := of.condition(""); filter != "" {
		request.FilterExpression = aws.String(filter)
		request.ExpressionAttributeNames, request.ExpressionAttributeValues = map[string]string{}, item{}
		of.bind(request.ExpressionAttributeNames, request.ExpressionAttributeValues)
	}
	return request
}

// scanIndex returns at most limit rows of the index whose instant lies within the bounds, in no
// order, and whether it stopped at a limit before the end.
func (s *Store) scanIndex(ctx context.Context, of scan) (rows []item, cut bool, err error) {
	request := of.request()
	if of.again {
		request.ExclusiveStartKey = s.stops.take(of.table + "/" + of.index)
	}
	before, wrapped := len(request.ExclusiveStartKey) > 0, false
	present := map[entry]bool{}
	// A scan answers page by page. Where a limit stops it, the next one goes on behind that: what
	// lies there has its turn whatever lies before it.
	for range maxPages {
		output, err := s.api.Scan(ctx, request)
		if err != nil {
			return nil, false, classify(err)
		}
		for _, row := range output.Items {
			one := of.entry(row)
			// Back where it began, it has seen all.
			if wrapped && present[one] {
				return rows, false, nil
			}
			present[one] = true
			if rows = append(rows, row); len(rows) == of.limit {
				s.stopAt(of, of.key(row))
				return rows, true, nil
			}
		}
		// One that began in the midst goes on at the start.
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 {
			if !before || wrapped {
				return rows, false, nil
			}
			wrapped = true
		}
	}
	s.stopAt(of, request.ExclusiveStartKey)
	return rows, true, nil
}

func (s *Store) stopAt(of scan, key item) {
	if of.again {
		s.stops.put(of.table+"/"+of.index, key)
	}
}

// key returns the index's key of a row, from which a scan goes on.
func (w walk) key(row item) item {
	key := item{}
	for _, name := range []string{attrPK, attrSK, w.attribute} {
		if value := row[name]; value != nil {
			key[name] = value
		}
	}
	return key
}
