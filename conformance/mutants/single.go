package mutants

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// singleMutants are wrong in one answer only, where the answers around it are
// right.
func singleMutants() []mutant {
	return slices.Concat(singleEdits(), singleKeys(), singleAnswers(), singleLists(), singleUploads())
}

// emptied reports whether a request is an edit to metadata without members.
func (c *call) emptied() bool {
	m, ok := parse(c.body)["metadata"].(object)
	return c.image("PATCH") != "" && ok && len(m) == 0
}

func singleEdits() []mutant {
	return []mutant{
		answering("M916", "edit", "an edit to no metadata answers what was there before", "V1E-001", func(c *call) bool {
			if !c.emptied() {
				return false
			}
			before := c.resultOf(c.path)["meta"]
			c.change(func(status int, o object) int {
				for _, i := range imagesIn(o) {
					i["meta"] = before
				}
				return status
			})
			return true
		}),
		answering("M917", "edit", "an edit to no metadata is answered and not stored", "V1E-001", func(c *call) bool {
			if !c.emptied() {
				return false
			}
			before := c.resultOf(c.path)
			rec := c.ask()
			if id, ok := before["id"].(string); ok && rec.Code == 200 {
				c.edit(id, jsonOf(object{"metadata": before["meta"]}))
			}
			c.give(rec)
			return true
		}),
		answering("M918", "blob", "an image under the id of a deleted one has its blob", "V1D-009", rebornBlobs()),
	}
}

// rebornBlobs serves what an id held before its image was deleted and another
// took its place.
func rebornBlobs() func(c *call) bool {
	var mu sync.Mutex
	kept := map[string][]byte{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("DELETE") != "" {
			if rec := c.askOther("GET", c.path+"/blob", "", nil); rec.Code == 200 {
				kept[c.path+"/blob"] = rec.Body.Bytes()
			}
			return false
		}
		body, ok := kept[c.path]
		if !ok || !c.blob() {
			return false
		}
		rec := c.ask()
		if rec.Code == 200 {
			rec.Body.Reset()
			rec.Body.Write(body)
			rec.Header().Del("Content-Length")
		}
		c.give(rec)
		return true
	}
}

// keyName is the name in the path of a request about a key.
func (c *call) keyName() string {
	name, _ := strings.CutPrefix(c.path, keysAt+"/")
	return name
}

func singleKeys() []mutant {
	return []mutant{
		answering("M919", "routing", "PATCH of a key answers the keys", "ENV-009", func(c *call) bool {
			if !c.below("PATCH", keysAt) {
				return false
			}
			c.give(c.askOther("GET", keysAt, "", nil))
			return true
		}),
		changing("M920", "isolation", "the value of a key is made from its name", "ENV-019", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				k := k.(object)
				sum := sha256.Sum256([]byte(k["name"].(string)))
				k["value"] = hex.EncodeToString(sum[:])
			}
			return status
		}),
		answering("M921", "keys", "a name that differs in case is answered and not made", "KYU-007", func(c *call) bool {
			if !c.otherCase() {
				return false
			}
			c.give(c.askOther("GET", keysAt, "", nil))
			return true
		}),
		answering("M922", "envelope", "a name that differs in case is refused without an error", "KYU-007", func(c *call) bool {
			if !c.otherCase() {
				return false
			}
			c.reply(409, `{"result":null,"success":false,"errors":[],"messages":[]}`)
			return true
		}),
		changing("M923", "keys", "the values of keys have 12 characters", "KYL-003", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				if value, _ := k.(object)["value"].(string); len(value) > 12 {
					k.(object)["value"] = value[:12]
				}
			}
			return status
		}),
		answering("M924", "keys", "two keys come after the last one", "KYD-005", func(c *call) bool {
			rec := c.ask()
			if left := keysOf(parse(rec.Body.Bytes())); c.below("DELETE", keysAt) && len(left) == 1 && c.keyName() == left[0].(object)["name"] {
				rec = c.askOther("PUT", keysAt+"/spare", "", nil)
			}
			c.give(rec)
			return true
		}),
	}
}

// otherCase reports whether a request would make a key whose name is there in
// another case.
func (c *call) otherCase() bool {
	if !c.below("PUT", keysAt) {
		return false
	}
	return slices.ContainsFunc(keysOf(object{"result": c.resultOf(keysAt)}), func(k any) bool {
		name := k.(object)["name"].(string)
		return name != c.keyName() && strings.EqualFold(name, c.keyName())
	})
}

