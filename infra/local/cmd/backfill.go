package main

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/infra/local"
	"makegood/infra/makegood/migrate"
	"makegood/shared/aws/dynamo"
)

// backfill gives the rows of an earlier release their shard, as `makegood migrate` does.
func backfill(o *local.Options, out io.Writer) local.Backfill {
	return func(ctx context.Context, client *dynamodb.Client, tables map[string]string) error {
		shards, err := dynamo.ParseShards(o.Parameters["Shards"])
		if err != nil {
			return err
		}
		wallets, cases := tables["WalletsTable"], tables["CasesTable"]
		if wallets == "" || cases == "" {
			return nil // another template's
		}
		walk := migrate.Walk{Store: dynamo.New(client, dynamo.Tables{Wallets: wallets, Cases: cases, Shards: shards})}
		end, err := walk.Run(ctx, migrate.Position{})
		fmt.Fprintf(out, "%d rows read, %d given a shard\n", end.Count.Read, end.Count.Given)
		return err
	}
}
