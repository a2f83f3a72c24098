package conformance

import (
	"strings"

	"github.com/onsi/gomega"
)

// exactly checks that filters compare whole values, of their type, in their
// place.
func exactly(s *suite) {
	exactTexts(s)
	exactNumbers(s)
	exactPlaces(s)
	exactRanges(s)
	combined(s)
	unusable(s)
}

// choice is a filter and the names of the images it selects.
type choice struct {
	filter, value string
	want          []string
}

// selectsEach makes a spec that fills a shelf once and filters it several
// times.
func (s *suite) selectsEach(id, row string, images shelf, choices []choice, needs ...need) {
	s.row(id, row, func(t *spec) {
		names := t.fill(images)
		for _, c := range choices {
			t.finds(names, []string{"meta." + c.filter, c.value}, c.want...)
		}
	}, needs...)
}

func exactTexts(s *suite) {
	words := is("v", `"active"`, `"active now"`, `"not active"`, `"active|now"`, `""`, `" "`)
	for id, op := range map[string]string{"V2L-030": "v[eq]", "V2L-031": "v[eq:string]"} {
		s.selectsEach(id, "words", words, []choice{
			{op, "active", []string{`"active"`}}, {op, "active|now", []string{`"active|now"`}}, {op, "", []string{`""`}},
		})
	}
	s.selectsEach("V2L-057", "", is("v", `"a"`, `" a"`, `"a "`, `"é"`, `"e\u0301"`), []choice{
		{"v[eq]", "a", []string{`"a"`}}, {"v[eq]", " a", []string{`" a"`}}, {"v[eq]", "é", []string{`"é"`}},
		{"v[eq:string]", "a", []string{`"a"`}}, {"v[eq:string]", "e\u0301", []string{`"e\u0301"`}}, {"v[in]", "a|b", []string{`"a"`}},
		{"v[in:string]", " a|b", []string{`" a"`}},
	})
	s.selectsEach("V2L-033", "other types", is("v", `"true"`, `true`, `"null"`, `null`, `{"true":"true"}`), []choice{
		{"v[eq:string]", "true", []string{`"true"`}}, {"v[eq:string]", "null", []string{`"null"`}},
	})
	s.selects("V2L-040", "true", is("v", `"true"`, `true`, `"x"`), []string{"meta.v[in:string]", "true|y"}, []string{`"true"`})
	s.selectsEach("V2L-054", "other operators", is("v", `"Active"`, `"active"`, `"ACTIVE"`), []choice{
		{"v[eq:string]", "Active", []string{`"Active"`}}, {"v[in]", "active|x", []string{`"active"`}}, {"v[in:string]", "ACTIVE|x", []string{`"ACTIVE"`}},
	})
	names := shelf{"upper": `{"Key":"x"}`, "lower": `{"key":"x"}`, "deep": `{"a":{"Key":"x"}}`, "deep lower": `{"a":{"key":"x"}}`}
	s.selectsEach("V2L-058", "", names, []choice{
		{"Key[eq]", "x", []string{"upper"}}, {"key[eq]", "x", []string{"lower"}}, {"a.Key[eq]", "x", []string{"deep"}},
	})
}

func exactNumbers(s *suite) {
	near := is("n", `16777216`, `16777217`, `-16777217`, `4`, `4.5`, `4.51`, `5`, `-5`)
	s.selectsEach("V2L-035", "neighbours", near, []choice{
		{"n[eq:number]", "16777217", []string{`16777217`}}, {"n[eq:number]", "4.5", []string{`4.5`}}, {"n[eq:number]", "-5", []string{`-5`}},
		{"n[in:number]", "4.50|7", []string{`4.5`}}, {"n[eq:number]", "1.6777216e7", []string{`16777216`}}, {"n[in:number]", "-5|6|16777216", []string{`-5`, `16777216`}},
	})
	nothing := is("n", `0`, `""`, `"0"`, `null`, `false`, `1`, `true`, `"1"`)
	nothing["none"] = `{}`
	s.selectsEach("V2L-032", "other types", nothing, []choice{{"n[eq:number]", "0", []string{`0`}}, {"n[eq:number]", "1", []string{`1`}}})
	s.selects("V2L-039", "other types", nothing, []string{"meta.n[in:number]", "0|1"}, []string{`0`, `1`})
}

func exactPlaces(s *suite) {
	s.selectsEach("V2L-059", "", shelf{
		"top": `{"name":"x"}`, "one": `{"a":{"name":"x"}}`, "two": `{"a":{"b":{"name":"x"}}}`,
		"other": `{"b":{"name":"x"}}`, "text": `{"a":"x","name":{"a":"x"}}`,
	}, []choice{{"name[eq]", "x", []string{"top"}}, {"a.name[eq]", "x", []string{"one"}}, {"a.b.name[eq:string]", "x", []string{"two"}}})
	types := shelf{"n": `{"a":{"v":3}}`, "s": `{"a":{"v":"3"}}`, "b": `{"a":{"v":true}}`, "top": `{"v":3}`}
	s.selectsEach("V2L-044", "types", types, []choice{
		{"a.v[eq:number]", "3", []string{"n"}}, {"a.v[eq:boolean]", "true", []string{"b"}}, {"a.v[in:string]", "3|4", []string{"s"}},
	})
	s.selects("V2L-060", "nested", types, []string{"meta.a.v[gt]", "2"}, []string{"n"}, feature(FeatureRanges))
}

