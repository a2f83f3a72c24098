package double

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// differences compares arguments and returns a line for every field that differs.
func differences(want, got []any) []string {
	var d diff
	for i, w := range want {
		path := "argument " + strconv.Itoa(i+1)
		if i >= len(got) {
			d.lines = append(d.lines, path+": there is none, want "+show(w))
			continue
		}
		if m, ok := w.(Matcher); ok {
			if !m.Matches(got[i]) {
				d.note(path, reflect.ValueOf(w), reflect.ValueOf(got[i]))
			}
			continue
		}
		d.compare(path, reflect.ValueOf(w), reflect.ValueOf(got[i]))
	}
	return d.lines
}

// diff collects what differs.
type diff struct{ lines []string }

func (d *diff) note(path string, want, got reflect.Value) {
	d.lines = append(d.lines, fmt.Sprintf("%s is %s, want %s", path, cut(render(got)), cut(render(want))))
}

// compare descends into what both have, so that what is told is as small as
// possible.
func (d *diff) compare(path string, want, got reflect.Value) {
	switch {
	case !want.IsValid() || !got.IsValid():
		if want.IsValid() || got.IsValid() {
			d.note(path, want, got)
		}
	case want.Type() != got.Type():
		if !sameJSON(want, got) {
			d.note(path, want, got)
		}
	case equalKnown(want, got):
	case want.Kind() == reflect.Struct && open(want.Type()):
		for i := range want.NumField() {
			d.compare(path+"."+want.Type().Field(i).Name, want.Field(i), got.Field(i))
		}
	case nillable(want.Kind()) && (want.IsNil() || got.IsNil()):
		if want.IsNil() != got.IsNil() {
			d.note(path, want, got)
		}
	case (want.Kind() == reflect.Pointer || want.Kind() == reflect.Interface) && want.Type() != fileType:
		d.compare(path, want.Elem(), got.Elem())
	case want.Kind() == reflect.Map:
		d.compareMaps(path, want, got)
	case want.Kind() == reflect.Slice && want.Len() == got.Len() && want.Type().Elem().Kind() != reflect.Uint8:
		for i := range want.Len() {
			d.compare(fmt.Sprintf("%s[%d]", path, i), want.Index(i), got.Index(i))
		}
	case !same(want, got):
		d.note(path, want, got)
	}
}

func (d *diff) compareMaps(path string, want, got reflect.Value) {
	for _, key := range sorted(want) {
		d.compare(path+"["+render(key)+"]", want.MapIndex(key), got.MapIndex(key))
	}
	for _, key := range sorted(got) {
		if !want.MapIndex(key).IsValid() {
			d.note(path+"["+render(key)+"]", reflect.Value{}, got.MapIndex(key))
		}
	}
}

func sorted(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(render(a)), []byte(render(b))) })
	return keys
}

// open reports whether all there is to a struct can be looked at.
func open(t reflect.Type) bool {
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return false
		}
	}
	return true
}

func nillable(k reflect.Kind) bool {
	return k == reflect.Pointer || k == reflect.Interface || k == reflect.Map || k == reflect.Slice
}

// equalKnown is about types that have an equality of their own.
func equalKnown(want, got reflect.Value) bool {
	switch w := want.Interface().(type) {
	case time.Time:
		return w.Equal(got.Interface().(time.Time))
	case *contract.File:
		g := got.Interface().(*contract.File)
		return w != nil && g != nil && w.Name() == g.Name() && w.Size() == g.Size() && w.ContentType() == g.ContentType()
	default:
		return false
	}
}

// same compares what cannot be descended into: by its text where it has one.
func same(want, got reflect.Value) bool {
	if want.Type() == fileType {
		return false // equalKnown has said so
	}
	if w, ok := want.Interface().(fmt.Stringer); ok && want.Kind() == reflect.Struct {
		return w.String() == got.Interface().(fmt.Stringer).String()
	}
	return reflect.DeepEqual(want.Interface(), got.Interface())
}

// sameJSON is about values of metadata: a number that was sent is no int any more.
func sameJSON(want, got reflect.Value) bool {
	w, err := json.Marshal(want.Interface())
	if err != nil {
		return false
	}
	g, err := json.Marshal(got.Interface())
	return err == nil && bytes.Equal(w, g)
}
