package mutants

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// Twin is a server that is right and differs from the mock.
type Twin struct {
	// ID is the twin's name, such as "T02".
	ID string
	// Text is the difference in a sentence.
	Text string
	// Clauses are patterns of the clauses that could mind the difference.
	Clauses []string
	// Options make the mock below the difference.
	Options []mock.Option
	adapt   func(target *conformance.Target)
	own     func(c *call) bool
}

// Twins returns every twin, each in its first state.
func Twins() []Twin { return slices.Concat(twins(), accountTwins(), moreTwins()) }

// Adapt tells a target what is rightly different.
func (t Twin) Adapt(target *conformance.Target) {
	if t.adapt != nil {
		t.adapt(target)
	}
}

// Wrap gives the difference to a handler that serves these accounts.
func (t Twin) Wrap(next http.Handler, accounts ...conformance.Login) http.Handler {
	if t.own == nil {
		return next
	}
	accounts = append(slices.Clone(accounts), conformance.Login{}, conformance.Login{})
	return between(next, accounts[0], accounts[1], func(c *call) {
		if !t.own(c) {
			c.pass()
		}
	})
}

func patterns(text string) []string { return strings.Fields(text) }

// altering answers what the mock answers, changed.
func altering(edit func(c *call, status int, o object) int) func(c *call) bool {
	return func(c *call) bool {
		c.change(func(status int, o object) int { return edit(c, status, o) })
		return true
	}
}

func lacking(features ...conformance.Feature) func(*conformance.Target) {
	return func(target *conformance.Target) {
		for _, f := range features {
			target.Features[f] = conformance.Off
		}
	}
}

func twins() []Twin {
	v2 := "/images/v2"
	return []Twin{
		{ID: "T02", Text: "there are fields nobody knows", own: altering(func(_ *call, status int, o object) int {
			o["result_info"] = nil
			variantsIn(o, func(v object) { v["extra"] = 1 })
			for _, i := range imagesIn(o) {
				i["extra"] = object{"a": 1}
			}
			for _, k := range keysOf(o) {
				k.(object)["extra"] = true
			}
			return status
		})},
		{ID: "T04", Clauses: patterns("ENV-* V1G-* KY* VR* STA-*"), Text: "JSON has a charset", own: func(c *call) bool {
			rec := c.ask()
			if rec.Header().Get("Content-Type") == "application/json" {
				rec.Header().Set("Content-Type", "application/json; charset=utf-8")
			}
			c.give(rec)
			return true
		}},
		{ID: "T05", Text: "new images and edits are visible after a while", own: lagging(5 * time.Millisecond),
			adapt:   func(target *conformance.Target) { target.Window = 3 * time.Second },
			Clauses: patterns("V1L-0* V1G-* V1C-00* V1C-01* V1E-* V1D-* BLB-00* V2L-00* V2L-01* DUU-00* ENV-*")},
		{ID: "T07", Clauses: patterns("ENV-* V1D-* VRD-* KYD-* STM-002"), Text: "deleting answers null", own: altering(func(c *call, status int, o object) int {
			if c.does("DELETE") && status == 200 && keysOf(o) == nil {
				o["result"] = nil
			}
			return status
		})},
		{ID: "T08", Clauses: patterns("V1E-* STM-001 DUC-004"), Text: "an edit keeps the id", Options: []mock.Option{fake.WithStableIDs()}},
		{ID: "T11", Clauses: patterns("ENV-* V1L-* V2L-0*"), Text: "a bad request has another code and text", own: altering(func(c *call, status int, o object) int {
			if status == 400 && strings.Contains(c.r.URL.RawQuery, "per_page") {
				o["errors"] = []any{object{"code": 5499, "message": "so nicht"}}
				return 422
			}
			return status
		})},
		{ID: "T12", Clauses: patterns("V2L-0* V1E-* STM-001"), Text: "the order is ascending by default", own: func(c *call) bool {
			if q := c.query(); c.is("GET", v2) && !q.Has("sort_order") {
				q.Set("sort_order", "asc")
				c.setQuery(q)
			}
			return false
		}},
		{ID: "T13", Clauses: patterns("V2L-* STM-005"), Text: "the last token is absent", own: altering(func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && r["continuation_token"] == nil {
				delete(r, "continuation_token")
			}
			return status
		})},
	}
}

