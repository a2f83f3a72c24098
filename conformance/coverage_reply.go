package conformance

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"reflect"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/cfimages/cfimages/runtime/contract"
)

// checkedYAML names, for each field of each reply, the clause that fails when
// the field has another value. A test changes every field and runs that
// clause, so that the table cannot claim what is not checked.
//
//go:embed coverage-fields.yaml
var checkedYAML []byte

// checked reads the table once: the clause by operationId and field.
var checked = sync.OnceValue(func() map[string]map[string]string {
	table, err := parseChecked(checkedYAML)
	if err != nil {
		panic("conformance: coverage-fields.yaml: " + err.Error())
	}
	return table
})

func parseChecked(data []byte) (map[string]map[string]string, error) {
	var table map[string]map[string]string
	return table, yaml.NewDecoder(bytes.NewReader(data)).Decode(&table)
}

// checkedFields returns the goals of which a clause that was run takes care.
func checkedFields(ran func(clause string) bool) map[string]int {
	hits := map[string]int{}
	for operation, fields := range checked() {
		for field, clause := range fields {
			if ran(clause) {
				hits[Goal{Kind: GoalReply, Operation: operation, Name: field}.ID()]++
			}
		}
	}
	return hits
}

// replyFields names the fields of an operation's result, such as
// "images[].meta". They are read off the generated types, and so change with
// the specification.
func replyFields(op *contract.Operation) []string {
	t := resultType(op)
	switch {
	case t == nil:
		return nil
	case op.Result.Kind == contract.ResultStream:
		return []string{"body"}
	}
	return fieldsOf(t, op.Result.Member)
}

func fieldsOf(t reflect.Type, at string) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	unmarshaler := reflect.TypeFor[json.Unmarshaler]()
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return []string{at}
	}
	switch t.Kind() {
	case reflect.Slice:
		return fieldsOf(t.Elem(), at+"[]")
	case reflect.Map:
		return fieldsOf(t.Elem(), at+"{}")
	case reflect.Struct:
		var list []string
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			list = append(list, fieldsOf(t.Field(i).Type, strings.TrimPrefix(at+"."+name, "."))...)
		}
		return list
	}
	return []string{at}
}
