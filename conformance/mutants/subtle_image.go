package mutants

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

func subtleImages() []mutant {
	return slices.Concat(subtleEdits(), subtleFlips(), subtleDeletes(), subtleBlobs())
}

// edits is a mutant that edits the bodies of edits of images.
func edits(id, text, killers string, edit func(c *call, o object)) mutant {
	return asking(id, "edit", text, killers, func(c *call) {
		if c.image("PATCH") == "" {
			return
		}
		if o := parse(c.body); o != nil {
			before := jsonOf(o)
			if edit(c, o); jsonOf(o) != before {
				c.body = []byte(jsonOf(o))
			}
		}
	})
}

func subtleEdits() []mutant {
	twice := &set{}
	return []mutant{
		edits("M553", "empty metadata in an edit is no metadata", "V1E-001", func(_ *call, o object) {
			if m, ok := o["metadata"].(object); ok && len(m) == 0 {
				delete(o, "metadata")
			}
		}),
		edits("M557", "an edit changes one thing only", "V1E-020", func(_ *call, o object) {
			if o["metadata"] != nil && o["creator"] != nil {
				delete(o, "creator")
			}
		}),
		answering("M565", "edit", "an image can be edited once", "V1E-021", func(c *call) bool {
			if c.image("PATCH") == "" || parse(c.body) == nil {
				return false
			}
			if twice.contains(c.path) && parse(c.body)["metadata"] != nil {
				o := parse(c.body)
				delete(o, "metadata")
				c.body = []byte(jsonOf(o))
			}
			twice.add(c.path)
			return false
		}),
		changing("M568", "edit", "V1 lists the metadata of before an edit", "V1E-022", func() func(c *call, status int, o object) int {
			var mu sync.Mutex
			first := map[string]any{}
			return func(c *call, status int, o object) int {
				mu.Lock()
				defer mu.Unlock()
				for _, i := range imagesIn(o) {
					id := i["id"].(string)
					if old, ok := first[id]; ok && v1(c) {
						i["meta"] = old
					} else if !ok && i["meta"] != nil {
						first[id] = i["meta"]
					}
				}
				return status
			}
		}()),
		edits("M566", "texts in the metadata of an edit are trimmed", "V1E-001", func(_ *call, o object) {
			if m, ok := o["metadata"].(object); ok {
				for k, v := range m {
					if s, ok := v.(string); ok {
						m[k] = strings.TrimSpace(s)
					}
				}
			}
		}),
		eachImage("M587", "schema", "the metadata of an image that has none is text", "V1C-053", func(i object) {
			if i["meta"] == nil {
				i["meta"] = ""
			}
		}),
	}
}

func subtleFlips() []mutant {
	flips := func(c *call) bool {
		return c.image("PATCH") != "" && strings.Contains(string(c.body), "requireSignedURLs")
	}
	renamed := map[string]string{}
	var mu sync.Mutex
	flipped := 0
	return []mutant{
		answering("M554", "edit", "the id of before a change of privacy still works", "V1E-018", func(c *call) bool {
			mu.Lock()
			defer mu.Unlock()
			if flips(c) {
				rec := c.ask()
				if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && rec.Code == 200 {
					renamed[c.image("PATCH")], _ = r["id"].(string)
				}
				c.give(rec)
				return true
			}
			if id := renamed[c.image("GET")]; id != "" {
				if i := c.resultOf("/images/v1/" + id); i != nil && c.askOther("GET", c.path, "", nil).Code == 404 {
					i["id"] = c.image("GET")
					c.success(jsonOf(i))
					return true
				}
			}
			return false
		}),
		changing("M555", "edit", "variant URLs keep the id of before a change of privacy", "V1G-010", func(c *call, status int, o object) int {
			mu.Lock()
			defer mu.Unlock()
			for _, i := range imagesIn(o) {
				id, _ := i["id"].(string)
				if old := c.image("PATCH"); flips(c) && status == 200 && old != id {
					renamed["old "+id] = old
				}
				urls, _ := i["variants"].([]any)
				for at, u := range urls {
					if old := renamed["old "+id]; old != "" {
						urls[at] = strings.ReplaceAll(u.(string), id, old)
					}
				}
			}
			return status
		}),
		answering("M556", "edit", "a change of privacy drops the creator", "V1E-019", func(c *call) bool {
			rec := c.ask()
			if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && flips(c) && rec.Code == 200 && !strings.Contains(string(c.body), "creator") {
				c.edit(r["id"].(string), `{"creator":""}`)
			}
			c.give(rec)
			return true
		}),
		answering("M558", "edit", "a change of privacy drops the metadata", "V1E-019", func(c *call) bool {
			rec := c.ask()
			if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && flips(c) && rec.Code == 200 && !strings.Contains(string(c.body), "metadata") {
				c.edit(r["id"].(string), `{"metadata":{}}`)
			}
			c.give(rec)
			return true
		}),
		changing("M593", "stats", "a change of privacy counts as an image", "STA-007", func(c *call, status int, o object) int {
			mu.Lock()
			defer mu.Unlock()
			if flips(c) && status == 200 {
				flipped++
			}
			return counting(func(count object) {
				n, _ := strconv.Atoi(jsonOf(count["current"]))
				count["current"] = n + flipped
			})(c, status, o)
		}),
	}
}

