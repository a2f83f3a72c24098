package conformance_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// twin is a server that is right and differs from the mock.
type twin struct {
	id, differs string
	options     []mock.Option
	between     func(c *call) bool
	adapt       func(target *conformance.Target)
	clauses     string
}

// TestTwins checks that nothing is held against a server that is right.
func TestTwins(t *testing.T) {
	for _, twin := range twins() {
		t.Run(twin.id, func(t *testing.T) {
			c := &clock{}
			m := mock.New(append(options(c), twin.options...)...)
			target := everything(c)
			target.Name = twin.id + ", where " + twin.differs
			target.Heavy = false
			target.Handler = m.Handler(guarded())
			if twin.between != nil {
				wrap := answering(twin.id, twin.differs, "", twin.between)
				target.Handler = wrap.over(target.Handler)
			}
			if twin.adapt != nil {
				twin.adapt(&target)
			}
			if twin.clauses == "" {
				twin.clauses = "*"
			}
			conformance.Run(t, target, conformance.WithClauses(strings.Fields(twin.clauses)...))
		})
	}
}

// altering answers what the mock answers, changed.
func altering(edit func(c *call, status int, o object) int) func(c *call) bool {
	return func(c *call) bool {
		c.change(func(status int, o object) int { return edit(c, status, o) })
		return true
	}
}

func lacking(features ...conformance.Feature) func(*conformance.Target) {
	return func(target *conformance.Target) { target.Lacks = features }
}

func twins() []twin {
	v1, v2 := "/images/v1", "/images/v2"
	return []twin{
		{id: "T02", differs: "there are fields nobody knows", between: altering(func(_ *call, status int, o object) int {
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
		{id: "T04", clauses: "ENV-* V1G-* KY* VR* STA-*", differs: "JSON has a charset", between: func(c *call) bool {
			rec := c.ask()
			if rec.Header().Get("Content-Type") == "application/json" {
				rec.Header().Set("Content-Type", "application/json; charset=utf-8")
			}
			c.answer(rec)
			return true
		}},
		{id: "T05", differs: "new images and edits are visible after a while", between: lagging(15 * time.Millisecond),
			adapt:   func(target *conformance.Target) { target.Window = 3 * time.Second },
			clauses: "V1L-0* V1G-* V1C-00* V1C-01* V1E-* V1D-* BLB-00* V2L-00* V2L-01* DUU-00* ENV-*"},
		{id: "T07", clauses: "ENV-* V1D-* VRD-* KYD-* STM-002", differs: "deleting answers null", between: altering(func(c *call, status int, o object) int {
			if c.r.Method == "DELETE" && status == 200 && keysOf(o) == nil {
				o["result"] = nil
			}
			return status
		})},
		{id: "T08", clauses: "V1E-* STM-001 DUC-004", differs: "an edit keeps the id", options: []mock.Option{fake.WithStableIDs()}},
		{id: "T11", clauses: "ENV-* V1L-* V2L-0*", differs: "a bad request has another code and text", between: altering(func(c *call, status int, o object) int {
			if status == 400 && strings.Contains(c.r.URL.RawQuery, "per_page") {
				o["errors"] = []any{object{"code": 5499, "message": "so nicht"}}
				return 422
			}
			return status
		})},
		{id: "T12", clauses: "V2L-0* V1E-* STM-001", differs: "the order is ascending by default", between: func(c *call) bool {
			if q := c.query(); c.is("GET", v2) && !q.Has("sort_order") {
				q.Set("sort_order", "asc")
				c.setQuery(q)
			}
			return false
		}},
		{id: "T13", clauses: "V2L-* STM-005", differs: "the last token is absent", between: altering(func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && r["continuation_token"] == nil {
				delete(r, "continuation_token")
			}
			return status
		})},
		{id: "T15", clauses: "ENV-* VR*", differs: "an unknown variant is plain text", adapt: lacking(conformance.FeatureEnvelopes), between: func(c *call) bool {
			rec := c.ask()
			if strings.HasPrefix(c.path, v1+"/variants/") && rec.Code == 404 {
				http.Error(c.w, "not found", http.StatusNotFound)
				return true
			}
			c.answer(rec)
			return true
		}},
		{id: "T16", clauses: "ENV-* BLB-* DUU-*", differs: "missing credentials are a bad request", between: func(c *call) bool {
			rec := c.ask()
			if rec.Code == 401 {
				c.refuse(400, 9106)
				return true
			}
			c.answer(rec)
			return true
		}},
		{id: "T17", differs: "other people use the account", between: others(), adapt: func(target *conformance.Target) { target.Disposable = false }},
		{id: "T19", clauses: "ENV-* VR*", differs: "ids of variants may have hyphens", adapt: lacking(conformance.FeaturePlainVariants)},
		{id: "T20", differs: "the last key cannot be deleted", options: []mock.Option{fake.WithLastKeyRefused(), fake.WithMaxKeys(2)}, clauses: "KYL-* KYU-* KYD-*"},
		{id: "T25", clauses: "V1G-* V1C-01* V2L-00* DU* VR* KY*", differs: "every tenth request has to come again", between: impatient(10)},
		{id: "T28", differs: "the deprecated list is gone", adapt: lacking(conformance.FeatureV1List), between: func(c *call) bool {
			if c.is("GET", v1) {
				c.refuse(410, 7003)
				return true
			}
			return false
		}},
		{id: "T29", clauses: "ENV-* V2L-*", differs: "there are no ranges", adapt: lacking(conformance.FeatureRanges), between: func(c *call) bool {
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
		if count++; count%5 == 0 && c.path != "" && c.r.Header.Get("Authorization") == "Bearer "+tokenA {
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
			c.answer(rec)
			return true
		case c.upload() || c.draft() || c.posting():
			rec := c.ask()
			if rec.Code == 200 && !c.posting() {
				note(parse(rec.Body.Bytes()))
			}
			c.answer(rec)
			return true
		case c.image("GET") != "" && time.Now().Before(until[c.path]):
			c.reply(200, jsonOf(stale[c.path]))
			return true
		case c.r.Method == "GET":
			c.change(func(status int, o object) int {
				images := imagesIn(o)
				if len(images) == 1 && c.image("GET") != "" {
					if time.Since(born[images[0]["id"].(string)]) < lag {
						o["success"], o["result"], o["errors"] = false, nil, []any{object{"code": 5404, "message": "not yet"}}
						return 404
					}
					return status
				}
				if c.is("GET", "/images/v1") || c.is("GET", "/images/v2") {
					kept := []object{}
					for _, i := range images {
						if time.Since(born[i["id"].(string)]) >= lag {
							kept = append(kept, i)
						}
					}
					if status == 200 {
						setImages(o, kept)
					}
				}
				return status
			})
			return true
		}
		return false
	}
}
