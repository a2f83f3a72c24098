package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onsi/gomega"
)

// shelf is a set of images with metadata, by a name for each.
type shelf map[string]string

// fill uploads an image for every entry and returns their names by id.
func (t *spec) fill(metadata shelf) map[string]string {
	names := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(metadata)) {
		names[t.stored(t.form("metadata", metadata[name])).ID] = name
	}
	return names
}

// finds demands that a filter selects exactly the images of these names.
func (t *spec) finds(names map[string]string, query []string, want ...string) {
	t.eventually(func(t *spec) {
		got := []string{}
		for _, i := range all(t.walked(t.mine(query...)...)) {
			got = append(got, nameOr(names, i.ID))
		}
		t.Expect(got).To(gomega.ConsistOf(want), "what %s should select", strings.Join(query, " "))
	})
}

func nameOr(names map[string]string, id string) string {
	if name, ok := names[id]; ok {
		return name
	}
	return "the foreign image " + id
}

// selects makes a spec that fills a shelf and filters it.
func (s *suite) selects(id, row string, images shelf, query []string, want []string, needs ...need) {
	s.row(id, row, func(t *spec) { t.finds(t.fill(images), query, want...) }, needs...)
}

// is writes a shelf with one member each, whose values name the images.
func is(member string, values ...string) shelf {
	images := shelf{}
	for _, v := range values {
		images[v] = fmt.Sprintf(`{%q:%s}`, member, v)
	}
	return images
}

func filters(s *suite) {
	statuses := is("status", `"active"`, `"inactive"`, `"activex"`, `"act"`, `["x"]`, `{"a":1}`, `null`)
	statuses["none"] = `{"other":"active"}`
	s.selects("V2L-030", "", statuses, []string{"meta.status[eq]", "active"}, []string{`"active"`})
	s.selects("V2L-031", "", statuses, []string{"meta.status[eq:string]", "active"}, []string{`"active"`})
	fives := is("n", `5`, `"5"`, `50`, `15`, `55`)
	s.selects("V2L-032", "", fives, []string{"meta.n[eq:number]", "5"}, []string{`5`})
	s.selects("V2L-033", "", fives, []string{"meta.n[eq:string]", "5"}, []string{`"5"`})
	flags := is("on", `true`, `"true"`, `1`, `false`, `"false"`, `0`, `null`)
	flags["none"] = `{}`
	s.selects("V2L-034", "true", flags, []string{"meta.on[eq:boolean]", "true"}, []string{`true`})
	s.selects("V2L-034", "false", flags, []string{"meta.on[eq:boolean]", "false"}, []string{`false`})
	s.selects("V2L-035", "5.0", is("n", `5`, `50`), []string{"meta.n[eq:number]", "5.0"}, []string{`5`})
	s.selects("V2L-035", "50", is("n", `5e1`, `5`), []string{"meta.n[eq:number]", "50"}, []string{`5e1`})
	s.clause("V2L-036", func(t *spec) {
		found := t.chosen(is("n", `5`, `"5"`, `50`), "meta.n[eq]", "5")
		t.record("untyped eq=5 finds %s of 5, \"5\" and 50", strings.Join(found, " and "))
		t.Expect(found).To(gomega.Or(gomega.ConsistOf(`5`, `"5"`), gomega.ConsistOf(`5`), gomega.ConsistOf(`"5"`)), "what an untyped 5 selects")
	})
	letters := is("l", `"a"`, `"b"`, `"c"`, `"d"`)
	s.selects("V2L-037", "", letters, []string{"meta.l[in]", "a|b|c"}, []string{`"a"`, `"b"`, `"c"`})
	s.selects("V2L-037", "one", letters, []string{"meta.l[in]", "d"}, []string{`"d"`})
	s.selects("V2L-037", "comma", is("l", `"a"`, `"a,b"`, `"b"`), []string{"meta.l[in]", "a,b|zz"}, []string{`"a,b"`})
	s.selects("V2L-038", "", is("l", `"a"`, `"ab"`, `"abc"`, `"b"`), []string{"meta.l[in]", "ab|zz"}, []string{`"ab"`})
	numbers := is("n", `4`, `5`, `"4"`, `45`, `6`)
	s.selects("V2L-039", "", numbers, []string{"meta.n[in:number]", "4|5"}, []string{`4`, `5`})
	s.selects("V2L-040", "", numbers, []string{"meta.n[in:string]", "4|5"}, []string{`"4"`})
	several := shelf{"both": `{"a":"1x","b":"2x"}`, "a": `{"a":"1x","b":"zz"}`, "b": `{"a":"zz","b":"2x"}`, "none": `{}`}
	s.selects("V2L-042", "", several, []string{"meta.a[eq]", "1x", "meta.b[eq]", "2x"}, []string{"both"})
	s.clause("V2L-043", func(t *spec) {
		own := t.stored(t.form("metadata", `{"a":"x"}`))
		t.stored(t.form("metadata", `{"a":"y"}`))
		t.stored(t.form("metadata", `{"a":"x"}`, "creator", t.name+"-other"))
		t.finds(map[string]string{own.ID: "own"}, []string{"meta.a[eq]", "x"}, "own")
	})
	regions := shelf{"eu": `{"region":{"name":"eu-west"}}`, "us": `{"region":{"name":"us"}}`, "flat": `{"name":"eu-west","region":"eu-west"}`}
	s.selects("V2L-044", "", regions, []string{"meta.region.name[eq]", "eu-west"}, []string{"eu"})
	long := strings.Repeat("n", 94) + ".value"
	s.selects("V2L-044", "100 characters", shelf{"long": `{"` + long[:94] + `":{"value":"x"}}`, "less": `{"` + long[:93] + `":{"value":"x"}}`},
		[]string{"meta." + long + "[eq]", "x"}, []string{"long"})
	s.selects("V2L-045", "", shelf{"dot": `{"region.name":"x"}`, "nested": `{"region":{"name":"x"}}`},
		[]string{"meta.region.name[eq]", "x"}, []string{"nested"})
	s.selects("V2L-050", "", is("k", `1`, `"x"`), []string{"meta.nobody[eq]", "x"}, []string{})
	s.selects("V2L-050", "number", is("k", `0`), []string{"meta.nobody[eq:number]", "0"}, []string{})
	s.selects("V2L-052", "", is("v", `"größe 日本"`, `"grosse"`), []string{"meta.v[eq]", "größe 日本"}, []string{`"größe 日本"`})
	s.selects("V2L-052", "reserved", is("v", `"a&b=c+d %41"`, `"a"`), []string{"meta.v[eq]", "a&b=c+d %41"}, []string{`"a&b=c+d %41"`})
	s.selects("V2L-053", "", is("v", `"a"`, `"b"`), []string{"meta.v[eq]", "a", "meta.v[eq:string]", "b"}, []string{})
	s.selects("V2L-053", "same", is("v", `"a"`, `"b"`), []string{"meta.v[eq]", "b", "meta.v[in]", "a|c"}, []string{})
	s.selects("V2L-054", "", is("v", `"Active"`, `"active"`, `"ACTIVE"`), []string{"meta.v[eq]", "active"}, []string{`"active"`})
	s.clause("V2L-055", func(t *spec) {
		images := shelf{"4 and 5": `{"r":[4,5]}`, "6": `{"r":[6]}`}
		eq, in := t.chosen(images, "meta.r[eq:number]", "4"), t.chosen(images, "meta.r[in:number]", "4|7")
		t.record("eq finds %d and in finds %d of the arrays that hold the number", len(eq), len(in))
		t.Expect(append(eq, in...)).NotTo(gomega.ContainElement("6"), "what a filter on an array selects")
	})
	s.clause("V2L-056", func(t *spec) { t.filterFollowsEdit(`1`, `2`, "meta.colour[eq:number]", "1", "2") })
	filterLimits(s)
	filterWire(s)
	ranges(s)
	exactly(s)
}

