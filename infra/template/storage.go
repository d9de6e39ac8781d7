package template

import (
	"fmt"
	"strings"
	"time"
)

// Key is one attribute of a key.
type Key struct {
	Name string // the attribute's name
	Kind string // "S", "N" or "B"
}

// Index is a global secondary index.
type Index struct {
	Name       string   // the index's name
	Partition  Key      // its partition key
	Sort       Key      // zero: none
	Projection string   // "KEYS_ONLY", "ALL" or "INCLUDE"
	Include    []string // the attributes that INCLUDE carries
}

// Table is one AWS::DynamoDB::Table, resolved.
type Table struct {
	LogicalID string  // in the template
	Name      string  // TableName, or the logical id without "Table"
	Partition Key     // its partition key
	Sort      Key     // zero: none
	Indexes   []Index // its global secondary indexes
}

// Queue is one AWS::SQS::Queue, resolved, with SQS's own defaults.
type Queue struct {
	LogicalID       string        // in the template
	Name            string        // QueueName, or the logical id in kebab-case without "Queue"; a dead-letter queue ends in "-dlq"
	Visibility      time.Duration // how long a message is hidden from others
	Retention       time.Duration // how long a message is kept
	Delay           time.Duration // how long a new message is held back
	DeadLetter      string        // the logical id of its dead-letter queue, "" for none
	MaxReceiveCount int           // how often a message is tried before it goes there
}

// Bucket is one AWS::S3::Bucket, resolved.
type Bucket struct {
	LogicalID string // in the template
	Name      string // BucketName, or the logical id in kebab-case without "Bucket"
	CORS      []CORSRule
}

// CORSRule is one rule of a bucket's CorsConfiguration: which pages may do what.
type CORSRule struct {
	Origins, Methods, Headers []string
	MaxAge                    int // seconds that a browser keeps the answer
}

