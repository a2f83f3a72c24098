package system

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// TestFieldsFollowTheGrammar wants each handle of package filter to have a
// method for an operator exactly when the operator takes the handle's values,
// and can hold for what the field has. The engine is asked, not the generator.
func TestFieldsFollowTheGrammar(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ          metafilter.Type
		single, list any
		operands     []metafilter.Value
		docs         []string // what "x" could hold
	}{
		{
			metafilter.String, filter.StringField[string]{Path: "x"}, filter.StringListField[string]{Path: "x"},
			[]metafilter.Value{metafilter.Of("b"), metafilter.Of("c")}, []string{`"a"`, `"b"`, `"bc"`, `"d"`},
		},
		{
			metafilter.Number, filter.NumberField[int]{Path: "x"}, filter.NumberListField[int]{Path: "x"},
			[]metafilter.Value{metafilter.Of(2), metafilter.Of(3)}, []string{`1`, `2`, `3`, `4`},
		},
		{
			metafilter.Boolean, filter.BooleanField[bool]{Path: "x"}, filter.BooleanListField[bool]{Path: "x"},
			[]metafilter.Value{metafilter.Of(true)}, []string{`true`, `false`},
		},
	} {
		want, wantList := []string{}, []string{}
		for _, op := range api.FilterGrammar.Operators {
			if !slices.Contains(op.Types, c.typ) {
				continue
			}
			name := strings.ToUpper(op.Name[:1]) + op.Name[1:]
			term := api.FilterGrammar.Term(op.Name, "x", c.operands[:1]...)
			f := api.FilterGrammar.All(term)
			holds := func(format string) bool {
				return slices.ContainsFunc(c.docs, func(v string) bool {
					return f.MatchJSON([]byte(strings.ReplaceAll(format, "?", v)))
				})
			}
			if !holds(`{"x":?}`) {
				t.Errorf("%s never holds for a %s: %v", op.Name, c.typ, f.Err())
			}
			want = append(want, name)
			if holds(`{"x":[?]}`) {
				wantList = append(wantList, name)
			}
			called(t, c.single, name, term)
			if holds(`{"x":[?]}`) {
				called(t, c.list, name, term)
			}
		}
		sameMethods(t, c.single, want)
		sameMethods(t, c.list, wantList)
	}
}

// called wants a handle's method to make the same term as the engine.
func called(t *testing.T, handle any, method string, want metafilter.Term) {
	t.Helper()
	m := reflect.ValueOf(handle).MethodByName(method)
	if !m.IsValid() {
		t.Errorf("%T has no method %s", handle, method)
		return
	}
	operand := want.Values()[0]
	var arg any
	switch operand.Type() {
	case metafilter.String:
		arg = operand.String()
	case metafilter.Number:
		arg = 2
	default:
		arg = operand.String() == "true"
	}
	got := m.Call([]reflect.Value{reflect.ValueOf(arg)})[0].Interface().(metafilter.Term)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%T.%s makes %s, want %s", handle, method, got, want)
	}
}

func sameMethods(t *testing.T, handle any, want []string) {
	t.Helper()
	var got []string
	for m := range reflect.TypeOf(handle).Methods() {
		got = append(got, m.Name)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%T has the methods %v, want %v", handle, got, want)
	}
}