func exactRanges(s *suite) {
	values := is("n", `-10`, `-1.5`, `-1`, `0`, `0.5`, `3.5`, `3.75`, `4`, `true`, `false`, `null`, `"3.6"`, `""`, `{"n":9}`)
	values["none"] = `{}`
	var choices []choice
	for _, c := range []choice{
		{"gt", "3.5", []string{`3.75`, `4`}},
		{"gte", "3.5", []string{`3.5`, `3.75`, `4`}},
		{"lt", "-1", []string{`-10`, `-1.5`}},
		{"lte", "0", []string{`-10`, `-1.5`, `-1`, `0`}},
		{"gt", "-1.5", []string{`-1`, `0`, `0.5`, `3.5`, `3.75`, `4`}},
		{"gte", "0", []string{`0`, `0.5`, `3.5`, `3.75`, `4`}},
	} {
		choices = append(choices, choice{"n[" + c.filter + "]", c.value, c.want}, choice{"n[" + c.filter + ":number]", c.value, c.want})
	}
	s.selectsEach("V2L-060", "fractions, signs and other types", values, choices, feature(FeatureRanges))
}

func combined(s *suite) {
	s.row("V2L-019", "creator and metadata", func(t *spec) { t.walksAmongOthers("per_page", "1") })
	s.row("V2L-019", "ascending", func(t *spec) { t.walksAmongOthers("per_page", "2", "sort_order", "asc") })
	s.row("V2L-002", "filtered", func(t *spec) {
		t.fill(shelf{"1": `{"k":"a"}`, "2": `{"k":"a"}`, "3": `{"k":"a"}`, "4": `{"k":"b"}`})
		t.eventually(func(t *spec) {
			p := t.listed(listPath, t.mine("meta.k[eq]", "a", "per_page", "2")...)
			t.Expect(p.Images).To(gomega.HaveLen(2), "a full page of what matches")
			t.demand(p.more() != "", "there should be a token while there are more images")
		})
	})
	s.row("V2L-043", "no creator", func(t *spec) {
		t.stored(t.form("metadata", `{"run":"`+t.name+`"}`))
		own := t.stored(t.nobodys())
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(listPath, "creator", "", "meta.run[eq]", t.name).Images)).To(gomega.ConsistOf(own.ID), "the images without creator that match")
			t.Expect(t.listed(listPath, "meta.run[eq]", t.name).Images).To(gomega.HaveLen(2), "the images of anybody that match")
		})
	})
	s.row("V2L-047", "six on one field", func(t *spec) {
		query := []string{"meta.n[gt]", "1", "meta.n[gte]", "2", "meta.n[lt]", "9", "meta.n[lte]", "8", "meta.n[eq:number]", "5"}
		names := t.fill(is("n", `5`, `6`))
		t.finds(names, query, `5`)
		t.refused(t.do(get(listPath, t.mine(append(query, "meta.n[in:number]", "5")...)...)))
	}, feature(FeatureRanges))
}

// walksAmongOthers walks a filtered list of one creator's images, between
// which there are others that match the filter or have the creator.
func (t *spec) walksAmongOthers(query ...string) {
	names := map[string]string{}
	for _, name := range []string{"1", "2", "3"} {
		t.stored(t.form("metadata", `{"k":"a"}`, "creator", t.name+"-other"))
		names[t.stored(t.form("metadata", `{"k":"a"}`)).ID] = name
		t.stored(t.form("metadata", `{"k":"b"}`))
	}
	t.finds(names, append([]string{"meta.k[eq]", "a"}, query...), "1", "2", "3")
}

// unusable checks filters that cannot be applied.
func unusable(s *suite) {
	s.clause("V2L-070", func(t *spec) {
		t.stored(t.form("metadata", `{"a":"y"}`))
		for _, name := range []string{
			"meta.a-b[eq]", "meta.a b[eq]", "meta.a$[eq]", "meta.[eq]", "meta.a", "meta.a[]", "meta.a..b[eq]", "meta..a[eq]", "meta.a.[eq]", "meta.a[eq", "meta.a[eq]x",
		} {
			t.refused(t.do(get(listPath, t.mine(name, "x")...)))
		}
	})
	for _, op := range []string{"in:number", "in:string"} {
		s.row("V2L-041", "11 by "+op, func(t *spec) {
			t.refused(t.do(get(listPath, t.mine("meta.a["+op+"]", "1|2|3|4|5|6|7|8|9|10|11")...)))
		})
	}
	for _, op := range []string{"eq:string", "eq:number", "in", "gt"} {
		s.row("V2L-046", "six by "+op, func(t *spec) {
			t.refused(t.do(get(listPath, t.mine("meta.a.b.c.d.e.f["+op+"]", "1")...)))
		})
	}
	for _, wrong := range []string{"5abc", "", "0x10", "NaN", "5 6"} {
		s.row("V2L-049", "number "+wrong, func(t *spec) { t.refused(t.do(get(listPath, "meta.a[eq:number]", wrong))) })
	}
	for _, wrong := range []string{"ASC", "descending"} {
		s.row("V2L-011", wrong, func(t *spec) { t.refused(t.do(get(listPath, "sort_order", wrong))) })
	}
	for _, wrong := range [][2]string{{"meta.a[gt:string]", "1"}, {"meta.a[lte:boolean]", "true"}, {"meta.a[EQ]", "x"}, {"meta.a[neq]", "x"}} {
		s.row("V2L-048", wrong[0], func(t *spec) { t.refused(t.do(get(listPath, wrong[0], wrong[1]))) })
	}
	s.clause("V2L-071", func(t *spec) {
		six := []string{}
		for _, name := range strings.Split("abcdef", "") {
			six = append(six, "meta."+name+"[eq]", "x")
		}
		t.refusedAs(t.do(get(listPath, "meta.a[not-eq]", "x")), 400, codeBadRequest)
		t.refusedAs(t.do(get(listPath, six...)), 400, codeBadRequest)
	})
}