// Buckets returns every bucket whose condition holds, resolved in scope.
func (t *Template) Buckets(s Scope) ([]Bucket, error) {
	var all []Bucket
	for _, r := range t.ResourcesOfType(TypeBucket) {
		if here, err := t.Included(s, r); err != nil {
			return nil, err
		} else if !here {
			continue
		}
		p, err := t.ResolveProperties(s, r, "BucketName", "CorsConfiguration")
		if err != nil {
			return nil, err
		}
		b := Bucket{LogicalID: r.LogicalID, Name: text(p["BucketName"])}
		if b.Name == "" {
			b.Name = kebab(strings.TrimSuffix(r.LogicalID, "Bucket"))
		}
		if b.CORS, err = t.corsRules(r, p["CorsConfiguration"]); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func (t *Template) corsRules(r *Resource, configuration any) ([]CORSRule, error) {
	rules, _ := configuration.(map[string]any)
	var all []CORSRule
	for _, rule := range maps(rules["CorsRules"]) {
		age, err := t.number(r, rule, "MaxAge", 0)
		if err != nil {
			return nil, err
		}
		all = append(all, CORSRule{words(rule["AllowedOrigins"]), words(rule["AllowedMethods"]), words(rule["AllowedHeaders"]), age})
	}
	return all, nil
}

// Tables returns every table whose condition holds, resolved in scope.
func (t *Template) Tables(s Scope) ([]Table, error) {
	var all []Table
	for _, r := range t.ResourcesOfType(TypeTable) {
		if here, err := t.Included(s, r); err != nil {
			return nil, err
		} else if !here {
			continue
		}
		p, err := t.ResolveProperties(s, r, "TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
		if err != nil {
			return nil, err
		}
		table := Table{LogicalID: r.LogicalID, Name: text(p["TableName"])}
		if table.Name == "" {
			table.Name = strings.TrimSuffix(r.LogicalID, "Table")
		}
		// Keys name attributes whose types stand in a list of their own.
		kinds := map[string]string{}
		for _, a := range maps(p["AttributeDefinitions"]) {
			kinds[text(a["AttributeName"])] = text(a["AttributeType"])
		}
		if table.Partition, table.Sort, err = keys(p["KeySchema"], kinds); err != nil {
			return nil, fmt.Errorf("%s.KeySchema: %w", t.where(r), err)
		}
		for _, g := range maps(p["GlobalSecondaryIndexes"]) {
			index := Index{Name: text(g["IndexName"])}
			if index.Partition, index.Sort, err = keys(g["KeySchema"], kinds); err != nil {
				return nil, fmt.Errorf("%s.GlobalSecondaryIndexes.%s: %w", t.where(r), index.Name, err)
			}
			projection, _ := g["Projection"].(map[string]any)
			index.Projection = text(projection["ProjectionType"])
			if include, ok := projection["NonKeyAttributes"]; ok {
				index.Include = words(include)
			}
			table.Indexes = append(table.Indexes, index)
		}
		all = append(all, table)
	}
	return all, nil
}

// keys returns a key schema with the types of its attributes. A table without a HASH key is an
// error.
func keys(schema any, kinds map[string]string) (partition, sort Key, err error) {
	for _, k := range maps(schema) {
		// A schema names attributes only; their types stand beside it, and are required.
		key := Key{Name: text(k["AttributeName"])}
		if key.Kind = kinds[key.Name]; key.Kind == "" {
			return partition, sort, fmt.Errorf("%s has no AttributeDefinitions entry", key.Name)
		}
		if text(k["KeyType"]) == "HASH" {
			partition = key
		} else {
			sort = key
		}
	}
	if partition.Name == "" {
		err = fmt.Errorf("no HASH key")
	}
	return partition, sort, err
}

// Queues returns every queue whose condition holds, resolved in scope, dead-letter queues first:
// whoever creates them in this order finds each one's target.
func (t *Template) Queues(s Scope) ([]Queue, error) {
	var poison, rest []Queue
	for _, r := range t.ResourcesOfType(TypeQueue) {
		if here, err := t.Included(s, r); err != nil {
			return nil, err
		} else if !here {
			continue
		}
		// A queue without a dead-letter queue may be another's, so it is created first.
		q, err := t.queue(s, r)
		if err != nil {
			return nil, err
		}
		if q.DeadLetter == "" {
			poison = append(poison, q)
		} else {
			rest = append(rest, q)
		}
	}
	return append(poison, rest...), nil
}

// queue resolves one queue, with SQS's defaults for what it leaves out.
func (t *Template) queue(s Scope, r *Resource) (Queue, error) {
	q := Queue{LogicalID: r.LogicalID}
	p, err := t.ResolveProperties(s, r, "QueueName", "VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds")
	if err != nil {
		return q, err
	}
	// The default name follows from the logical id, as code and dashboards write it.
	if q.Name = text(p["QueueName"]); q.Name == "" {
		base, dead := strings.CutSuffix(r.LogicalID, "DeadLetterQueue")
		if q.Name = kebab(strings.TrimSuffix(base, "Queue")); dead {
			q.Name += "-dlq"
		}
	}
	// SQS's own defaults in seconds: 30 s hidden, four days kept, no delay.
	for _, span := range []struct {
		property string
		seconds  int
		into     *time.Duration
	}{{"VisibilityTimeout", 30, &q.Visibility}, {"MessageRetentionPeriod", 345600, &q.Retention}, {"DelaySeconds", 0, &q.Delay}} {
		n, err := t.number(r, p, span.property, span.seconds)
		if err != nil {
			return q, err
		}
		*span.into = time.Duration(n) * time.Second
	}
	// Without a redrive policy the queue is a dead-letter queue itself, or has none.
	policy, ok := r.Properties["RedrivePolicy"].(map[string]any)
	if !ok {
		return q, nil
	}
	if q.DeadLetter, err = t.target(s, policy["deadLetterTargetArn"]); err == nil {
		var count any
		if count, err = t.Resolve(s, policy["maxReceiveCount"]); err == nil {
			q.MaxReceiveCount, err = t.number(r, map[string]any{"maxReceiveCount": count}, "maxReceiveCount", 0)
		}
	}
	if err != nil {
		return q, fmt.Errorf("%s.RedrivePolicy: %w", t.where(r), err)
	}
	return q, nil
}

// maps returns the mappings of a list. Anything else in it is left out.
func maps(list any) []map[string]any {
	items, _ := list.([]any)
	var out []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
