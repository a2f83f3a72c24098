package metafilter_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// operand makes a value of the type that typ picks; kinds without a counterpart in text are derived from its length.
func operand(typ byte, text string) metafilter.Value {
	switch typ % 4 {
	case 0:
		return metafilter.Text(text)
	case 1:
		return metafilter.Of(text)
	case 2:
		var f float64
		if json.Unmarshal([]byte(text), &f) != nil {
			return metafilter.Of(len(text))
		}
		return metafilter.Of(f)
	default:
		return metafilter.Of(len(text)%2 == 0)
	}
}

// FuzzEncode: what the encoder lets through arrives unchanged, whoever decodes the query in between, and is one
// parameter with the name and value that were meant.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{"active", "", "5", "true", "a&b=c#d%20+;", "meta.x[eq]=1", "nul\x00", "😀é", "\xff", " lead", "1e400"} {
		f.Add(byte(0), byte(0), "status", text, "x")
		f.Add(byte(1), byte(1), "region.name", text, "x|y")
	}
	f.Add(byte(3), byte(2), "a.b.c.d.e", "-0.5", "7")
	f.Add(byte(0), byte(3), "a&b", "x", "")
	f.Fuzz(func(t *testing.T, op, typ byte, path, one, two string) {
		ops := extended.Operators
		operator := ops[int(op)%len(ops)]
		values := []metafilter.Value{operand(typ, one)}
		if operator.List {
			values = append(values, operand(typ, two))
		}
		term := extended.Term(operator.Name, path, values...)
		filter := extended.All(term, term)
		if term.Err() != nil {
			if filter.Err() == nil || len(filter.AppendTo(nil)) > 0 || filter.String() != "" {
				t.Fatalf("a filter with an error was encoded: %v", term.Err())
			}
			return
		}
		wire := string(filter.AppendTo(nil))
		if strings.Trim(wire, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%&=") != "" {
			t.Errorf("reserved characters in %q", wire)
		}
		same(t, "wire", parse(t, extended, wire), filter)
		for _, encoded := range []string{wire, filter.String()} {
			form, err := url.ParseQuery(encoded)
			if err != nil || len(form) != 1 {
				t.Fatalf("url.ParseQuery(%q) = %v, %v", encoded, form, err)
			}
			same(t, "net/url", parse(t, extended, form.Encode()), filter)
		}
		text, err := extended.ParseText(filter.String())
		if err != nil {
			t.Fatalf("ParseText(%q): %v", filter.String(), err)
		}
		same(t, "text", text, filter)
		data, err := json.Marshal(filter)
		if err != nil {
			t.Fatal(err)
		}
		back, err := extended.ParseJSON(data)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "JSON", back, filter)
	})
}

// FuzzParse: any query gives a filter or an error, never both, never a panic; what is accepted could have been encoded,
// and no filter parameter is dropped.
func FuzzParse(f *testing.F) {
	for _, query := range []string{
		"", "&", "creator=u&meta.status[eq]=active", "meta.status%5Beq%3Astring%5D=a%7Cb", "m%65ta.x[in]=1|2|",
		"meta.x=1", "meta.[eq]=1", "meta.x[]=1", "meta.x[eq", "meta.x]eq[=1", "meta.<field>[<operator>]=1", "meta.x[eq]=%zz",
		"meta.x%z[eq]=1", "meta.x[eq]=%ff", "meta.a..b[eq]=1", "meta.x[gt]=1e999999999999999999999", "meta.x[in]=", "meta.x[eq]",
		"meta.a[eq]=1&meta.a[eq]=1&meta.a[eq]=1&meta.a[eq]=1&meta.a[eq]=1&meta.a[x]=1", "meta=1&metadata.x[eq]=1",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		filter, err := extended.Parse(query)
		if (err == nil) != (filter.Err() == nil) || err != nil && (filter.Len() != 0 || err.Error() == "") {
			t.Fatalf("Parse gave %d terms with error %v and %v", filter.Len(), err, filter.Err())
		}
		if err != nil {
			return
		}
		terms := filter.Terms()
		for i, term := range terms {
			terms[i] = extended.Term(term.Operator(), term.Path(), term.Values()...)
		}
		again := extended.All(terms...)
		if again.Err() != nil {
			t.Fatalf("Parse accepts what Term refuses: %v", again.Err())
		}
		same(t, "rebuilt", again, filter)
		if form, err := url.ParseQuery(query); err == nil {
			want := 0
			for name, values := range form {
				if strings.HasPrefix(name, "meta.") {
					want += len(values)
				}
			}
			if filter.Len() != want {
				t.Errorf("%d terms from %d parameters", filter.Len(), want)
			}
		}
	})
}

// FuzzMatch: the three ways to put a filter to a document agree with each other and with the reference.
func FuzzMatch(f *testing.F) {
	seeds := []string{
		`{"a":"x","b":{"a":5,"b":[1,"x",null,true]}}`, `{"a":1,"a":{"b":2},"a":"x"}`, `{"\u0061":"\ud83d\ude00\ud800"}`,
		`{"a.b":1,"a":{"b":1.0}}`, `{"a":[]}`, `{"a":null}`, `{"a":0.1}`, `{"a":9007199254740993}`, `{"a":-0.0e5}`, `{"a":1E+2} x`,
		"{\"a\":\"\xff\"}", `{"a":[[1],{"a":1}]}`, `[]`, `{"a":01}`, `{"a":tru}`, `{"a":1,}`, `{"a":{"b":{"c":"deep"}}}`, `{"a":1e400}`,
	}
	for i, doc := range seeds {
		f.Add(doc, byte(i), byte(i), "a", "1", "x")
		f.Add(doc, byte(0), byte(0), "a.b", "1", "")
		f.Add(doc, byte(i), byte(2), "a", "9007199254740993", "0.1")
	}
	f.Fuzz(func(t *testing.T, text string, op, typ byte, path, one, two string) {
		operator := extended.Operators[int(op)%len(extended.Operators)]
		query := "meta." + url.QueryEscape(path) + "[" + operator.Name
		if types := operator.Types; int(typ)%(len(types)+1) > 0 {
			query += ":" + types[int(typ)%(len(types)+1)-1].String()
		}
		query += "]=" + url.QueryEscape(one)
		filter, err := extended.Parse(query + "&meta.b[in]=x|" + url.QueryEscape(two))
		if typ >= 128 || err != nil {
			filter, err = extended.Parse(query)
		}
		if err != nil || hugeExponent(text) || hugeExponent(query) {
			return
		}
		doc, ok := decodeObject(text)
		want := ok && slowMatch(extended, filter, doc)
		if got := filter.MatchJSON([]byte(text)); got != want {
			t.Errorf("%s on %s: MatchJSON %v, reference %v", filter, text, got, want)
		}
		if got := filter.Match(doc); ok && got != want {
			t.Errorf("%s on %s: Match %v, reference %v", filter, text, got, want)
		}
		var floats map[string]any
		if !ok || json.Unmarshal([]byte(text), &floats) != nil {
			return
		}
		rewritten, err := json.Marshal(floats)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := filter.Match(floats), filter.MatchJSON(rewritten); got != want {
			t.Errorf("%s on %s: Match with floats %v, MatchJSON %v", filter, rewritten, got, want)
		}
	})
}
