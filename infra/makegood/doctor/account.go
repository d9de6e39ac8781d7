package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/infra/makegood/account"
	"makegood/infra/makegood/redrive"
)

// Back looks at the AWS side.
type Back struct {
	// Account is the AWS side of the stack.
	Account *account.Account
	// Now is the instant by which a secret has its age.
	Now time.Time
	// SecretsMost is how old a secret may grow.
	SecretsMost time.Duration
	// Between is how long a queue that has messages is watched, to see whether they are taken.
	Between time.Duration
}

// Looks returns what can be asked of AWS.
func (b Back) Looks() []Look {
	var looks []Look
	for _, queue := range account.Queues() {
		looks = append(looks, Look{queue, func(ctx context.Context) ([]Line, error) { return b.queue(ctx, queue) }})
	}
	read := b.once()
	return append(looks, Look{"tables", b.tables}, Look{"pictures", b.pictures},
		Look{"functions", func(ctx context.Context) ([]Line, error) { return b.functions(ctx, read) }},
		Look{"consumers", b.consumers},
		Look{"secrets", func(ctx context.Context) ([]Line, error) { return b.secrets(ctx, read) }})
}

// NoBack returns the looks where AWS cannot be reached: each is not asked. A stack that was named
// and cannot be read is wrong, for its name or the permissions are.
func NoBack(why error, named bool) []Look {
	if named {
		return []Look{{"account", func(context.Context) ([]Line, error) { return nil, why }}}
	}
	var looks []Look
	for _, look := range (Back{}).Looks() {
		name := look.Name
		looks = append(looks, Look{name, func(context.Context) ([]Line, error) { return []Line{unknown(name, "", "%s", why)}, nil }})
	}
	return looks
}

// queue looks at a queue and its dead-letter queue.
func (b Back) queue(ctx context.Context, name string) ([]Line, error) {
	url, err := b.Account.QueueURL(name)
	if err != nil {
		return []Line{unknown(name, "", "%s", err)}, nil
	}
	dead, err := b.Account.DeadLetterURL(ctx, url)
	if err != nil {
		return nil, err
	}
	queue := redrive.Queue{API: b.Account.SQS, Name: name, URL: url, DeadURL: dead}
	counts, err := queue.Count(ctx)
	if err != nil {
		return nil, err
	}
	var lines []Line
	if letters := counts.Dead + counts.DeadInHand; letters > 0 {
		lines = append(lines, wrong(name, "makegood redrive "+name+" --dry-run", "%s", several(letters, "dead letter")))
	}
	idle, err := b.idle(ctx, queue, counts)
	if err != nil {
		return lines, err
	}
	if idle {
		function := redrive.ConsumerOf(name)
		lines = append(lines, wrong(name, "aws lambda list-event-source-mappings --function-name "+b.deployed(function), "%s, and %s takes none",
			waits(counts.Waiting, "message"), function))
	}
	if len(lines) == 0 {
		lines = append(lines, ok(name, "%d waiting, %d in flight, no dead letters", counts.Waiting, counts.InFlight))
	}
	return lines, nil
}

// idle reports whether messages wait and nobody takes them.
func (b Back) idle(ctx context.Context, queue redrive.Queue, before redrive.Counts) (bool, error) {
	if before.Waiting == 0 || before.InFlight > 0 {
		return false, nil
	}
	select {
	case <-time.After(b.Between):
	case <-ctx.Done():
		return false, ctx.Err()
	}
	after, err := queue.Count(ctx)
	return err == nil && after.Waiting >= before.Waiting && after.InFlight == 0, err
}

// deployed is the name of a function in the stack.
func (b Back) deployed(function string) string {
	if b.Account.Stack == "" {
		return function
	}
	return b.Account.Stack + "-" + function
}

// tables looks whether each table is there, with its indexes, and can be restored.
func (b Back) tables(ctx context.Context) ([]Line, error) {
	var lines []Line
	for _, variable := range account.Tables {
		name := b.Account.Tables[variable]
		if name == "" {
			lines = append(lines, unknown("tables", "", "%s is not set, and no --stack is named", variable))
			continue
		}
		fault, err := b.table(ctx, name)
		if err != nil {
			return lines, err
		}
		if fault != "" {
			lines = append(lines, wrong("tables", "aws dynamodb describe-table --table-name "+name, "%s %s", name, fault))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, ok("tables", "%s and their indexes are active%s", several(len(account.Tables), "table"), b.restorable()))
	}
	return lines, nil
}

// restorable says what was looked at besides; the local stack cannot restore.
func (b Back) restorable() string {
	if b.Account.Local() {
		return "; whether they can be restored is not asked here"
	}
	return ", and can be restored to a point in time"
}

// table says what is wrong with a table, "" for nothing.
func (b Back) table(ctx context.Context, name string) (fault string, err error) {
	out, err := b.Account.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if gone := new(dynamodbtypes.ResourceNotFoundException); errors.As(err, &gone) {
		return "does not exist", nil
	}
	if err != nil {
		return "", fmt.Errorf("the table %s: %w", name, err)
	}
	if out.Table.TableStatus != dynamodbtypes.TableStatusActive {
		return "is " + string(out.Table.TableStatus), nil
	}
	for _, index := range out.Table.GlobalSecondaryIndexes {
		if index.IndexStatus != dynamodbtypes.IndexStatusActive {
			return fmt.Sprintf("has the index %s, which is %s", aws.ToString(index.IndexName), index.IndexStatus), nil
		}
	}
	if b.Account.Local() {
		return "", nil
	}
	backups, err := b.Account.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil {
		return "", fmt.Errorf("the backups of %s: %w", name, err)
	}
	recovery := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if recovery == nil || recovery.PointInTimeRecoveryStatus != dynamodbtypes.PointInTimeRecoveryStatusEnabled {
		return "cannot be restored to a point in time", nil
	}
	return "", nil
}

// secretName is what a reference names, without its store.
func secretName(reference string) (store, name string) {
	store, name, _ = strings.Cut(reference, ":")
	return store, name
}

// references returns the secrets' places in a value of an environment: one, or several separated by
// commas.
func references(value string) []string {
	var all []string
	for one := range strings.SplitSeq(value, ",") {
		one = strings.TrimSpace(one)
		if strings.HasPrefix(one, "ssm:/") || strings.HasPrefix(one, "secretsmanager:") {
			all = append(all, one)
		}
	}
	return all
}

// unique returns a list's texts once each, sorted.
func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
