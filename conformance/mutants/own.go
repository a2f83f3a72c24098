package mutants

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ownMutants go wrong where servers do that grow beside their documentation.
func ownMutants() []mutant {
	return slices.Concat(ownAnswers(), ownImages(), ownRequests(), ownKeys(), ownDrafts())
}

func ownAnswers() []mutant {
	return []mutant{
		eachError("M301", "envelope", "error codes are strings", "ENV-002", func(e object) { e["code"] = jsonOf(e["code"]) }),
		eachError("M302", "envelope", "error messages are empty", "ENV-002", func(e object) { e["message"] = "" }),
		changing("M303", "envelope", "a success has errors null", "ENV-001", func(_ *call, status int, o object) int {
			if status == 200 {
				o["errors"] = nil
			}
			return status
		}),
		changing("M304", "status", "a failure is answered with 200", "ENV-004 V1G-002", func(*call, int, object) int { return 200 }),
		changing("M305", "envelope", "a failure says success true", "ENV-002", func(_ *call, status int, o object) int {
			if status >= 400 {
				o["success"] = true
			}
			return status
		}),
		answering("M306", "status", "an unknown image is a page of HTML", "V1G-002", func(c *call) bool {
			rec := c.ask()
			if c.image("GET") == "" || rec.Code != 404 {
				c.give(rec)
				return true
			}
			c.w.Header().Set("Content-Type", "text/html")
			c.w.WriteHeader(404)
			_, _ = c.w.Write([]byte("<!DOCTYPE html><title>404</title>"))
			return true
		}),
	}
}

// eachError is a mutant that edits the errors of failures.
func eachError(id, class, text, killers string, edit func(e object)) mutant {
	return changing(id, class, text, killers, func(_ *call, status int, o object) int {
		list, _ := o["errors"].([]any)
		for _, e := range list {
			edit(e.(object))
		}
		return status
	})
}

// eachImage is a mutant that edits the images of answers.
func eachImage(id, class, text, killers string, edit func(i object)) mutant {
	return changing(id, class, text, killers, func(_ *call, status int, o object) int {
		for _, i := range imagesIn(o) {
			if i["uploadURL"] == nil {
				edit(i)
			}
		}
		return status
	})
}

func ownImages() []mutant {
	return []mutant{
		eachImage("M310", "schema", "the upload time has no zone", "V1G-001", func(i object) {
			text, _ := i["uploaded"].(string)
			i["uploaded"] = strings.TrimSuffix(text, "Z")
		}),
		eachImage("M311", "schema", "variant URLs have no host", "V1G-010", func(i object) {
			list, _ := i["variants"].([]any)
			for at, u := range list {
				text, _ := u.(string)
				_, rest, _ := strings.Cut(strings.TrimPrefix(text, "https://"), "/")
				list[at] = "/" + rest
			}
		}),
		eachImage("M312", "schema", "requireSignedURLs is text", "V1C-011", func(i object) { i["requireSignedURLs"] = jsonOf(i["requireSignedURLs"]) }),
		eachImage("M313", "upload", "filenames are in lower case", "V1C-006", func(i object) {
			text, _ := i["filename"].(string)
			i["filename"] = strings.ToLower(text)
		}),
		eachImage("M314", "metadata", "names in metadata are in lower case", "V1C-008", func(i object) {
			meta, _ := i["meta"].(object)
			lower := object{}
			for k, v := range meta {
				lower[strings.ToLower(k)] = v
			}
			if meta != nil {
				i["meta"] = lower
			}
		}),
		eachImage("M315", "metadata", "null in metadata is dropped", "V1C-008", func(i object) {
			meta, _ := i["meta"].(object)
			for k, v := range meta {
				if v == nil {
					delete(meta, k)
				}
			}
		}),
	}
}

func ownRequests() []mutant {
	return []mutant{
		answering("M316", "edit", "an edit merges the metadata", "V1E-001", merged()),
		asking("M317", "identity", "ids in paths are in lower case", "V1G-009", func(c *call) {
			if id := c.image("GET"); id != "" && !strings.Contains(id, "%") {
				c.setTail("/images/v1/" + strings.ToLower(id))
			}
		}),
		asking("M318", "encoding", "a plus in a creator is a space", "V1L-011", func(c *call) {
			if q := c.query(); q.Has("creator") {
				q.Set("creator", strings.ReplaceAll(q.Get("creator"), "+", " "))
				c.setQuery(q)
			}
		}),
		asking("M319", "paging", "the second page of ascending order descends", "V2L-008 V2L-016 V2L-017", func(c *call) {
			if q := c.query(); q.Has("continuation_token") {
				q.Set("sort_order", "desc")
				c.setQuery(q)
			}
		}),
		asking("M320", "paging", "the token forgets the creator", "V2L-019", func(c *call) {
			if c.query().Has("continuation_token") {
				c.drop("creator")
			}
		}),
	}
}