func subtleDeletes() []mutant {
	var mu sync.Mutex
	failed := 0
	dead := &set{}
	return []mutant{
		refusing("M569", "delete", "a DELETE with a body is refused", "V1D-011", 400, 5400, func(c *call) bool { return c.does("DELETE") && len(c.body) > 0 }),
		refusing("M571", "delete", "private images cannot be deleted", "V1D-001", 403, 5403, func(c *call) bool {
			return c.image("DELETE") != "" && c.resultOf(c.path)["requireSignedURLs"] == true
		}),
		answering("M572", "delete", "a finished draft keeps its blob when it is deleted", "BLB-006", keptBlobs()),
		changing("M573", "delete", "an id that is used again is not listed", "V1D-009", func(c *call, status int, o object) int {
			if id := c.image("DELETE"); id != "" && status == 200 {
				dead.add(id)
			}
			if listing(c) && status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return dead.contains(pathEscape(i["id"].(string))) }))
			}
			return status
		}),
		changing("M575", "stats", "a deletion that fails lowers the count", "STA-003", func(c *call, status int, o object) int {
			mu.Lock()
			defer mu.Unlock()
			if c.image("DELETE") != "" && status == 404 {
				failed++
			}
			return counting(func(count object) {
				n, _ := strconv.Atoi(jsonOf(count["current"]))
				count["current"] = max(0, n-failed)
			})(c, status, o)
		}),
	}
}

// keptBlobs answers the blobs of drafts that were finished and deleted.
func keptBlobs() func(c *call) bool {
	var mu sync.Mutex
	blobs := map[string]*answer{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		rec := c.ask()
		if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && c.posting() && rec.Code == 200 {
			blobs["/images/v1/"+pathEscape(r["id"].(string))+"/blob"] = nil
		}
		if kept, known := blobs[c.path]; known && c.blob() {
			if rec.Code == 200 {
				blobs[c.path] = rec
			} else if kept != nil {
				rec = kept
			}
		}
		c.give(rec)
		return true
	}
}

func subtleBlobs() []mutant {
	return []mutant{
		refusing("M583", "blob", "the blob of an id beyond ASCII is not found", "BLB-011", 404, 5404, func(c *call) bool {
			return c.blob() && asciiOnly(c.r.URL.Path) != c.r.URL.Path
		}),
		answering("M584", "blob", "the blob of an unknown id is an empty success", "BLB-004", func(c *call) bool {
			rec := c.ask()
			if !c.blob() || rec.Code != 404 {
				c.give(rec)
				return true
			}
			c.w.Header().Set("Content-Type", "image/png")
			c.w.WriteHeader(200)
			return true
		}),
		answering("M580", "blob", "JPEGs are labelled image/jpg", "BLB-002", func(c *call) bool {
			rec := c.ask()
			if rec.Header().Get("Content-Type") == "image/jpeg" {
				rec.Header().Set("Content-Type", "image/jpg")
			}
			c.give(rec)
			return true
		}),
		answering("M581", "blob", "the blob of a private image without metadata is another picture", "BLB-007", func(c *call) bool {
			rec := c.ask()
			if c.blob() && rec.Code == 200 && c.resultOf(strings.TrimSuffix(c.path, "/blob"))["meta"] == nil && c.resultOf(strings.TrimSuffix(c.path, "/blob"))["requireSignedURLs"] == true {
				rec.Body.Reset()
				_, _ = rec.Body.Write(somePNG())
				rec.Header().Del("Content-Length")
			}
			c.give(rec)
			return true
		}),
	}
}
