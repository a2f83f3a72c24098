package conformance

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// touches returns the goals that an exchange touches.
func touches(e *exchange) []string {
	r := &run{target: Target{BaseURL: defaultBase, Operations: defaultOperations()}}
	w := &watch{reader: r.reader(), hits: map[string]int{}, now: time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)}
	w.exchange(e, true)
	return slices.Sorted(maps.Keys(w.hits))
}

func sentJSON(method, path, body string, status int) *exchange {
	return &exchange{
		method: method, url: defaultBase + "/accounts/a" + path, header: http.Header{"Content-Type": {"application/json"}},
		sent: []byte(body), sentLength: int64(len(body)), status: status, answer: http.Header{},
	}
}

func TestTouches(t *testing.T) {
	form := newForm("expiry", "2026-01-02T03:03:00Z", "metadata", metadataOf(1024)).encode()
	answered := func(e *exchange, body string) *exchange { e.body = []byte(body); return e }
	for _, c := range []struct {
		name string
		e    *exchange
		want []string
		not  []string
	}{
		{
			"query", sentJSON("GET", "/images/v2?per_page=1&meta.a.b[in:number]=1%7C2&sort_order=asc", "", 200),
			[]string{
				"operation listImages 2xx", "parameter listImages per_page present", "parameter listImages creator absent",
				"parameter listImages filter present", "value listImages filter = in:number", "value listImages sort_order = asc",
				"limit listImages per_page = 1", "status api 200",
			},
			[]string{"limit listImages per_page = 0", "operation listImages 4xx", "value listImages sort_order = desc"},
		},
		{
			"limits of a filter", sentJSON("GET", "/images/v2?meta.a.b.c.d.e%5Bin%5D=1|2|3|4|5|6|7|8|9|0|1", "", 400),
			[]string{"limit listImages filter of 5 levels", "limit listImages filter of 11 elements", "operation listImages 4xx"},
			[]string{"limit listImages filter of 10 elements"},
		},
		{
			"variant", sentJSON("POST", "/images/v1/variants", `{"id":"v","options":{"fit":"pad","width":0},"neverRequireSignedURLs":true}`, 400),
			[]string{
				"value createVariant options.fit = pad", "limit createVariant options.width = 0", "parameter createVariant options.height absent",
				"value createVariant neverRequireSignedURLs = true", "parameter createVariant body present",
			},
			[]string{"parameter createVariant options.fit absent"},
		},
		{
			"form", &exchange{
				method: "POST", url: defaultBase + "/accounts/a/images/v2/direct_upload", header: http.Header{"Content-Type": {formType}},
				sent: form, sentLength: int64(len(form)), status: 200, answer: http.Header{},
			},
			[]string{
				"limit createDirectUpload expiry at least 2m0s ahead", "limit createDirectUpload metadata of 1024 bytes",
				"parameter createDirectUpload id absent",
			},
			[]string{"limit createDirectUpload expiry less than 2m0s ahead"},
		},
		{
			"refusal", answered(sentJSON("GET", "/images/v1/nobody", "", 404), `{"errors":[{"code":5404,"message":"x"}]}`),
			[]string{"error getImage 5404", "error api 5404", "status api 404", "operation getImage 4xx"}, nil,
		},
		{
			"more words first", sentJSON("GET", "/images/v1/keys", "", 200),
			[]string{"operation listSigningKeys 2xx"}, []string{"operation getImage 2xx"},
		},
		{
			"escaped", sentJSON("GET", "/images/v1/"+strings.Repeat("%C3%A9", 1024)+"/blob", "", 404),
			[]string{"limit getImageBlob image_id of 1024 characters"}, nil,
		},
		{"no answer", sentJSON("GET", "/images/v2", "", 0), nil, []string{"operation listImages 2xx", "parameter listImages filter absent"}},
		{"no operation", sentJSON("GET", "/images/v9", "", 404), []string{"status api 404"}, []string{"operation getImage 4xx"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := touches(c.e)
			for _, id := range c.want {
				if !slices.Contains(got, id) {
					t.Errorf("%q is not touched, only %q", id, got)
				}
			}
			for _, id := range c.not {
				if slices.Contains(got, id) {
					t.Errorf("%q is touched", id)
				}
			}
		})
	}
}

// TestGoalsFollowTheTable checks that a parameter which is added to an
// operation is a gap.
func TestGoalsFollowTheTable(t *testing.T) {
	added := contract.Param{Name: "colour", Schema: &contract.Schema{Type: contract.TypeString, Enum: []string{"red"}, MaxLength: 3}}
	op := *defaultOperations()[0]
	op.QueryParams = append(slices.Clone(op.QueryParams), added)
	var ids []string
	for _, g := range goals(surface{operations: []*contract.Operation{&op}}).Gaps() {
		ids = append(ids, g.ID())
	}
	for _, want := range []string{"colour present", "colour absent", "colour = red", "colour of 3 characters", "colour of 4 characters"} {
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.HasSuffix(id, " listImages "+want) }) {
			t.Errorf("%q is no gap", want)
		}
	}
}

func TestGoalsAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range Goals() {
		if seen[g.ID()] {
			t.Errorf("%s is there twice", g.ID())
		}
		seen[g.ID()] = true
	}
	if len(seen) < 350 {
		t.Errorf("there are %d goals only", len(seen))
	}
}

func TestParseExemptions(t *testing.T) {
	if list, err := parseExemptions([]byte("- goals: [a*]\n  reason: why.\n")); err != nil || len(list) != 1 {
		t.Errorf("parseExemptions returned %v and %v", list, err)
	}
	for name, text := range map[string]string{
		"no reason": "- goals: [a]\n", "no goals": "- reason: why.\n", "unknown field": "- goals: [a]\n  reason: why.\n  until: never\n", "no list": "a: b\n",
	} {
		if _, err := parseExemptions([]byte(text)); err == nil {
			t.Errorf("%s: there should be an error", name)
		}
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "abc", true},
		{"*c", "abc", true},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxyyc", false},
		{"a*", "ba", false},
		{"*", "", true},
	} {
		if like(c.pattern, c.text) != c.want {
			t.Errorf("like(%q, %q) is not %t", c.pattern, c.text, c.want)
		}
	}
}

func FuzzTouches(f *testing.F) {
	f.Add("GET", "/images/v2?meta.a[eq]=1&per_page=0", "application/json", "")
	f.Add("POST", "/images/v1", formType, string(newForm("id", "x").image(pngSample(1)).encode()))
	f.Add("PATCH", "/images/v1/variants/a", "application/json", `{"options":{"width":1e400,"fit":["pad"]}}`)
	known := map[string]bool{}
	for _, g := range Goals() {
		known[g.ID()] = true
	}
	f.Fuzz(func(t *testing.T, method, path, contentType, body string) {
		e := sentJSON(method, path, body, 200)
		e.header.Set("Content-Type", contentType)
		e.body = []byte(body)
		for _, id := range touches(e) {
			if !known[id] && !strings.HasPrefix(id, "status ") && !strings.HasPrefix(id, "error ") && !strings.HasPrefix(id, "value listImages filter") {
				t.Errorf("%q is no goal", id)
			}
		}
	})
}
