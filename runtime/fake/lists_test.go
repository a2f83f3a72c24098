package fake

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// grammar is a small filter language, independent of the specification.
var grammar = &metafilter.Grammar{
	Prefix: "meta", MaxTerms: 2, MaxLevels: 5, Segment: "_", Separator: "|",
	Operators: []metafilter.Operator{
		{Name: "eq", Match: metafilter.MatchEqual, Types: []metafilter.Type{metafilter.String, metafilter.Number}},
		{Name: "gte", Match: metafilter.MatchGreaterEqual, Types: []metafilter.Type{metafilter.Number}},
	},
}

func filter(t testing.TB, query string) metafilter.Filter {
	t.Helper()
	return ok(grammar.ParseText(query))(t)
}

// stocked returns an account with n images and their ids, oldest first.
func stocked(t testing.TB, n int, opts ...Option) (*Account, []string) {
	a := New(opts...).Account("one")
	var all []string
	for i := range n {
		all = append(all, upload(t, a, i, func(in *api.ImageUpload) {
			in.Metadata = api.Meta{"i": i, "even": fmt.Sprint(i%2 == 0)}
			if i%3 > 0 {
				in.Creator = new([]string{"x", "xy"}[i%3-1])
			}
		}).ID)
	}
	return a, all
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func TestEveryWalkSeesEveryImageOnce(t *testing.T) {
	clock := newClock() // stands still
	for n := range 13 {
		a, all := stocked(t, n, WithClock(clock.Now))
		for k := 1; k <= n+1; k++ {
			for order, want := range map[api.SortOrder][]string{
				"": reversed(all), api.SortOrderDesc: reversed(all), api.SortOrderAsc: all,
			} {
				pages := walk(t, a, api.ListImagesParams{SortOrder: order, PerPage: int64(k)})
				equal(t, "walk", fmt.Sprint(slices.Concat(pages...)), fmt.Sprint(want))
				equal(t, "pages", len(pages), max(1, (n+k-1)/k))
				for _, p := range pages[:len(pages)-1] {
					equal(t, "page size", len(p), k)
				}
			}
			equal(t, "V1 walk", fmt.Sprint(walkV1(t, a, api.ListImagesV1Params{PerPage: int64(k)})), fmt.Sprint(reversed(all)))
		}
	}
}

func walkV1(t *testing.T, a *Account, in api.ListImagesV1Params) []string {
	t.Helper()
	out := []string{}
	for in.Page = 1; ; in.Page++ {
		page := ok(a.ListImagesV1(t.Context(), in))(t)
		if len(page.Images) == 0 {
			return out
		}
		out = append(out, ids(page.Images)...)
	}
}

func TestFiltersAndCreatorsCombine(t *testing.T) {
	a, all := stocked(t, 12)
	pick := func(want func(i int) bool) string {
		var out []string
		for i, id := range slices.Backward(all) {
			if want(i) {
				out = append(out, id)
			}
		}
		return fmt.Sprint(out)
	}
	for name, c := range map[string]struct {
		in   api.ListImagesParams
		want string
	}{
		"creator":    {api.ListImagesParams{Creator: new("x")}, pick(func(i int) bool { return i%3 == 1 })},
		"no creator": {api.ListImagesParams{Creator: new("")}, pick(func(i int) bool { return i%3 == 0 })},
		"unknown":    {api.ListImagesParams{Creator: new("X")}, pick(func(int) bool { return false })},
		"filter": {api.ListImagesParams{Filter: filter(t, "meta.even[eq]=true")},
			pick(func(i int) bool { return i%2 == 0 })},
		"range": {api.ListImagesParams{Filter: filter(t, "meta.i[gte]=10")}, pick(func(i int) bool { return i >= 10 })},
		"all": {api.ListImagesParams{Creator: new("xy"), Filter: filter(t, "meta.even[eq]=true&meta.i[gte]=3")},
			pick(func(i int) bool { return i%3 == 2 && i%2 == 0 && i >= 3 })},
		"absent": {api.ListImagesParams{Filter: filter(t, "meta.none[eq]=x")}, pick(func(int) bool { return false })},
	} {
		for k := range int64(5) {
			c.in.PerPage = k
			got := []string{}
			pages := walk(t, a, c.in)
			got = append(got, slices.Concat(pages...)...)
			equal(t, name, fmt.Sprint(got), c.want)
			if len(got) > 0 && len(pages[len(pages)-1]) == 0 {
				t.Errorf("%s: an empty page ends the walk", name)
			}
		}
	}
	equal(t, "V1", fmt.Sprint(walkV1(t, a, api.ListImagesV1Params{Creator: new("x"), PerPage: 2})),
		pick(func(i int) bool { return i%3 == 1 }))
}

func TestFilterFollowsEdits(t *testing.T) {
	a, all := stocked(t, 2)
	ok(a.EditImage(t.Context(), all[1], api.ImageEdit{Metadata: api.Meta{"even": "true"}, Creator: new("z")}))(t)
	in := api.ListImagesParams{Filter: filter(t, "meta.even[eq]=true")}
	equal(t, "new value", fmt.Sprint(walk(t, a, in)[0]), fmt.Sprint(reversed(all)))
	in.Filter = filter(t, "meta.even[eq]=false")
	equal(t, "old value", len(walk(t, a, in)[0]), 0)
	equal(t, "creator", fmt.Sprint(walk(t, a, api.ListImagesParams{Creator: new("z")})[0]), fmt.Sprint(all[1:]))
}

func TestBadFilterIsRefused(t *testing.T) {
	a, _ := stocked(t, 1)
	term := grammar.Term("eq", "a", metafilter.Value{})
	_, err := a.ListImages(t.Context(), api.ListImagesParams{Filter: grammar.All(term, term, term)})
	fails(t, err, api.ErrBadRequest)
}

func TestListEntryEqualsGet(t *testing.T) {
	a, _ := stocked(t, 3)
	v1 := ok(a.ListImagesV1(t.Context(), api.ListImagesV1Params{}))(t).Images
	for i, img := range ok(a.ListImages(t.Context(), api.ListImagesParams{}))(t).Images {
		show := func(i api.Image) string { i.Creator = nil; return fmt.Sprintf("%+v", i) }
		got := get(t, a, img.ID)
		equal(t, "entry", show(img), show(*got))
		equal(t, "V1 entry", show(v1[i]), show(*got))
	}
}

func TestPagesAreCapped(t *testing.T) {
	a, _ := stocked(t, maxPage+1)
	for asked, want := range map[int64]int{0: 1000, -1: 1000, 1: 1, 999: 999, 1001: 1000, 10000: 1000, math.MaxInt64: 1000} {
		equal(t, "V2 page", len(ok(a.ListImages(t.Context(), api.ListImagesParams{PerPage: asked}))(t).Images), want)
	}
	for asked, want := range map[int64]int{0: 100, -1: 100, 1: 1, 101: 100, 10000: 100} {
		equal(t, "V1 page", len(ok(a.ListImagesV1(t.Context(), api.ListImagesV1Params{PerPage: asked}))(t).Images), want)
	}
	for _, number := range []int64{12, 10_000, math.MaxInt64} {
		equal(t, "past the end", len(ok(a.ListImagesV1(t.Context(), api.ListImagesV1Params{Page: number}))(t).Images), 0)
	}
	first := ok(a.ListImagesV1(t.Context(), api.ListImagesV1Params{Page: math.MinInt64}))(t)
	equal(t, "first page", len(first.Images), 100)
}

func TestWalkSurvivesChanges(t *testing.T) {
	for _, order := range []api.SortOrder{api.SortOrderAsc, api.SortOrderDesc} {
		a, all := stocked(t, 200)
		n, deleted := 0, map[string]bool{}
		pages := walk(t, a, api.ListImagesParams{SortOrder: order, PerPage: 7}, func() {
			n++
			if n < 20 {
				upload(t, a, n)
			}
			// What the walk has seen goes away, and soon the gaps are closed.
			seen := all[:7*n]
			if order == api.SortOrderDesc {
				seen = all[max(0, len(all)-7*n):]
			}
			for _, id := range seen {
				if !deleted[id] {
					deleted[id] = true
					_ = a.DeleteImage(t.Context(), id)
				}
			}
		})
		seen := map[string]int{}
		for _, id := range slices.Concat(pages...) {
			seen[id]++
			equal(t, "times seen", seen[id], 1)
		}
		for _, id := range all {
			equal(t, "times seen", seen[id], 1)
		}
	}
}

func TestListsUnderConcurrentWrites(t *testing.T) {
	a, all := stocked(t, 100)
	together(8, func(i int) {
		if i%2 == 0 {
			for n := range 100 {
				img := upload(t, a, n)
				ok(a.EditImage(t.Context(), img.ID, api.ImageEdit{Creator: new("w")}))(t)
				if err := a.DeleteImage(t.Context(), img.ID); err != nil {
					t.Error(err)
				}
			}
			return
		}
		seen := map[string]int{}
		for _, id := range slices.Concat(walk(t, a, api.ListImagesParams{PerPage: 3, SortOrder: api.SortOrderAsc})...) {
			seen[id]++
		}
		for _, id := range all {
			if seen[id] != 1 {
				t.Errorf("%s was seen %d times", id, seen[id])
			}
		}
	})
}

func TestUploadTimesNeverDecrease(t *testing.T) {
	clock := newClock()
	a := New(WithClock(clock.Now)).Account("one")
	for i, step := range []time.Duration{0, 0, -time.Hour, 1, time.Millisecond, time.Second} {
		clock.Advance(step)
		upload(t, a, i)
	}
	images := ok(a.ListImages(t.Context(), api.ListImagesParams{SortOrder: api.SortOrderAsc}))(t).Images
	for i := range images[1:] {
		if images[i+1].Uploaded.Before(images[i].Uploaded) {
			t.Errorf("%v comes after %v", images[i+1].Uploaded, images[i].Uploaded)
		}
	}
}

func BenchmarkPageOfMillion(b *testing.B) {
	a := New(WithAllowance(math.MaxInt64)).Account("one")
	c := ok(a.world.keep(pixel(1)))(b)
	for i := range 1_000_000 {
		meta := api.StoredMeta(fmt.Sprintf(`{"i":%d,"kind":"k%d"}`, i, i%1000))
		ok(a.insert(b.Context(), store.Record{ID: fmt.Sprint("id", i), Content: c, Meta: meta}))(b)
	}
	for name, in := range map[string]api.ListImagesParams{
		"plain":    {},
		"filtered": {Filter: filter(b, "meta.kind[eq]=k7")},
		"scan":     {Filter: filter(b, "meta.kind[eq]=none")},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ok(a.ListImages(b.Context(), in))(b)
			}
		})
	}
}
