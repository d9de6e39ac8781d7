package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// meter stands before DynamoDB Local and records what each call reads and writes, with every
// written item before and after. It lets one call through at a time, so that no other write comes
// between the two.
type meter struct {
	upstream string
	server   *httptest.Server
	tables   map[string]table

	turn  sync.Mutex
	calls []call
	err   error
}

// call is one call on the path of an operation: a read, or a write with its changes.
type call struct {
	operation string
	changes   []change
	readUnits float64
}

// leastRead is what a read takes on AWS though it finds nothing; DynamoDB Local takes nothing then.
const leastRead = 0.5

const targetHeader = "X-Amz-Target"

// newMeter starts a meter in front of the tables.
func newMeter(ctx context.Context, upstream string, client *dynamodb.Client, names []string) (*meter, error) {
	m := &meter{upstream: upstream, tables: map[string]table{}}
	for _, name := range names {
		description, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			return nil, err
		}
		t := table{key: keyNames(description.Table.KeySchema), indexes: map[string]index{}}
		for _, one := range description.Table.GlobalSecondaryIndexes {
			// What carries whole items would cost by attributes that no schema names.
			if one.Projection.ProjectionType == dynamodbtypes.ProjectionTypeAll {
				return nil, fmt.Errorf("%s: index %s carries whole items: its cost is not counted here", name, *one.IndexName)
			}
			t.indexes[*one.IndexName] = index{key: keyNames(one.KeySchema), carries: one.Projection.NonKeyAttributes}
		}
		m.tables[name] = t
	}
	m.server = httptest.NewServer(m)
	return m, nil
}

func keyNames(schema []dynamodbtypes.KeySchemaElement) []string {
	var names []string
	for _, element := range schema {
		names = append(names, *element.AttributeName)
	}
	return names
}

// during returns the calls that run makes.
func (m *meter) during(run func() error) ([]call, error) {
	m.turn.Lock()
	// What other operations did before is not this one's.
	m.calls, m.err = nil, nil
	m.turn.Unlock()
	err := run()
	m.turn.Lock()
	defer m.turn.Unlock()
	return m.calls, errors.Join(err, m.err)
}

// ServeHTTP records a call and forwards it, and answers what DynamoDB Local answered.
func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.turn.Lock()
	defer m.turn.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get(targetHeader), ".")
	// Read what the call will write, before it is made and after: the difference is what AWS
	// charges for.
	record := call{operation: operation}
	if record.changes, err = m.writes(operation, body); err != nil {
		m.err = errors.Join(m.err, err)
	}
	for n := range record.changes {
		record.changes[n].before = m.current(r, record.changes[n])
	}
	// A read is asked what it takes; DynamoDB Local does not check the body's signature.
	isRead := err == nil && record.changes == nil
	if isRead {
		body = askUnits(body)
	}
	got, err := forward(r.Context(), m.upstream, r.Header, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	for n := range record.changes {
		record.changes[n].after = m.current(r, record.changes[n])
	}
	if isRead {
		record.readUnits = max(leastRead, unitsOf(got.text))
	}
	m.calls = append(m.calls, record)
	got.answer(w)
}

// askUnits returns the request with the question what it takes.
func askUnits(body []byte) []byte {
	var request map[string]json.RawMessage
	if json.Unmarshal(body, &request) != nil {
		return body
	}
	request["ReturnConsumedCapacity"] = json.RawMessage(`"TOTAL"`)
	text, err := json.Marshal(request)
	if err != nil {
		return body
	}
	return text
}

// unitsOf returns what a read took: one table's, or the sum of several.
func unitsOf(answer []byte) float64 {
	type capacity struct{ CapacityUnits float64 }
	var one struct{ ConsumedCapacity capacity }
	if json.Unmarshal(answer, &one) == nil {
		return one.ConsumedCapacity.CapacityUnits
	}
	var several struct{ ConsumedCapacity []capacity }
	if json.Unmarshal(answer, &several) != nil {
		return 0
	}
	sum := 0.0
	for _, table := range several.ConsumedCapacity {
		sum += table.CapacityUnits
	}
	return sum
}

// part is one action on an item, in a transaction or alone.
type part struct {
	TableName string
	Key, Item item
}

// writes returns the items that the call is about to write, by their keys (in before), none for a
// read.
// An operation that is not known here is an error: its cost would be left out without a word.
func (m *meter) writes(operation string, body []byte) ([]change, error) {
	// Reads are listed by name as well, so that a new kind of write cannot pass for one.
	switch operation {
	case "GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan":
		return nil, nil
	case "PutItem", "UpdateItem", "DeleteItem":
		var alone part
		if err := json.Unmarshal(body, &alone); err != nil {
			return nil, err
		}
		return []change{m.change(alone, false)}, nil
	case "TransactWriteItems":
		var all struct {
			TransactItems []map[string]part
		}
		if err := json.Unmarshal(body, &all); err != nil {
			return nil, err
		}
		var changes []change
		for _, action := range all.TransactItems {
			for _, p := range action { // Put, Update, Delete or ConditionCheck: each costs the same
				changes = append(changes, m.change(p, true))
			}
		}
		return changes, nil
	}
	return nil, fmt.Errorf("%s is not counted here", operation)
}

func (m *meter) change(p part, transactional bool) change {
	// A put carries its key inside the item, all other writes apart from it.
	key := p.Key
	if key == nil {
		key = p.Item.only(m.tables[p.TableName].key)
	}
	return change{table: p.TableName, transactional: transactional, before: key, after: key}
}

// current returns the item as it stands; the change's after holds its key until it is set.
func (m *meter) current(r *http.Request, c change) item {
	// A consistent read, or the item before might be that of an earlier write.
	ask, err := json.Marshal(map[string]any{"TableName": c.table, "Key": c.after.only(m.tables[c.table].key), "ConsistentRead": true})
	if err != nil {
		m.err = errors.Join(m.err, err)
		return nil
	}
	header := r.Header.Clone()
	header.Set(targetHeader, "DynamoDB_20120810.GetItem")
	got, err := forward(r.Context(), m.upstream, header, ask)
	var response struct{ Item item }
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("reading an item of %s: %s", c.table, got.text)
	}
	if err == nil {
		err = json.Unmarshal(got.text, &response)
	}
	m.err = errors.Join(m.err, err)
	return response.Item
}

// forwarded is what DynamoDB Local answered.
type forwarded struct {
	status int
	header http.Header
	text   []byte
}

// answer hands on what DynamoDB Local answered, to the SDK that asked.
func (f forwarded) answer(w http.ResponseWriter) {
	for name, values := range f.header {
		w.Header()[name] = values
	}
	w.WriteHeader(f.status)
	_, _ = w.Write(f.text) //nolint:gosec // DynamoDB Local's own answer
}

// forward sends the body on as the caller's own request; DynamoDB Local reads the signature's key
// and region, not the signature.
func forward(ctx context.Context, upstream string, header http.Header, body []byte) (forwarded, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, upstream+"/", bytes.NewReader(body))
	if err != nil {
		return forwarded{}, err
	}
	request.Header = header.Clone()
	// Without this header the transport asks for gzip by itself and unpacks it: the answer must be
	// readable here.
	request.Header.Del("Accept-Encoding")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return forwarded{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return forwarded{answer.StatusCode, answer.Header, text}, err
}
