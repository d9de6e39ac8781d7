package policyfile

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// Compile reads every published policy below a folder, published/<name>/<day>.yaml, and returns
// them as the Go code that package policy holds. Errors are as Parse's, or KindInvalid for a file
// whose path says another name or day than the file.
func Compile(dir fs.FS) ([]byte, error) {
	names, err := entries(dir, "published", "")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fault.Invalid("policy", "no policy is published")
	}
	var table, functions bytes.Buffer
	for n, name := range names {
		revisions, err := load(dir, name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&table, "newEdition(%q, revisions%d),\n", name, n)
		fmt.Fprintf(&functions, "\n// revisions%d are those of %s.\nfunc revisions%d() []Revision {\nreturn ", n, name, n)
		literal(&functions, reflect.ValueOf(revisions), false)
		functions.WriteString("\n}\n")
	}
	return assemble(table.String(), functions.String())
}

// load reads the published revisions of one policy, oldest first.
func load(dir fs.FS, name string) ([]policy.Revision, error) {
	folder := path.Join("published", name)
	days, err := entries(dir, folder, ".yaml")
	if err != nil {
		return nil, err
	}
	var revisions []policy.Revision
	for _, base := range days {
		file := path.Join(folder, base)
		source, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, fault.At("policyfile.Compile: read", file, err)
		}
		rev, err := Parse(file, source)
		if err != nil {
			return nil, fault.At("policyfile.Compile: parse", file, err)
		}
		// A listing that lies would have the wrong file reviewed.
		if rev.Name != name || rev.Revision+".yaml" != base {
			return nil, fault.Invalid("revision", "%s holds revision %s of %q", file, rev.Revision, rev.Name)
		}
		revisions = append(revisions, rev)
	}
	if _, err := policy.New(revisions...); err != nil {
		return nil, fault.At("policyfile.Compile", folder, err)
	}
	return revisions, nil
}

// entries lists what has that ending in a folder, sorted.
func entries(dir fs.FS, folder, ending string) ([]string, error) {
	list, err := fs.ReadDir(dir, folder)
	if err != nil {
		return nil, fault.At("policyfile.Compile: list", folder, err)
	}
	var names []string
	for _, entry := range list {
		if strings.HasSuffix(entry.Name(), ending) && entry.IsDir() == (ending == "") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// rooms are those whose types a revision holds; reflection knows their paths, whatever the module
// is called.
var rooms = []reflect.Type{
	reflect.TypeFor[evidence.Name](),
	reflect.TypeFor[generation.Feature](), reflect.TypeFor[ledger.ExpiredLot](), reflect.TypeFor[money.Amount](), reflect.TypeFor[payment.Package](),
}

// assemble puts the file together, as gofmt lays it out.
func assemble(table, functions string) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("// Code generated from published/*/*.yaml by infra/compile-policies. DO NOT EDIT.\n\n" +
		"//go:build !uncompiled\n\npackage policy\n\nimport (\n\"time\"\n\n")
	// A package that no revision needs is not imported: files without evidence name no signal.
	for _, room := range rooms {
		if strings.Contains(functions, path.Base(room.PkgPath())+".") {
			fmt.Fprintf(&text, "%q\n", room.PkgPath())
		}
	}
	fmt.Fprintf(&text, ")\n\n// published are the policies of this binary, by name.\nvar published = []edition{\n%s}\n%s", table, functions)
	return format.Source(text.Bytes())
}

// later are the fields that follow from the others: policy sets them when it opens a revision.
var later = []string{"effectiveAt", "tests"}

// literal writes a value as Go code that is inside package policy. The type is left out where a
// list or map around it says it.
func literal(to *bytes.Buffer, value reflect.Value, elided bool) {
	switch value.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map:
		if !elided {
			to.WriteString(typeName(value.Type()))
		}
		to.WriteString("{")
		elements(to, value)
		to.WriteString("}")
	case reflect.Pointer:
		fmt.Fprintf(to, "new(%s)", scalar(value.Elem()))
	default:
		to.WriteString(scalar(value))
	}
}

// elements writes what is between the braces: scalars on one line, the rest line by line.
func elements(to *bytes.Buffer, value reflect.Value) {
	between := "\n"
	write := func(key string, element reflect.Value, elided bool) {
		to.WriteString(between + key)
		literal(to, element, elided)
		to.WriteString(",")
	}
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			// What is zero is what the type has anyway; an empty list is not the same as none.
			if field := value.Type().Field(i).Name; !value.Field(i).IsZero() && !slices.Contains(later, field) {
				write(field+": ", value.Field(i), false)
			}
		}
	case reflect.Slice:
		for i := range value.Len() {
			write("", value.Index(i), true)
		}
	case reflect.Map:
		keys := value.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		for _, key := range keys {
			write(strconv.Quote(key.String())+": ", value.MapIndex(key), true)
		}
	}
	to.WriteString("\n")
}

// scalar writes a text, a number or a truth.
func scalar(value reflect.Value) string {
	switch value.Kind() {
	case reflect.String:
		return strconv.Quote(value.String())
	case reflect.Bool:
		return strconv.FormatBool(value.Bool())
	case reflect.Int, reflect.Int64:
		if value.Type() != reflect.TypeFor[time.Duration]() {
			return strconv.FormatInt(value.Int(), 10)
		}
		// Durations of a file are of whole seconds as good as always, and read better so.
		if value.Int()%int64(time.Second) == 0 {
			return fmt.Sprintf("%d * time.Second", value.Int()/int64(time.Second))
		}
		return fmt.Sprintf("%d * time.Nanosecond", value.Int())
	}
	// A type that no revision has yet.
	panic("policyfile: no literal of " + value.Type().String())
}

// typeName returns the type's name as package policy writes it.
func typeName(t reflect.Type) string { return strings.ReplaceAll(t.String(), "policy.", "") }
