package due

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"makegood/shared/todo"
)

// Position returns the item's place in the list of stuck items.
func (k Key) Position() Position {
	return Position{At: k.At.UnixMilli(), Kind: k.Kind, Partition: k.Partition, Sort: k.Sort}
}

// subject returns the item as log lines name it, in the words of the messages about it.
func (k Key) subject() slog.Attr {
	switch k.Kind {
	case todo.KindPayment, todo.KindOutage, todo.KindWallet: // a wallet's is the hash of its customer's id
		return slog.String(string(k.Kind), k.Partition)
	case todo.KindStanding:
		return slog.String("change", k.Sort)
	case todo.KindGeneration, todo.KindCase, todo.KindOffer, todo.KindAttachment:
	}
	return slog.String(string(k.Kind), k.Sort)
}

// Position is a place in the list of stuck items: since when, then which item.
type Position struct {
	At        int64     `json:"at"`             // since when, in milliseconds
	Kind      todo.Kind `json:"kind"`           // which noun it is
	Partition string    `json:"partition"`      // the item's partition
	Sort      string    `json:"sort,omitempty"` // the item's sort key; "" of a payment or an outage
}

// Compare orders positions: the item that is stuck longest first, then by item.
func (p Position) Compare(other Position) int {
	return cmp.Or(
		cmp.Compare(p.At, other.At), cmp.Compare(p.Kind, other.Kind), cmp.Compare(p.Partition, other.Partition), cmp.Compare(p.Sort, other.Sort),
	)
}

// PageOf returns at most limit of the keys behind after (nil: from the first), in the order of
// their positions and none twice, and where to go on, nil at the end.
func PageOf(keys []Key, after *Position, limit int) ([]Key, *Position) {
	present := map[Key]bool{}
	keys = slices.DeleteFunc(keys, func(k Key) bool {
		position := k.Position()
		k.At = time.Time{} // an index that changes while it is read shows an item at two instants
		again := present[k]
		present[k] = true
		return again || after != nil && position.Compare(*after) <= 0
	})
	// Sort before cutting: the index is read kind by kind, and each page must continue the last.
	slices.SortFunc(keys, func(a, b Key) int { return a.Position().Compare(b.Position()) })
	if len(keys) <= limit {
		return keys, nil
	}
	next := keys[limit-1].Position()
	return keys[:limit], &next
}
