package metafilter_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// plainTerm is what a program without this package would hold.
type plainTerm struct {
	path, op, typ string
	values        []string
}

var five = []plainTerm{
	{"status", "eq", "string", []string{"active now"}},
	{"region.name", "in", "", []string{"eu-west", "us-east", "ap"}},
	{"priority", "gte", "number", []string{"1"}},
	{"priority", "lte", "number", []string{"5"}},
	{"enabled", "eq", "boolean", []string{"true"}},
}

func fiveTerms() metafilter.Filter {
	g := documented
	return g.All(
		g.Term("eq", "status", metafilter.Of("active now")),
		g.Term("in", "region.name", metafilter.Text("eu-west"), metafilter.Text("us-east"), metafilter.Text("ap")),
		g.Term("gte", "priority", metafilter.Of(1)),
		g.Term("lte", "priority", metafilter.Of(5)),
		g.Term("eq", "enabled", metafilter.Of(true)),
	)
}

func TestAllocations(t *testing.T) {
	f := fiveTerms()
	wire := string(f.AppendTo(nil))
	buf := make([]byte, 0, 1024)
	doc := []byte(document)
	three := parse(t, documented, threeTerms)
	var decoded map[string]any
	if err := json.Unmarshal(doc, &decoded); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		limit float64
		run   func()
	}{
		"AppendTo":     {0, func() { buf = f.AppendTo(buf[:0]) }},
		"String":       {1, func() { sinkString = f.String() }},
		"encode":       {2, func() { sinkString = string(f.AppendTo(make([]byte, 0, 256))) }},
		"Parse":        {12, func() { sinkFilter, _ = documented.Parse(wire) }},
		"MatchJSON":    {0, func() { sinkBool = three.MatchJSON(doc) }},
		"Match":        {0, func() { sinkBool = three.Match(decoded) }},
		"Parse others": {0, func() { sinkFilter, _ = documented.Parse("creator=u&per_page=10") }},
	} {
		if got := testing.AllocsPerRun(100, c.run); got > c.limit {
			t.Errorf("%s allocates %v times, want at most %v", name, got, c.limit)
		}
	}
	if !sinkBool {
		t.Error("the document of the benchmark does not match")
	}
}

var (
	sinkString string
	sinkFilter metafilter.Filter
	sinkBool   bool
	sinkTerms  []plainTerm
)

func BenchmarkEncode(b *testing.B) {
	f := fiveTerms()
	b.Run("buffer", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 0, 512)
		for b.Loop() {
			buf = f.AppendTo(buf[:0])
		}
	})
	b.Run("string", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkString = string(f.AppendTo(make([]byte, 0, 256)))
		}
	})
	b.Run("url.Values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			form := url.Values{}
			for _, p := range five {
				name := "meta." + p.path + "[" + p.op
				if p.typ != "" {
					name += ":" + p.typ
				}
				form.Add(name+"]", strings.Join(p.values, "|"))
			}
			sinkString = form.Encode()
		}
	})
}

func BenchmarkParse(b *testing.B) {
	wire := string(fiveTerms().AppendTo(nil))
	b.Run("Parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkFilter, _ = documented.Parse(wire)
		}
	})
	b.Run("url.Values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			form, _ := url.ParseQuery(wire)
			var terms []plainTerm
			for name, values := range form {
				path, op, _ := strings.Cut(strings.TrimPrefix(name, "meta."), "[")
				op, typ, _ := strings.Cut(strings.TrimSuffix(op, "]"), ":")
				for _, v := range values {
					terms = append(terms, plainTerm{path, op, typ, strings.Split(v, "|")})
				}
			}
			sinkTerms = terms
		}
	})
}

const (
	document = `{"status":"active","album":"summer 2024","priority":3,"rating":4.5,"enabled":true,` +
		`"region":{"name":"eu-west","zone":2},"tags":["cats","dogs"],"owner":"user-1234567"}`
	threeTerms = "meta.status[eq:string]=active&meta.priority[gte:number]=1&meta.region.name[in]=us-east|eu-west"
)

func BenchmarkMatchJSON(b *testing.B) {
	f, doc := parse(b, documented, threeTerms), []byte(document)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		sinkBool = f.MatchJSON(doc)
	}
}

func BenchmarkMatch(b *testing.B) {
	f := parse(b, documented, threeTerms)
	var doc map[string]any
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		sinkBool = f.Match(doc)
	}
}

// million are typical documents: a thousand different ones, a thousand times.
const million = 1_000_000

func typicalDocuments() [][]byte {
	docs := make([][]byte, 1000)
	for i := range docs {
		docs[i] = fmt.Appendf(nil, `{"status":%q,"album":"summer %d","priority":%d,"rating":%d.5,"enabled":%t,`+
			`"region":{"name":%q,"zone":%d},"tags":["cats","dogs"],"owner":"user-%07d"}`,
			[]string{"active", "draft", "deleted"}[i%3], 2000+i%30, i%10, i%5, i%2 == 0,
			[]string{"eu-west", "us-east", "ap-south"}[i%7%3], i%4, i*7919)
	}
	return docs
}

// BenchmarkMillion matches 1,000,000 typical documents with three terms in every round.
func BenchmarkMillion(b *testing.B) {
	f, docs := parse(b, documented, threeTerms), typicalDocuments()
	decoded := make([]map[string]any, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc, &decoded[i]); err != nil {
			b.Fatal(err)
		}
	}
	rate := func(b *testing.B, match func(i int) bool) {
		n := 0
		for b.Loop() {
			n = 0
			for i := range million {
				if match(i % len(docs)) {
					n++
				}
			}
		}
		if n == 0 || n == million {
			b.Fatalf("%d of the documents match", n)
		}
		b.ReportMetric(million*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
	}
	b.Run("raw JSON", func(b *testing.B) { rate(b, func(i int) bool { return f.MatchJSON(docs[i]) }) })
	b.Run("decoded", func(b *testing.B) { rate(b, func(i int) bool { return f.Match(decoded[i]) }) })
}