func ownKeys() []mutant {
	keys, stats := "/images/v1/keys", "/images/v1/stats"
	return []mutant{
		answering("M330", "keys", "PUT rotates every key", "KYU-002", func(c *call) bool {
			if !c.below("PUT", keys) {
				return false
			}
			rec := c.ask()
			for _, k := range keysOf(parse(rec.Body.Bytes())) {
				c.askOther("PUT", keys+"/"+pathEscape(k.(object)["name"].(string)), "", nil)
			}
			c.give(c.askOther("GET", keys, "", nil))
			return true
		}),
		answering("M331", "keys", "DELETE rotates the other keys", "KYD-001", func(c *call) bool {
			rec := c.ask()
			if c.below("DELETE", keys) && rec.Code == 200 {
				for _, k := range keysOf(parse(rec.Body.Bytes())) {
					rec = c.askOther("PUT", keys+"/"+pathEscape(k.(object)["name"].(string)), "", nil)
				}
			}
			c.give(rec)
			return true
		}),
		changing("M332", "stats", "the count never goes down", "STA-003", highest(stats)),
		changing("M333", "stats", "the count is text", "STA-001", counting(func(count object) { count["current"] = strconv.Quote(jsonOf(count["current"])) })),
		variantBodies("M334", "variants", "an edit of a variant takes its width only", "VRE-001", func(o object) {
			if opts, ok := o["options"].(object); ok && o["id"] == nil {
				opts["height"], opts["fit"] = 1, "pad"
			}
		}),
	}
}

func highest(path string) func(c *call, status int, o object) int {
	var mu sync.Mutex
	most := 0
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		if !c.is("GET", path) {
			return status
		}
		return counting(func(count object) {
			n, _ := strconv.Atoi(jsonOf(count["current"]))
			most = max(most, n)
			count["current"] = most
		})(c, status, o)
	}
}

func ownDrafts() []mutant {
	return []mutant{
		changing("M340", "schema", "the upload URL has no host", "DUC-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.draft() && status == 200 {
				u, _ := r["uploadURL"].(string)
				_, rest, _ := strings.Cut(strings.TrimPrefix(u, "http://"), "/")
				r["uploadURL"] = "/" + rest
			}
			return status
		}),
		changing("M341", "draft", "a draft is not found before its file is there", "V1G-003 DUC-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.image("GET") != "" && r["draft"] == true {
				o["success"], o["result"], o["errors"] = false, nil, []any{object{"code": 5404, "message": "not found"}}
				return 404
			}
			return status
		}),
		answering("M342", "draft", "a file that is refused ends the draft", "DUU-004", endsDrafts()),
		dropsDraft("M343", "creator", "the creator of a draft is dropped", "DUC-004", "creator", always),
		dropsDraft("M344", "flags", "a draft is never private", "DUC-004", "requireSignedURLs", always),
		changing("M345", "draft", "a posted file has an id of its own", "DUU-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.posting() && status == 200 {
				r["id"] = "another"
			}
			return status
		}),
	}
}

// endsDrafts deletes the draft when its file is refused.
func endsDrafts() func(c *call) bool {
	var mu sync.Mutex
	ids := map[string]string{}
	return func(c *call) bool {
		rec := c.ask()
		mu.Lock()
		defer mu.Unlock()
		if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && c.draft() && rec.Code == 200 {
			if u, err := c.r.URL.Parse(r["uploadURL"].(string)); err == nil {
				ids[u.Path], _ = r["id"].(string)
			}
		}
		if id := ids[c.r.URL.Path]; c.posting() && rec.Code >= 400 && id != "" {
			c.deleteFirst(id)
		}
		c.give(rec)
		return true
	}
}

// deleteFirst deletes an image of the first account, whoever asks.
func (c *call) deleteFirst(id string) {
	other := *c
	other.r = c.r.Clone(c.r.Context())
	other.r.Header.Set("Authorization", "Bearer "+c.first.Token)
	other.r.Method, other.body = "DELETE", nil
	other.setPath("/client/v4/accounts/" + c.first.AccountID + "/images/v1/" + pathEscape(id))
	other.ask()
}
