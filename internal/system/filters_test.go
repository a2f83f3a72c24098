package system

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/double"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// item is an image of the tests below; meta is its metadata as JSON.
type item struct{ id, creator, meta string }

// stored starts a mock that has the images, in that order.
func stored(t *testing.T, items []item) (*mock.Mock, *client.Client) {
	t.Helper()
	m := mock.Start(t)
	c := m.Client()
	for _, it := range items {
		var meta api.Meta
		if err := json.Unmarshal([]byte(it.meta), &meta); err != nil {
			t.Fatal(err)
		}
		in := api.ImageUpload{File: api.Bytes("x.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), ID: it.id, Metadata: meta}
		if it.creator != "" {
			in.Creator = &it.creator
		}
		if _, err := c.UploadImage(t.Context(), in); err != nil {
			t.Fatalf("%s: %v", it.meta, err)
		}
	}
	return m, c
}

// selected returns the ids of all pages.
func selected(t *testing.T, c *client.Client, in api.ListImagesParams) []string {
	t.Helper()
	ids := []string{}
	for img, err := range c.AllImages(t.Context(), in) {
		if err != nil {
			t.Fatalf("%s: %v", in.Filter, err)
		}
		ids = append(ids, img.ID)
	}
	return ids
}

var documentedItems = []item{
	{"i1", "user123", `{"status":"active","priority":1,"enabled":true,"region":{"name":"eu-west"},"ratings":4}`},
	{"i2", "user9", `{"status":"active","priority":5,"enabled":false,"region":{"name":"us-east"},"ratings":5}`},
	{"i3", "user123", `{"status":"pending","priority":6,"enabled":true,"region":{"name":"eu-west"},"ratings":[1,5]}`},
	{"i4", "", `{"status":"deleted","priority":0,"enabled":"true","region":"eu-west","ratings":"4"}`},
	{"i5", "user123", `{"status":"flagged","priority":"3","region":{"name":["eu-west"]},"ratings":3}`},
	{"i6", "user9", `{"status":null,"first":{"second":{"third":{"fourth":{"fifth":"deep"}}}}}`},
	{"i7", "user123", `{"status":"active","priority":3.5,"region":{"name":"EU-WEST"}}`},
	{"i8", "", `{}`},
}

// TestDocumentedFilters runs the examples of the API's documentation, typed and
// untyped, with and without a creator, in both orders, and with pages of
// several sizes.
func TestDocumentedFilters(t *testing.T) {
	t.Parallel()
	m, c := stored(t, documentedItems)
	for _, e := range []struct {
		text string // as the documentation has it
		made filter.Filter
		want string
	}{
		{"meta.status[eq:string]=active", filter.All(filter.Eq("status", "active")), "i1 i2 i7"},
		{"meta.status[eq]=active", filter.All(filter.EqText("status", "active")), "i1 i2 i7"},
		{"meta.status[in]=pending|deleted|flagged", filter.All(filter.InText("status", "pending", "deleted", "flagged")), "i3 i4 i5"},
		{"meta.status[in:string]=pending|deleted|flagged", filter.All(filter.In("status", "pending", "deleted", "flagged")), "i3 i4 i5"},
		{"meta.ratings[in:number]=4|5", filter.All(filter.In("ratings", 4, 5)), "i1 i2 i3"},
		{"meta.ratings[in]=4|5", filter.All(filter.InText("ratings", "4", "5")), "i1 i2 i3 i4"},
		{"meta.priority[gte:number]=1", filter.All(filter.Gte("priority", 1)), "i1 i2 i3 i7"},
		{"meta.priority[gte]=1", filter.Filter{}, "i1 i2 i3 i7"},
		{
			"meta.priority[gte:number]=1&meta.priority[lte:number]=5",
			filter.All(filter.Gte("priority", 1), filter.Lte("priority", 5)), "i1 i2 i7",
		},
		{"meta.priority[gt]=1&meta.priority[lt]=6", filter.Filter{}, "i2 i7"},
		{"meta.priority[gt:number]=1&meta.priority[lt:number]=6", filter.All(filter.Gt("priority", 1), filter.Lt("priority", 6)), "i2 i7"},
		{"meta.region.name[eq]=eu-west", filter.All(filter.EqText("region.name", "eu-west")), "i1 i3 i5"},
		{"meta.region.name[eq:string]=eu-west", filter.All(filter.Eq("region.name", "eu-west")), "i1 i3 i5"},
		{"meta.enabled[eq:boolean]=true", filter.All(filter.Eq("enabled", true)), "i1 i3"},
		{"meta.enabled[eq]=true", filter.All(filter.EqText("enabled", "true")), "i1 i3 i4"},
		{"meta.first.second.third.fourth.fifth[eq]=deep", filter.All(filter.EqText("first.second.third.fourth.fifth", "deep")), "i6"},
		{"meta.priority[gt:number]=5&meta.priority[lt:number]=1", filter.All(filter.Gt("priority", 5), filter.Lt("priority", 1)), ""},
		{"", filter.All(), "i1 i2 i3 i4 i5 i6 i7 i8"},
	} {
		parsed, err := filter.Parse(e.text)
		if err != nil {
			t.Fatal(err)
		}
		if e.made.Len() > 0 && (!reflect.DeepEqual(parsed.Terms(), e.made.Terms()) || e.made.String() != e.text) {
			t.Errorf("%s is made as %s", e.text, e.made)
		}
		for _, creator := range []*string{nil, new("user123"), new("user9"), new("")} {
			want := []string{}
			for _, it := range documentedItems {
				if slices.Contains(strings.Fields(e.want), it.id) && (creator == nil || it.creator == *creator) {
					want = append(want, it.id)
				}
			}
			for _, order := range []api.SortOrder{api.SortOrderAsc, api.SortOrderDesc, ""} {
				if order == api.SortOrderDesc {
					slices.Reverse(want)
				}
				for _, size := range []int64{1, 2, 0} {
					before := len(m.Calls(api.OpListImages))
					got := selected(t, c, api.ListImagesParams{Filter: parsed, Creator: creator, SortOrder: order, PerPage: size})
					if !slices.Equal(got, want) {
						t.Errorf("%s, creator %v, order %q, pages of %d: %v, want %v", e.text, creator, order, size, got, want)
					}
					if pages := len(m.Calls(api.OpListImages)) - before; size == 1 && pages < len(want) {
						t.Errorf("%s: %d pages of one for %d images", e.text, pages, len(want))
					}
				}
			}
		}
		raw(t, m, e.text, strings.Fields(e.want))
	}
}

// list sends a query as it is and returns the answer.
func list(t *testing.T, m *mock.Mock, query string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL()+"/accounts/"+double.Bind+"/images/v2?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// raw sends a documented query without a client: as it is printed, escaped as
// net/url does, and with every character escaped.
func raw(t *testing.T, m *mock.Mock, text string, want []string) {
	t.Helper()
	form, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, c := range []byte(text) {
		if c == '&' || c == '=' {
			all.WriteByte(c)
		} else {
			all.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
		}
	}
	for _, query := range []string{text, form.Encode(), all.String()} {
		status, body := list(t, m, query+"&sort_order=asc")
		var answer struct {
			Result struct{ Images []struct{ ID string } }
		}
		err := json.Unmarshal([]byte(body), &answer)
		got := []string{}
		for _, img := range answer.Result.Images {
			got = append(got, img.ID)
		}
		if err != nil || status != http.StatusOK || !slices.Equal(got, want) {
			t.Errorf("%s answers %d %v, want %v (%v)", query, status, got, want, err)
		}
	}
}

// TestNumbers compares numbers as decimals, however they are spelt and however
// large they are.
func TestNumbers(t *testing.T) {
	t.Parallel()
	_, c := stored(t, []item{
		{"five", "", `{"n":5}`}, {"five.0", "", `{"n":5.0}`}, {"five-e0", "", `{"n":5e0}`}, {"five-e-1", "", `{"n":50E-1}`}, {"text", "", `{"n":"5"}`},
		{"zero", "", `{"n":0}`}, {"-zero", "", `{"n":-0}`}, {"-zero.0", "", `{"n":-0.0e7}`},
		{"2^53", "", `{"n":9007199254740992}`}, {"2^53+1", "", `{"n":9007199254740993}`}, {"2^53+2", "", `{"n":9007199254740994}`},
		{"max", "", `{"n":18446744073709551615}`},
		{"tenth", "", `{"n":0.1}`}, {"tenth-e", "", `{"n":1e-1}`}, {"near", "", `{"n":0.1000000000000000055511151231257827}`},
	})
	for _, e := range []struct{ want, text string }{
		{"five five-e-1 five-e0 five.0", filter.Eq("n", 5).String()},
		{"five five-e-1 five-e0 five.0", filter.Eq("n", 5.0).String()},
		{"five five-e-1 five-e0 five.0", filter.In("n", uint8(5), 77).String()},
		{"five five-e-1 five-e0 five.0", "meta.n[eq:number]=5e0"},
		{"five five-e-1 five-e0 five.0", "meta.n[eq:number]=0.5E%2B1"},
		{"five five-e-1 five-e0 five.0 text", "meta.n[eq]=5"},
		{"five five-e-1 five-e0 five.0", "meta.n[eq]=5.0"},
		{"text", filter.Eq("n", "5").String()},
		{"-zero -zero.0 zero", filter.Eq("n", 0).String()},
		{"-zero -zero.0 zero", filter.Eq("n", negativeZero()).String()},
		{"-zero -zero.0 zero", "meta.n[eq:number]=-0"},
		{"-zero -zero.0 zero", filter.Lte("n", 0).String()},
		{"", filter.Lt("n", negativeZero()).String()},
		{"2^53", filter.Eq("n", 9007199254740992).String()},
		{"2^53+1", filter.Eq("n", 9007199254740993).String()},
		{"2^53+1 2^53+2 max", filter.Gt("n", 9007199254740992).String()},
		{"2^53 2^53+1", filter.All(filter.Gt("n", 5), filter.Lt("n", 9007199254740994)).String()},
		{"max", filter.Eq("n", uint64(18446744073709551615)).String()},
		{"", filter.Gt("n", uint64(18446744073709551615)).String()},
		{"tenth tenth-e", filter.Eq("n", 0.1).String()},
		{"tenth tenth-e", filter.Eq("n", float32(0.1)).String()},
		{"near", filter.All(filter.Gt("n", 0.1), filter.Lt("n", 0.2)).String()},
		{"near", "meta.n[eq:number]=0.1000000000000000055511151231257827"},
	} {
		f, err := filter.Parse(e.text)
		if err != nil {
			t.Fatal(err)
		}
		got := selected(t, c, api.ListImagesParams{Filter: f})
		slices.Sort(got)
		if strings.Join(got, " ") != e.want {
			t.Errorf("%s selects %v, want %s", e.text, got, e.want)
		}
	}
}

func negativeZero() float64 {
	zero := 0.0
	return -zero
}

// hostile are texts that mean something to whoever decodes a query.
var hostile = []string{
	"a&b", "a#b", "100%", "%41", "%", "%zz", "a=b", "a[b", "a]b", "meta.x[eq]=1", "&per_page=1", "&meta.decoy[eq]=1#", "]=1&creator=mallory",
	"\x00", "a\x00b", "😀", "𝄞", "a+b", " ", "a b", ";", "a;b", "\r\n", "é", "\u2028", `"`, `\`, "'", "<field>", "/../", "?", "..", ":", "a:string",
}

// TestNothingIsInjected: values and creators arrive as they were given, as one
// parameter; names with the same characters are refused before anything is sent.
func TestNothingIsInjected(t *testing.T) {
	t.Parallel()
	items := []item{{"decoy", "mallory", `{"x":"1","decoy":"1","v":"decoy"}`}}
	for i, text := range hostile {
		meta, err := json.Marshal(map[string]string{"v": text})
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item{"item-" + string(rune('a'+i/10)) + string(rune('0'+i%10)), text, string(meta)})
	}
	m, c := stored(t, items)
	for i, text := range hostile {
		want := []string{items[i+1].id}
		for _, term := range []filter.Term{
			filter.Eq("v", text), filter.EqText("v", text), filter.In("v", text, "no"), filter.InText("v", "no", text),
		} {
			in := api.ListImagesParams{Filter: filter.All(term), Creator: &text}
			if got := selected(t, c, in); !slices.Equal(got, want) {
				t.Errorf("%s with creator %q selects %v, want %v", term, text, got, want)
			}
			calls := m.Calls(api.OpListImages)
			sent := calls[len(calls)-1].Args[0].(api.ListImagesParams)
			if !reflect.DeepEqual(sent.Filter.Terms(), in.Filter.Terms()) || sent.Creator == nil || *sent.Creator != text || sent.PerPage != 0 {
				t.Errorf("%s with creator %q arrives as %s, %+v", term, text, sent.Filter, sent)
			}
		}
		// A name is a path: some of the texts are refused, all others are harmless.
		before := len(m.Calls(api.OpListImages))
		f := filter.All(filter.Eq(text, "1"))
		_, err := c.ListImages(t.Context(), api.ListImagesParams{Filter: f})
		if err == nil || f.Err() == nil {
			t.Fatalf("the name %q is sent as %s", text, f)
		}
		if why, ok := errors.AsType[*metafilter.Error](f.Err()); !ok || !strings.Contains(err.Error(), why.Msg) {
			t.Errorf("the name %q fails with %v, want %v", text, err, f.Err())
		}
		if after := len(m.Calls(api.OpListImages)); after != before {
			t.Errorf("the name %q reaches the server", text)
		}
		// Whoever sends it without a client is refused, too.
		status, body := list(t, m, "meta."+url.QueryEscape(text)+url.QueryEscape("[eq]")+"=1")
		if status != http.StatusBadRequest || !strings.Contains(body, "5400") {
			t.Errorf("the name %q answers %d %s", text, status, body)
		}
	}
}

// TestRefusedBeforeSending: what cannot be said is an error that names the term
// and the limit, and reaches no server.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	m, c := stored(t, nil)
	six := filter.Eq("a", 1)
	for _, e := range []struct {
		f    filter.Filter
		want string
	}{
		{filter.All(six, six, six, six, six, six), "6 provided, maximum 5"},
		{filter.All(filter.Eq("a.b.c.d.e.f", 1)), "6 levels, maximum 5"},
		{filter.All(filter.In("a", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), "11 list elements, maximum 10"},
		{filter.All(filter.Eq(strings.Repeat("a", 101), 1)), "101 characters, maximum 100"},
		{filter.All(filter.In("a", "x|y")), "list separator"},
		{filter.All(filter.In[string]("a")), "no value"},
		{filter.All(filter.Eq("a", "\xff")), "not valid UTF-8"},
		{filter.All(filter.Eq("", 1)), "empty field name"},
	} {
		_, err := c.ListImages(t.Context(), api.ListImagesParams{Filter: e.f})
		if err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%v, want %q", err, e.want)
		}
	}
	if calls := m.Calls(api.OpListImages); len(calls) != 0 {
		t.Errorf("%d requests were sent", len(calls))
	}
	// The same from a server: the documented messages as they are, and a hint for those who sent the placeholder.
	for query, want := range map[string]string{
		"meta.status[not-eq]=x":                "Unsupported metadata filter operator: 'not-eq'",
		strings.Repeat("meta.a[eq]=1&", 6):     "Too many metadata filters: 6 provided, maximum 5 allowed",
		"meta.%3Cfield%3E[%3Coperator%3E]=x":   "placeholder",
		"meta.a.b.c.d.e.f[eq]=1":               "6 levels, maximum 5",
		"meta.a[eq:boolean]=yes":               "neither true nor false",
		"meta.a[in:boolean]=true":              "takes string or number, not boolean",
		"meta.a[gt:string]=5":                  "takes number, not string",
		"meta.a[eq]=1&meta.a=2":                "meta.a",
		"creator=user123&meta.a[eq:number]=5x": "not a number",
	} {
		status, body := list(t, m, query)
		var answer struct {
			Errors []struct {
				Code    int
				Message string
			}
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusBadRequest || len(answer.Errors) != 1 ||
			answer.Errors[0].Code != 5400 || !strings.Contains(answer.Errors[0].Message, want) {
			t.Errorf("%s answers %d %s, want %q", query, status, body, want)
		}
	}
}
