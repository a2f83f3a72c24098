package load_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/generator/internal/load"
)

// TestTextPositions wants keys and values where an editor shows them: columns
// count characters, and tabs are one.
func TestTextPositions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, text, want string }{
		{"x.json", "{\n\t\"a\" : {\"ä😀\":1 , \"b\":[true,\n  null]}}", "x.json:2:2 x.json:2:8 x.json:2:14 x.json:2:18 x.json:2:22 x.json:2:23 x.json:3:3"},
		{"x.yaml", "a:\n  ä😀: 1\n  b: [true,\n    null]\n", "x.yaml:1:1 x.yaml:2:3 x.yaml:2:7 x.yaml:3:3 x.yaml:3:6 x.yaml:3:7 x.yaml:4:5"},
	} {
		root, err := load.Text(c.path, []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		a := root.Get("a")
		b := a.Get("b")
		got := []string{
			a.Pos().String(), a.ValuePos().String(), a.Get("ä😀").ValuePos().String(), b.Pos().String(), b.ValuePos().String(),
			b.Items()[0].Pos().String(), b.Items()[1].Pos().String(),
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.path, got, c.want)
		}
	}
}

// TestTextFormat: the ending says what a text is, and its first character where
// the ending says nothing.
func TestTextFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, text string
		ok         bool
	}{
		{"x.json", `{"a": "\ud83d\ude00"}`, true},
		{"x", `{"a": "\ud83d\ude00"}`, true},
		{"x.yaml", `{a: b}`, true},
		{"x.json", `{a: b}`, false},
		{"x", "a: b\n", true},
		{"x.yaml", "a: b: c", false},
		{"x.json", ``, false},
		{"x", ``, false},
		{"x.json", `{} {}`, false},
		{"x.yaml", "a: *b", false},
		{"x.yaml", "? [a]\n: b", false},
		{"x.json", `{"a": 1, "a": 2}`, false},
	} {
		_, err := load.Text(c.path, []byte(c.text))
		if (err == nil) != c.ok {
			t.Errorf("%s %s: %v", c.path, c.text, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), c.path+":1:") {
			t.Errorf("%s %s: no position in %v", c.path, c.text, err)
		}
	}
}

// FuzzTextJSON: a tree made of JSON means what the JSON means.
func FuzzTextJSON(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":[1,-2.5e3,"x",true,false,null,{}]}`, "[\t\"\\u0000\\ud83d\\ude00\\ud83d\", \"\xff\"]", `{"<<":{"a":1}}`, `{"a":{"a":{"a":[]}}}`,
		`"x"`, ` 0 `, `{"~":"=","y":"no"}`, `[1e400]`, "{\"é\"\n:\r\n1}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want any
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		valid := json.Valid([]byte(text)) && dec.Decode(&want) == nil
		root, err := load.Text("x.json", []byte(text))
		if !root.Ok() {
			if err == nil || json.Unmarshal([]byte(text), new(any)) == nil {
				t.Fatalf("%q is not read: %v", text, err)
			}
			return
		}
		if !valid {
			t.Fatalf("%q is read", text)
		}
		if err == nil && !reflect.DeepEqual(plain(root), want) {
			t.Errorf("%q is read as %v", text, plain(root))
		}
	})
}

// plain is the value of a node as encoding/json has it.
func plain(n load.Node) any {
	switch {
	case n.IsMap():
		m := map[string]any{}
		for _, member := range n.Members() {
			m[member.Name()] = plain(member)
		}
		return m
	case n.IsList():
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, plain(item))
		}
		return list
	}
	switch n.Tag() {
	case "!!null":
		return nil
	case "!!bool":
		return n.Text() == "true"
	case "!!int", "!!float":
		return json.Number(n.Text())
	default:
		return n.Text()
	}
}
