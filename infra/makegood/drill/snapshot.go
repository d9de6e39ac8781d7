package drill

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// row is one item of a table.
type row = map[string]types.AttributeValue

// snapshot is what every table held at an instant: by the table's name, by the item's key.
type snapshot map[string]map[string]row

// take reads every table whole. Nothing may be written meanwhile.
func take(ctx context.Context, db *dynamodb.Client, tables []string) (snapshot, error) {
	all := snapshot{}
	for _, table := range tables {
		keys, err := keysOf(ctx, db, table)
		if err != nil {
			return nil, err
		}
		all[table] = map[string]row{}
		pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("the table %s: %w", table, err)
			}
			for _, item := range page.Items {
				all[table][keyText(keys, item)] = item
			}
		}
	}
	return all, nil
}

// restore makes the tables what they were: what came since goes, and what changed or went is as it
// was. It returns how many rows that were.
func (s snapshot) restore(ctx context.Context, db *dynamodb.Client) (changed int, err error) {
	for table, before := range s {
		keys, err := keysOf(ctx, db, table)
		if err != nil {
			return changed, err
		}
		current, err := take(ctx, db, []string{table})
		if err != nil {
			return changed, err
		}
		for key, item := range current[table] {
			if _, there := before[key]; there {
				continue
			}
			changed++
			if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: only(keys, item)}); err != nil {
				return changed, err
			}
		}
		for key, item := range before {
			if same(item, current[table][key]) {
				continue
			}
			changed++
			if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
				return changed, err
			}
		}
	}
	return changed, nil
}

// keysOf returns the names of a table's key.
func keysOf(ctx context.Context, db *dynamodb.Client, table string) ([]string, error) {
	out, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return nil, fmt.Errorf("the table %s: %w", table, err)
	}
	var names []string
	for _, key := range out.Table.KeySchema {
		names = append(names, aws.ToString(key.AttributeName))
	}
	slices.Sort(names)
	return names, nil
}

func only(keys []string, item row) row {
	part := row{}
	for _, name := range keys {
		part[name] = item[name]
	}
	return part
}

// keyText writes an item's key as a map's.
func keyText(keys []string, item row) string {
	var text strings.Builder
	for _, name := range keys {
		if value, ok := item[name].(*types.AttributeValueMemberS); ok {
			text.WriteString(value.Value)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// same reports whether two items are equal.
func same(a, b row) bool { return reflect.DeepEqual(a, b) }
