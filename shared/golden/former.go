package golden

import "reflect"

// lacks names, by release, the fields that rows frozen by it do not have: they came later, and read
// as zero there. A field that is not named is read from the rows of every release.
var lacks = map[string][]string{
	"2026-11-30": {
		"generation.Generation.Words", "generation.Generation.Dimensions", "outage.Run.By", "payment.Dispute.Reason", "payment.Dispute.DueBy", "grant.Grant.By", "ledger.Cause.By",
		"refund.Case.AddressMark", "refund.Case.Assignment", "refund.Case.Skips", "refund.Ruling.EffectiveAt", "refund.Ruling.TakenBackAt",
		"refund.Case.Proposed", "refund.Ruling.Second", "refund.Statement.Region", "refund.Statement.Attachments",
	},
}

// Former returns a copy of the value as rows of that release have it: without the fields that came
// later. No release is this one, whose rows have all of them.
func Former[T any](release string, value T) T {
	dropped := map[string]bool{}
	for _, field := range lacks[release] {
		dropped[field] = true
	}
	former, is := without(reflect.ValueOf(&value).Elem(), dropped).Interface().(T)
	if !is {
		return value // an interface that holds nothing
	}
	return former
}

// without returns a copy of v, in which the fields of those names are zero, however deep.
func without(v reflect.Value, dropped map[string]bool) reflect.Value {
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return fresh
		}
		inner := without(v.Elem(), dropped)
		if v.Kind() == reflect.Interface {
			fresh.Set(inner)
			return fresh
		}
		fresh.Set(reflect.New(v.Type().Elem()))
		fresh.Elem().Set(inner)
	case reflect.Slice:
		if v.IsNil() {
			return fresh
		}
		fresh.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			fresh.Index(i).Set(without(v.Index(i), dropped))
		}
	case reflect.Map:
		if v.IsNil() {
			return fresh
		}
		fresh.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			fresh.SetMapIndex(entries.Key(), without(entries.Value(), dropped))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// What is not exported belongs to a value of another module, an instant for one.
			field := v.Type().Field(i)
			switch {
			case !field.IsExported():
			case dropped[v.Type().String()+"."+field.Name]:
				fresh.Field(i).SetZero()
			default:
				fresh.Field(i).Set(without(v.Field(i), dropped))
			}
		}
	default: // a plain value
	}
	return fresh
}