// chosen fills a shelf and returns the names a filter selects.
func (t *spec) chosen(images shelf, query ...string) []string {
	own := *t
	own.name = t.fresh()
	names := own.fill(images)
	var found []string
	own.eventually(func(t *spec) {
		t.Expect(t.listed(listPath, t.mine()...).Images).To(gomega.HaveLen(len(images)), "all images should be listed")
		found = []string{}
		for _, i := range t.listed(listPath, t.mine(query...)...).Images {
			found = append(found, nameOr(names, i.ID))
		}
	})
	slices.Sort(found)
	return found
}

// filterFollowsEdit changes a value and looks for both.
func (t *spec) filterFollowsEdit(before, after, filter, beforeText, afterText string) {
	made := t.stored(t.form("metadata", `{"colour":`+before+`}`))
	names := map[string]string{made.ID: "image"}
	t.finds(names, []string{filter, beforeText}, "image")
	t.edited(made.ID, `{"metadata":{"colour":`+after+`}}`)
	t.finds(names, []string{filter, afterText}, "image")
	t.finds(names, []string{filter, beforeText})
}

func filterLimits(s *suite) {
	ten := make([]string, 10)
	images := shelf{"other": `{"v":"x"}`}
	for i := range ten {
		ten[i] = fmt.Sprintf("v%d", i)
		images[ten[i]] = fmt.Sprintf(`{"v":"v%d"}`, i)
	}
	s.selects("V2L-041", "10", images, []string{"meta.v[in]", strings.Join(ten, "|")}, ten)
	s.row("V2L-041", "11", func(t *spec) {
		t.refused(t.do(get(listPath, t.mine("meta.v[in]", strings.Join(append(ten, "x"), "|"))...)))
	})
	deep := shelf{"deep": `{"first":{"second":{"third":{"fourth":{"fifth":"x"}}}}}`, "less": `{"first":{"second":{"third":{"fourth":"x"}}}}`}
	s.selects("V2L-046", "five", deep, []string{"meta.first.second.third.fourth.fifth[eq]", "x"}, []string{"deep"})
	s.row("V2L-046", "six", func(t *spec) {
		t.refused(t.do(get(listPath, t.mine("meta.a.b.c.d.e.f[eq]", "x")...)))
	})
	five := shelf{"all": `{"a":"1x","b":"2x","c":"3x","d":"4x","e":"5x"}`}
	var query []string
	for i, k := range []string{"a", "b", "c", "d", "e"} {
		query = append(query, "meta."+k+"[eq]", fmt.Sprintf("%dx", i+1))
		five["not "+k] = strings.Replace(five["all"], fmt.Sprintf("%dx", i+1), "no", 1)
	}
	s.selects("V2L-047", "five", five, query, []string{"all"})
	s.row("V2L-047", "six", func(t *spec) {
		t.refused(t.do(get(listPath, t.mine(append(query, "meta.f[eq]", "6x")...)...)))
	})
	for _, wrong := range [][2]string{{"meta.a[like]", "x"}, {"meta.a[not-eq]", "x"}, {"meta.a[in:boolean]", "true|false"}, {"meta.a[eq:date]", "x"}} {
		s.row("V2L-048", wrong[0], func(t *spec) { t.refused(t.do(get(listPath, wrong[0], wrong[1]))) })
	}
	for _, wrong := range [][2]string{{"meta.a[eq:number]", "abc"}, {"meta.a[eq:boolean]", "maybe"}, {"meta.a[in:number]", "4|x"}} {
		s.row("V2L-049", wrong[0], func(t *spec) { t.refused(t.do(get(listPath, wrong[0], wrong[1]))) })
	}
}