func accountTwins() []Twin {
	v1 := "/images/v1"
	return []Twin{
		{ID: "T15", Clauses: patterns("ENV-* VR*"), Text: "an unknown variant is plain text", adapt: lacking(conformance.FeatureEnvelopes), own: func(c *call) bool {
			rec := c.ask()
			if strings.HasPrefix(c.path, v1+"/variants/") && rec.Code == 404 {
				http.Error(c.w, "not found", http.StatusNotFound)
				return true
			}
			c.give(rec)
			return true
		}},
		{ID: "T16", Clauses: patterns("ENV-* BLB-* DUU-*"), Text: "missing credentials are a bad request", own: func(c *call) bool {
			rec := c.ask()
			if rec.Code == 401 {
				c.refuse(400, 9106)
				return true
			}
			c.give(rec)
			return true
		}},
		{ID: "T17", Text: "other people use the account", own: others(), adapt: func(target *conformance.Target) { target.Profile = conformance.ProfileSafe }},
		{ID: "T19", Clauses: patterns("ENV-* VR*"), Text: "ids of variants may have hyphens", adapt: lacking(conformance.FeaturePlainVariants)},
		{ID: "T20", Text: "the last key cannot be deleted", adapt: lacking(conformance.FeatureLastKey), Options: []mock.Option{fake.WithLastKeyRefused(), fake.WithMaxKeys(2)}, Clauses: patterns("KYL-* KYU-* KYD-*")},
		{ID: "T25", Clauses: patterns("V1G-* V1C-01* V2L-00* DU* VR* KY*"), Text: "every tenth request has to come again", own: impatient(10)},
		{ID: "T28", Text: "the deprecated list is gone", adapt: lacking(conformance.FeatureV1List), own: func(c *call) bool {
			if c.is("GET", v1) {
				c.refuse(410, 7003)
				return true
			}
			return false
		}},
		{ID: "T29", Clauses: patterns("ENV-* V2L-*"), Text: "there are no ranges", adapt: lacking(conformance.FeatureRanges), own: func(c *call) bool {
			for name := range c.query() {
				if strings.Contains(name, "[g") || strings.Contains(name, "[l") {
					c.refuse(400, 5400)
					return true
				}
			}
			return false
		}},
	}
}

// impatient asks every nth request to come again at once.
func impatient(n int) func(c *call) bool {
	var mu sync.Mutex
	count := 0
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if count++; count%n != 0 {
			return false
		}
		c.w.Header().Set("Retry-After", "0")
		c.refuse(http.StatusTooManyRequests, 10100)
		return true
	}
}

// others makes and deletes images and variants beside the run. The account is
// not exclusive then.
func others() func(c *call) bool {
	var mu sync.Mutex
	count := 0
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if count++; count%5 == 0 && c.path != "" && c.r.Header.Get("Authorization") == "Bearer "+c.first.Token {
			c.uploadPNG(field{name: "metadata", body: `{"status":"active","n":5,"k":"a"}`})
			c.uploadPNG(field{name: "creator", body: "someone-" + strconv.Itoa(count)})
		}
		return false
	}
}

// lagging hides images that are new and answers the last state of images that
// were edited or deleted, for a while.
func lagging(lag time.Duration) func(c *call) bool {
	var mu sync.Mutex
	born := map[string]time.Time{}
	stale := map[string]object{}
	until := map[string]time.Time{}
	note := func(o object) {
		if r, ok := o["result"].(object); ok {
			if id, ok := r["id"].(string); ok {
				born[id] = time.Now()
			}
		}
	}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case c.image("PATCH") != "":
			before := c.askOther("GET", c.path, "", nil)
			rec := c.ask()
			after := parse(rec.Body.Bytes())
			if rec.Code == 200 && jsonOf(after["result"].(object)["id"]) == jsonOf(parse(before.Body.Bytes())["result"].(object)["id"]) {
				stale[c.path], until[c.path] = parse(before.Body.Bytes()), time.Now().Add(lag)
			} else if rec.Code == 200 {
				note(after)
			}
			c.give(rec)
			return true
		case c.upload() || c.draft() || c.posting():
			rec := c.ask()
			if rec.Code == 200 && !c.posting() {
				note(parse(rec.Body.Bytes()))
			}
			c.give(rec)
			return true
		case c.image("GET") != "" && time.Now().Before(until[c.path]):
			c.reply(200, jsonOf(stale[c.path]))
			return true
		case c.does("GET"):
			c.change(func(status int, o object) int {
				return hideYoung(c, status, o, func(id string) bool { return time.Since(born[id]) < lag })
			})
			return true
		}
		return false
	}
}

// hideYoung takes images that are new out of an answer.
func hideYoung(c *call, status int, o object, young func(id string) bool) int {
	images := imagesIn(o)
	if len(images) == 1 && c.image("GET") != "" {
		if young(images[0]["id"].(string)) {
			o["success"], o["result"], o["errors"] = false, nil, []any{object{"code": 5404, "message": "not yet"}}
			return 404
		}
		return status
	}
	if status == 200 && (c.is("GET", "/images/v1") || c.is("GET", "/images/v2")) {
		setImages(o, slices.DeleteFunc(append([]object{}, images...), func(i object) bool { return young(i["id"].(string)) }))
	}
	return status
}
