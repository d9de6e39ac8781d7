package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"makegood/infra/makegood/migrate"
	"makegood/shared/aws/client"
	"makegood/shared/aws/dynamo"
)

// newMigrate returns the command migrate.
func newMigrate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "migrate [--dry-run] [--rate UNITS] [--cursor FILE] [--json]", Short: "give rows of a former release their shard",
		Long: `
Walks the tables of wallets and cases of a stack that is being upgraded (infra/operate/upgrade.md says when), and gives each row that stands in an
index of what is due, waits or is near a limit, and has no shard that is asked, its shard: one conditional write a row, which changes nothing else.
The stack may run meanwhile.

After each page of 500 rows its position is written to the cursor's file; a walk that was interrupted goes on from there. At the end all
rows are read once more, and the last line says how many are left without a shard: the stage that reads the new indexes is for when none is,
and when all of those indexes are ACTIVE, which it says too. --dry-run counts only, from the first row on, and leaves the file alone.

Tables and the number of shards are those of the stack's functions: WALLETS_TABLE, CASES_TABLE, GENERATIONS_TABLE and SHARDS, or flags. More
shards than the stack has would hide rows from it; fewer would not. Region and credentials are AWS_REGION, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; the credentials need dynamodb:Scan and UpdateItem on both tables, DescribeTable on all three.

Exit 0: no row is left, and the indexes are there. 1: some are left, or an index is not ACTIVE. 2: not done; run it again.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	m := migration{}
	shards := m.declare(cmd.Flags())
	asJSON := jsonFlag(cmd, "print the last line as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := m.check(*shards); err != nil {
			return err
		}
		// An interrupt ends the walk in order: what was done is kept.
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return m.run(ctx, terminalOf(cmd), *asJSON)
	}
	return cmd
}

// migration is what was asked for on the command line.
type migration struct {
	wallets, cases, generations string
	shards                      int
	rate                        float64
	cursor                      string
	dryRun                      bool
}

// declare declares the flags.
func (m *migration) declare(flags *pflag.FlagSet) (shards *string) {
	flags.StringVar(&m.wallets, "wallets", os.Getenv("WALLETS_TABLE"), "the `TABLE` of wallets; else WALLETS_TABLE")
	flags.StringVar(&m.cases, "cases", os.Getenv("CASES_TABLE"), "the `TABLE` of cases; else CASES_TABLE")
	flags.StringVar(&m.generations, "generations", os.Getenv("GENERATIONS_TABLE"), "the `TABLE` of generations; else GENERATIONS_TABLE")
	flags.Float64Var(&m.rate, "rate", 100, "write `UNITS` a second at the most, those of indexes too; 0: as many as come")
	flags.StringVar(&m.cursor, "cursor", "makegood-migrate.json", "the `FILE` that keeps the position")
	flags.BoolVar(&m.dryRun, "dry-run", false, "count, and write nothing")
	return flags.String("shards", os.Getenv("SHARDS"), "the `NUMBER` of shards, the stack's parameter Shards; else SHARDS")
}

// check reads the number of shards, and refuses what is missing or out of bounds.
func (m *migration) check(shards string) (err error) {
	m.shards, err = dynamo.ParseShards(shards)
	switch {
	case err != nil:
		return misuse(err.Error())
	case m.rate < 0:
		return misuse("takes no negative number")
	case shards == "": // a stack of fewer than a default would never find the rest
		return misuse("needs the stack's number of shards: SHARDS, or --shards")
	case m.wallets == "" || m.cases == "" || m.generations == "":
		return misuse("needs the tables: WALLETS_TABLE, CASES_TABLE and GENERATIONS_TABLE, or --wallets, --cases and --generations")
	}
	return nil
}

// dynamoDB returns the client of the operator's own region and credentials.
func dynamoDB() *dynamodb.Client {
	base := client.Base()
	return dynamodb.New(dynamodb.Options{
		Region: base.Region, Credentials: base.Credentials, HTTPClient: base.HTTPClient, Retryer: base.Retryer,
		BaseEndpoint: client.Endpoint("DYNAMODB"),
	})
}

// migrated is the last line.
type migrated struct {
	Read     int      `json:"read"`     // rows of the walk
	Given    int      `json:"given"`    // rows that got a shard
	Left     int      `json:"left"`     // rows without one, by the last look at all of them
	DryRun   bool     `json:"dry_run"`  // nothing was written
	Inactive []string `json:"inactive"` // new indexes that cannot be read yet
}

// run walks, looks again, and says what is left.
func (m migration) run(ctx context.Context, t terminal, asJSON bool) error {
	api := dynamoDB()
	store := dynamo.New(api, dynamo.Tables{Wallets: m.wallets, Cases: m.cases, Shards: m.shards})
	end, err := m.walk(ctx, t, store)
	if err != nil {
		return fmt.Errorf("%w; what was done is kept, run it again to go on", err)
	}
	result := migrated{Read: end.Read, Given: end.Given, Left: end.Left, DryRun: m.dryRun}
	// What a former function wrote behind the walk would be missed: all rows are looked at again.
	if !m.dryRun {
		look := migrate.Walk{Store: store, DryRun: true, Progress: m.progress(t, "looking again at")}
		all, err := look.Run(ctx, migrate.Position{})
		if err != nil {
			return fmt.Errorf("looking again: %w", err)
		}
		result.Left = all.Count.Left
	}
	if result.Inactive, err = m.inactive(ctx, api); err != nil {
		return err
	}
	return t.migrated(result, asJSON)
}

// walk gives rows their shard from the cursor on, or counts those without one from the first.
func (m migration) walk(ctx context.Context, t terminal, store migrate.Store) (migrate.Count, error) {
	if m.dryRun {
		end, err := migrate.Walk{Store: store, DryRun: true, Progress: m.progress(t, "looking at")}.Run(ctx, migrate.Position{})
		return end.Count, err
	}
	from, err := m.load()
	if err != nil {
		return migrate.Count{}, err
	}
	if from != (migrate.Position{}) {
		fmt.Fprintf(t.err, "going on from %s: %d rows read, %d given a shard\n", m.cursor, from.Count.Read, from.Count.Given)
	}
	end, err := migrate.Walk{Store: store, Rate: m.rate, Keep: m.save, Progress: m.progress(t, "walking")}.Run(ctx, from)
	if err != nil {
		return end.Count, err
	}
	// The next walk begins anew: rows may have come behind this one. Another that runs beside it
	// may have ended first.
	if err := os.Remove(m.cursor); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return end.Count, err
	}
	return end.Count, nil
}

// cursorFile is what the file holds: a position is good for the tables and shards it was made with.
type cursorFile struct {
	Wallets  string           `json:"wallets"`
	Cases    string           `json:"cases"`
	Shards   int              `json:"shards"`
	Position migrate.Position `json:"position"`
}

func (m migration) load() (migrate.Position, error) {
	text, err := os.ReadFile(m.cursor)
	if errors.Is(err, fs.ErrNotExist) {
		return migrate.Position{}, nil
	}
	if err != nil {
		return migrate.Position{}, err
	}
	var file cursorFile
	if err := json.Unmarshal(text, &file); err != nil {
		return migrate.Position{}, fmt.Errorf("%s is not a cursor: %w", m.cursor, err)
	}
	if file.Wallets != m.wallets || file.Cases != m.cases || file.Shards != m.shards {
		return migrate.Position{}, fmt.Errorf("%s is of other tables or shards (%s, %s, %d): name another file", m.cursor, file.Wallets, file.Cases, file.Shards)
	}
	return file.Position, nil
}

func (m migration) save(at migrate.Position) error {
	text, err := json.Marshal(cursorFile{Wallets: m.wallets, Cases: m.cases, Shards: m.shards, Position: at})
	if err != nil {
		return err
	}
	return replaceFile(m.cursor, text)
}

// progress writes a line now and then, and one at the end of each table.
func (m migration) progress(t terminal, what string) func(string, migrate.Position) {
	last := time.Now()
	return func(table string, at migrate.Position) {
		if at.After != nil && time.Since(last) < progressEvery {
			return
		}
		last = time.Now()
		fmt.Fprintf(t.err, "%s %s: %d rows read, %d given a shard, %d without, %.0f write units\n",
			what, table, at.Count.Read, at.Count.Given, at.Count.Left, at.Count.Units)
	}
}

// inactive returns the new indexes that are not there, or not yet: CloudFormation does not wait for
// them.
func (m migration) inactive(ctx context.Context, api *dynamodb.Client) ([]string, error) {
	missing := []string{}
	tables := map[string]string{dynamo.TableWallets: m.wallets, dynamo.TableCases: m.cases, dynamo.TableGenerations: m.generations}
	for table, indexes := range dynamo.WalkedIndexes() {
		out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(tables[table])})
		if err != nil {
			return nil, err
		}
		for _, index := range indexes {
			ready := func(d types.GlobalSecondaryIndexDescription) bool {
				return aws.ToString(d.IndexName) == index && d.IndexStatus == types.IndexStatusActive
			}
			if !slices.ContainsFunc(out.Table.GlobalSecondaryIndexes, ready) {
				missing = append(missing, table+"/"+index)
			}
		}
	}
	slices.SortFunc(missing, cmp.Compare)
	return missing, nil
}

// migrated prints the last line, and returns how that ends.
func (t terminal) migrated(result migrated, asJSON bool) error {
	var err error
	if asJSON {
		err = t.print(result)
	} else {
		_, err = fmt.Fprintf(t.out, "%d rows read, %d given a shard, %d left without one\n", result.Read, result.Given, result.Left)
		for _, index := range result.Inactive {
			fmt.Fprintf(t.out, "the index %s is not ACTIVE\n", index)
		}
	}
	if err != nil {
		return err
	}
	if result.Left > 0 || len(result.Inactive) > 0 {
		return errMismatch
	}
	return nil
}