func filterWire(s *suite) {
	s.row("V2L-019", "creator", func(t *spec) {
		names := map[string]string{t.stored(t.form()).ID: "1"}
		t.wait()
		t.stored(t.form("creator", t.name+"-other"))
		t.wait()
		names[t.stored(t.form()).ID] = "2"
		t.finds(names, []string{"per_page", "1"}, "1", "2")
	})
	s.row("V2L-019", "metadata", func(t *spec) {
		names := t.fill(shelf{"1": `{"k":"a"}`, "2": `{"k":"b"}`, "3": `{"k":"a"}`, "4": `{"k":"b"}`, "5": `{"k":"a"}`})
		t.finds(names, []string{"meta.k[eq]", "a", "per_page", "1"}, "1", "3", "5")
	})
	s.clause("V2L-051", func(t *spec) {
		names := t.fill(is("status", `"active"`, `"inactive"`))
		for _, filter := range []string{"meta.status%5Beq%5D=active", "meta.status[eq]=active", "meta.status%5beq%5d=active", "meta%2Estatus%5Beq%3Astring%5D=active"} {
			t.eventually(func(t *spec) {
				q := get(listPath, t.mine()...)
				q.query += "&" + filter
				var got []string
				for _, i := range t.pageOf(t.do(q)).Images {
					got = append(got, nameOr(names, i.ID))
				}
				t.Expect(got).To(gomega.ConsistOf(`"active"`), "what %s selects", filter)
			})
		}
	})
}

func ranges(s *suite) {
	has := feature(FeatureRanges)
	numbers := is("n", `1`, `2`, `3`, `4`, `5`, `10`, `"4"`, `"2"`)
	for _, c := range []struct {
		op   string
		want []string
	}{
		{"gt", []string{`4`, `5`, `10`}},
		{"gte", []string{`3`, `4`, `5`, `10`}},
		{"lt", []string{`1`, `2`}},
		{"lte", []string{`1`, `2`, `3`}},
	} {
		s.selects("V2L-060", c.op, numbers, []string{"meta.n[" + c.op + "]", "3"}, c.want, has)
	}
	s.selects("V2L-061", "", is("n", `1`, `2`, `3`, `4`, `5`, `"3"`, `30`, `2.5`),
		[]string{"meta.n[gte:number]", "2", "meta.n[lte:number]", "4"}, []string{`2`, `2.5`, `3`, `4`}, has)
	s.selects("V2L-061", "by value", is("n", `9`, `10`, `100`), []string{"meta.n[gt:number]", "9", "meta.n[lt:number]", "99.5"}, []string{`10`}, has)
	for _, op := range []string{"gt", "gte", "lt", "lte"} {
		s.row("V2L-062", op, func(t *spec) { t.refused(t.do(get(listPath, "meta.a["+op+"]", "abc"))) }, has)
	}
}