func singleAnswers() []mutant {
	return []mutant{
		changing("M925", "envelope", "a deletion has no result", "V1D-001", func(c *call, status int, o object) int {
			if c.image("DELETE") != "" && status == 200 {
				delete(o, "result")
			}
			return status
		}),
		changing("M926", "secrecy", "the counts show the values of keys", "ENV-014", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.is("GET", "/images/v1/stats") {
				r["signing"] = c.resultOf(keysAt)["keys"]
			}
			return status
		}),
		answering("M927", "secrecy", "a header shows the token", "ENV-014", func(c *call) bool {
			c.w.Header().Set("X-Request-Token", strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer "))
			return false
		}),
	}
}

func singleLists() []mutant {
	return []mutant{
		asking("M928", "paging", "a page of V1 holds one image less than asked for", "V1L-003 V1L-005 V1L-006", func(c *call) {
			q := c.query()
			if n, err := strconv.Atoi(q.Get("per_page")); v1(c) && err == nil && n > 1 {
				q.Set("per_page", strconv.Itoa(n-1))
				c.setQuery(q)
			}
		}),
		changing("M929", "schema", "a list of V1 without parameters has no images but null", "V1L-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && v1(c) && c.r.URL.RawQuery == "" {
				r["images"] = nil
			}
			return status
		}),
		changing("M930", "draft", "the images of one creator include drafts in V1", "V1L-013", ownDraftsListed()),
		changing("M931", "paging", "the token after a single page is an empty text", "V2L-003 V2L-024", func(c *call, status int, o object) int {
			return endedBy(c, status, o, !c.query().Has("continuation_token"))
		}),
		changing("M932", "paging", "the token at the end of a walk is an empty text", "V2L-003", func(c *call, status int, o object) int {
			return endedBy(c, status, o, c.query().Has("continuation_token"))
		}),
		changing("M933", "draft", "a draft has a filename", "DUC-018", draftShape(func(i object) { i["filename"] = "draft" })),
		eachImage("M934", "variants", "variant URLs hold the end of an id that has slashes", "V1G-010", func(i object) {
			id, _ := i["id"].(string)
			urls, _ := i["variants"].([]any)
			for n, u := range urls {
				u, _ := u.(string)
				urls[n] = strings.Replace(u, "/"+id+"/", id[strings.LastIndexByte("/"+id, '/'):]+"/", 1)
			}
		}),
	}
}

// endedBy gives the last page an empty text for a token.
func endedBy(c *call, status int, o object, about bool) int {
	if r, ok := o["result"].(object); ok && v2(c) && about && r["continuation_token"] == nil {
		r["continuation_token"] = ""
	}
	return status
}

// ownDraftsListed lists drafts where a list is narrowed to their creator.
func ownDraftsListed() func(c *call, status int, o object) int {
	var mu sync.Mutex
	drafts := map[string][]object{}
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		if creator, _ := c.text("creator"); c.draft() && status == 200 && creator != "" {
			r, _ := o["result"].(object)
			drafts[creator] = append(drafts[creator], object{
				"id": r["id"], "creator": creator, "uploaded": "2026-01-01T00:00:00Z", "requireSignedURLs": false, "variants": []any{}, "draft": true,
			})
		}
		if creator := c.query().Get("creator"); v1(c) && status == 200 {
			setImages(o, append(imagesIn(o), drafts[creator]...))
		}
		return status
	}
}

func singleUploads() []mutant {
	metadata := func(id, text, killers string, edit func(body string) string) mutant {
		return rewriting(id, "validation", text, killers, "metadata", edit)
	}
	return []mutant{
		metadata("M935", "metadata that is cut off is taken for none", "V1C-009", func(body string) string {
			if strings.HasPrefix(body, "{") && !json.Valid([]byte(body)) {
				return "{}"
			}
			return body
		}),
		metadata("M936", "metadata of 1025 bytes is accepted", "V1C-010", func(body string) string {
			if len(body) == 1025 {
				return "{}"
			}
			return body
		}),
		eachImage("M937", "schema", "metadata without members is a list", "V1C-008", func(i object) {
			if m, ok := i["meta"].(object); ok && len(m) == 0 {
				i["meta"] = []any{}
			}
		}),
		answering("M938", "url", "a download that breaks off is stored", "V1C-029", fetching(func(n int64, err error) bool { return err != nil })),
		answering("M939", "url", "a download that is too large is stored", "V1C-030", fetching(func(n int64, _ error) bool { return n > 10<<20 })),
	}
}

// fetching stores an image in place of a download that is refused.
func fetching(bad func(n int64, err error) bool) func(c *call) bool {
	return func(c *call) bool {
		address, _ := c.text("url")
		if !c.upload() || !strings.HasPrefix(address, "http://127.0.0.1:") {
			return false
		}
		rec := c.ask()
		if resp, err := http.Get(address); rec.Code/100 == 4 && err == nil { //nolint:noctx // a test server of the suite
			n, err := io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if creator, _ := c.text("creator"); bad(n, err) {
				rec = c.uploadPNG(field{name: "creator", body: creator})
			}
		}
		c.give(rec)
		return true
	}
}
