package due

import (
	"cmp"
	"slices"
	"time"
)

// Position returns the item's place in the list of what is stuck.
func (k Key) Position() Position {
	return Position{At: k.At.UnixMilli(), Kind: k.Kind, Partition: k.Partition, Sort: k.Sort}
}

// Position is a place in the list of what is stuck: since when, in milliseconds, then which item.
type Position struct {
	At        int64  `json:"at"`
	Kind      Kind   `json:"kind"`
	Partition string `json:"partition"`
	Sort      string `json:"sort,omitempty"`
}

// Compare orders positions: what is stuck longest first, then by item.
func (p Position) Compare(other Position) int {
	return cmp.Or(
		cmp.Compare(p.At, other.At), cmp.Compare(p.Kind, other.Kind), cmp.Compare(p.Partition, other.Partition), cmp.Compare(p.Sort, other.Sort),
	)
}

// PageOf returns at most limit of the keys behind after (nil: from the first), in the order of their positions, none twice, and where to
// go on, nil at the end.
func PageOf(keys []Key, after *Position, limit int) ([]Key, *Position) {
	listed := map[Key]bool{}
	keys = slices.DeleteFunc(keys, func(k Key) bool {
		position := k.Position()
		k.At = time.Time{} // an index that moves while it is read shows an item at two instants
		again := listed[k]
		listed[k] = true
		return again || after != nil && position.Compare(*after) <= 0
	})
	slices.SortFunc(keys, func(a, b Key) int { return a.Position().Compare(b.Position()) })
	if len(keys) <= limit {
		return keys, nil
	}
	next := keys[limit-1].Position()
	return keys[:limit], &next
}
