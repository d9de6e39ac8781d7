package dynamo

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
)

// What a sweep or a list walks is found by an index whose partition is a shard of the customers and
// whose order is the instant. So each shard is asked for what its instants select, and no scan
// passes over what is not due. A row has the shard that its last write of such an instant gave it:
// readers ask all shards, so the number may grow at any time. Why: infra/decisions/0043.

// The number of shards: how many there are unless the environment says otherwise, and the most.
const (
	DefaultShards = 8
	MaxShards     = 64
)

// walked lists the instants by which rows stand in an index of shards.
var walked = []string{attrDueAt, attrReviewBy, attrNearUntil, attrDecidedAt}

// ParseShards reads how many shards there are; DefaultShards where the variable is empty.
func ParseShards(variable string) (int, error) {
	if variable == "" {
		return DefaultShards, nil
	}
	shards, err := strconv.Atoi(variable)
	if err != nil || shards < 1 || shards > MaxShards {
		return 0, fmt.Errorf("SHARDS is %q, which is no number from 1 to %d", variable, MaxShards)
	}
	return shards, nil
}

// ShardOf returns the shard of a customer's key where there are so many.
func ShardOf(customerKey string, shards int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(customerKey))                             // a hash takes whatever comes
	return strconv.FormatUint(uint64(h.Sum32())%uint64(shards), 10) //nolint:gosec // ParseShards: 1 to 64
}

// shardedRef names an item that may stand in an index of shards.
func (s *Store) shardedRef(table, pk, sk string) ref {
	return ref{table: table, pk: pk, sk: sk, shard: ShardOf(pk, s.shards)}
}

// putShard gives a new row its shard, where it stands in an index of shards.
func (i item) putShard(shard string) {
	if slices.ContainsFunc(walked, func(name string) bool { return i[name] != nil }) {
		i[attrShard] = text(shard)
	}
}

// place gives the row its shard where the update sets an instant of an index of shards: the entry
// is written anew anyway, so the shard costs no unit.
func (u *update) place(r ref) {
	if u.walks && r.shard != "" {
		u.setTo(attrShard, text(r.shard))
	}
	u.walks = false
}
