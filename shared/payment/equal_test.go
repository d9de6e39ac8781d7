package payment_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/golden"
	"makegood/shared/payment"
)

// edits returns a change for each thing that v holds, down to the last field.
func edits(v reflect.Value) []func() {
	all := []func(){v.SetZero}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			all = append(all, edits(v.Elem())...)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return all
		}
		for i := range v.NumField() {
			all = append(all, edits(v.Field(i))...)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			all = append(all, func() { v.Set(reflect.Append(v, v.Index(0))) })
		}
		for i := range v.Len() {
			all = append(all, edits(v.Index(i))...)
		}
	case reflect.Map:
		all = append(all, func() { v.Set(reflect.MakeMap(v.Type())) })
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			// What a map holds cannot be changed in place: a changed copy takes its place.
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			for _, edit := range edits(value) {
				all = append(all, func() { edit(); v.SetMapIndex(key, value) })
			}
		}
	}
	return all
}

func TestPaymentsAreEqualExactlyWhereTheirJSONIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var both [2]payment.Payment
		for i := range both {
			both[i] = golden.Payment()
			all := edits(reflect.ValueOf(&both[i]).Elem())[1:] // not the whole of it
			for _, n := range rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 0, 2).Draw(t, "edits") {
				if all = edits(reflect.ValueOf(&both[i]).Elem())[1:]; n < len(all) {
					all[n]()
				}
			}
		}
		require.Equal(t, equal(t, both[0], both[1]), both[0].Equal(both[1]), "%+v\n%+v", both[0], both[1])
	})
}

func TestAVersionIsTheStores(t *testing.T) {
	p, other := golden.Payment(), golden.Payment()
	p.Version, p.Resolutions[0].After.Version = 7, 7
	require.True(t, p.Equal(other))
}

func TestAnEmptyMapSaysWhatNoneSays(t *testing.T) {
	require.True(t, payment.Payment{Refunds: map[string]payment.Refund{}, Aliases: []payment.ID{}}.Equal(payment.Payment{Version: 7}))
}
