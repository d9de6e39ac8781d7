package dynamo

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
)

// maxBatch is how many items one BatchGetItem takes; maxRounds bounds the asking for what it left
// unprocessed.
const (
	maxBatch  = 100
	maxRounds = 5
)

// ref names an item of a table.
type ref struct {
	table  string
	pk, sk string // sk is empty in a table that has only pk
	shard  string // where the item stands in an index of shards; "" of one that never does
}

func (r ref) key() item {
	key := item{attrPK: text(r.pk)}
	if r.sk != "" {
		key[attrSK] = text(r.sk)
	}
	return key
}

// get reads the items consistently in one call and returns them in the order of refs, nil for what
// is not there.
func (s *Store) get(ctx context.Context, refs ...ref) ([]item, error) {
	return s.batch(ctx, true, refs)
}

// batch reads the items in one call. An inconsistent read may lag and costs half: it is for pages
// that hang on an index, which lags too.
func (s *Store) batch(ctx context.Context, consistent bool, refs []ref) ([]item, error) {
	if len(refs) > maxBatch {
		return nil, errors.New("dynamo: too many items for one read")
	}
	// The keys are sorted by table: BatchGetItem asks for several at once, each consistently.
	request := map[string]types.KeysAndAttributes{}
	for _, r := range refs {
		batch := request[r.table]
		batch.ConsistentRead = aws.Bool(consistent)
		batch.Keys = append(batch.Keys, r.key())
		request[r.table] = batch
	}
	byRef := map[ref]item{}
	// A busy table leaves keys unprocessed; they are asked for again, so many times.
	for range maxRounds {
		output, err := s.api.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			return nil, classify(err)
		}
		for table, rows := range output.Responses {
			for _, row := range rows {
				byRef[ref{table: table, pk: asText(row[attrPK]), sk: asText(row[attrSK])}] = row
			}
		}
		if request = output.UnprocessedKeys; len(request) == 0 {
			break
		}
	}
	if len(request) > 0 {
		return nil, fault.Busy(errors.New("dynamo: keys left unprocessed"))
	}
	// Rows come in any order: the callers get them in theirs, nil for what is not there.
	items := make([]item, len(refs))
	for i, r := range refs {
		items[i] = byRef[ref{table: r.table, pk: r.pk, sk: r.sk}]
	}
	return items, nil
}

// distinct drops what is named twice: an index that moves while it is read shows an item in two
// places, and one read refuses that.
func distinct(refs []ref) []ref {
	once := map[ref]bool{}
	return slices.DeleteFunc(refs, func(r ref) bool {
		again := once[r]
		once[r] = true
		return again
	})
}

// getMany is get for any number of items, in as many calls as needed.
func (s *Store) getMany(ctx context.Context, refs []ref) ([]item, error) {
	return s.batches(ctx, true, refs)
}

func (s *Store) batches(ctx context.Context, consistent bool, refs []ref) ([]item, error) {
	var items []item
	for len(refs) > 0 {
		n := min(len(refs), maxBatch)
		page, err := s.batch(ctx, consistent, refs[:n])
		if err != nil {
			return nil, err
		}
		items, refs = append(items, page...), refs[n:]
	}
	return items, nil
}

// refsOf returns where the things of those ids lie.
func refsOf[ID any](ids []ID, at func(ID) ref) []ref {
	refs := make([]ref, len(ids))
	for i, id := range ids {
		refs[i] = at(id)
	}
	return refs
}

// readAll returns what is there of refs, each once, in their order, by consistent reads.
func readAll[T any](ctx context.Context, s *Store, refs []ref, decode func(item) (*T, error)) ([]T, error) {
	rows, err := s.getMany(ctx, distinct(refs))
	if err != nil {
		return nil, err
	}
	return decodeAll(rows, decode)
}

// readPage is readAll for a page that hangs on an index: it may lag as the index does.
func readPage[T any](ctx context.Context, s *Store, refs []ref, decode func(item) (*T, error)) ([]T, error) {
	rows, err := s.batches(ctx, false, distinct(refs))
	if err != nil {
		return nil, err
	}
	return decodeAll(rows, decode)
}

func decodeAll[T any](rows []item, decode func(item) (*T, error)) ([]T, error) {
	var all []T
	for _, row := range rows {
		one, err := decode(row)
		if err != nil {
			return nil, err
		}
		if one != nil {
			all = append(all, *one)
		}
	}
	return all, nil
}
