package mutants

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// set is a set of texts that many requests may use.
type set struct {
	mu  sync.Mutex
	has map[string]bool
}

func (s *set) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has == nil {
		s.has = map[string]bool{}
	}
	s.has[text] = true
}

func (s *set) contains(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.has[text]
}

// resultOf is the result of what the mock answers to a GET.
func (c *call) resultOf(path string) object {
	r, _ := parse(c.askOther("GET", path, "", nil).Body.Bytes())["result"].(object)
	return r
}

// everything lists all images of the account.
func (c *call) everything() []object {
	return imagesIn(object{"result": c.resultOf("/images/v2?per_page=1000")})
}

func restMutants() []mutant {
	return slices.Concat(pagingMutants(), identityMutants(), removalMutants(), contentMutants(), sharedMutants(), oneTimeMutants())
}

func pagingMutants() []mutant {
	v1, v2 := "/images/v1", "/images/v2"
	return []mutant{
		changing("M019", "paging", "pages of V1 overlap", "V1L-004 V1L-005", func(c *call, status int, o object) int {
			if images := imagesIn(o); c.is("GET", v1) && c.query().Get("page") > "1" && len(images) > 0 {
				q := c.query()
				q.Set("page", "1")
				first := imagesIn(object{"result": c.resultOf(v1 + "?" + q.Encode())})
				setImages(o, append(first[:1], images[1:]...))
			}
			return status
		}),
		asking("M026", "validation", "V1 takes a wrong per_page for the default", "V1L-008", func(c *call) {
			if n, err := strconv.Atoi(c.query().Get("per_page")); c.is("GET", v1) && (err != nil || n < 1) {
				c.drop("per_page")
			}
		}),
		changing("M030", "schema", "listed images lack their metadata", "V1L-015 V2L-018", func(c *call, status int, o object) int {
			if c.is("GET", v1) || c.is("GET", v2) {
				for _, i := range imagesIn(o) {
					delete(i, "meta")
				}
			}
			return status
		}),
		changing("M159", "paging", "the last page has a token", "V2L-003 V2L-005", func(_ *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && r["images"] != nil && r["continuation_token"] == nil {
				r["continuation_token"] = "end"
			}
			return status
		}),
		answering("M161", "paging", "the token is an offset", "V2L-016 V2L-017", offsetTokens),
		answering("M166", "paging", "V2 gives 5000 images", "V2L-012", func(c *call) bool {
			q := c.query()
			if n, _ := strconv.Atoi(q.Get("per_page")); !c.is("GET", v2) || n <= 1000 {
				return false
			}
			q.Set("per_page", "1000")
			o := parse(c.askOther("GET", v2+"?"+q.Encode(), "", nil).Body.Bytes())
			if token, ok := o["result"].(object)["continuation_token"].(string); ok {
				q.Set("continuation_token", token)
				setImages(o, append(imagesIn(o), imagesIn(object{"result": c.resultOf(v2 + "?" + q.Encode())})...))
			}
			c.reply(200, jsonOf(o))
			return true
		}),
	}
}

// offsetTokens pages a list by counting from its beginning.
func offsetTokens(c *call) bool { return pages(c, func([]object) {}) }

// pages pages a list, put in another order for each, by counting.
func pages(c *call, order func(images []object)) bool {
	q := c.query()
	size, err := strconv.Atoi(q.Get("per_page"))
	if !c.is("GET", "/images/v2") || err != nil || size < 1 {
		return false
	}
	offset, _ := strconv.Atoi(strings.TrimPrefix(q.Get("continuation_token"), "offset-"))
	c.drop("per_page", "continuation_token")
	c.change(func(status int, o object) int {
		images := imagesIn(o)
		order(images)
		offset := min(offset, len(images))
		end := min(offset+size, len(images))
		setImages(o, images[offset:end])
		o["result"].(object)["continuation_token"] = nil
		if end < len(images) {
			o["result"].(object)["continuation_token"] = "offset-" + strconv.Itoa(end)
		}
		return status
	})
	return true
}

func identityMutants() []mutant {
	return []mutant{
		asking("M257", "routing", "any account id is good", "ENV-008", func(c *call) {
			if strings.Contains(c.r.URL.Path, "/no-account") {
				c.setAccount(c.first.AccountID)
			}
		}),
		changing("M034", "status", "an unknown image is a bad request", "V1G-002", func(c *call, status int, _ object) int {
			if c.image("GET") != "" && status == 404 {
				return 400
			}
			return status
		}),
		answering("M041", "identity", "ids match by their beginning", "V1G-008", func(c *call) bool {
			id := c.image("GET")
			rec := c.ask()
			if id != "" && rec.Code == 404 {
				for _, i := range c.everything() {
					if strings.HasPrefix(i["id"].(string), id) {
						c.success(jsonOf(i))
						return true
					}
				}
			}
			c.give(rec)
			return true
		}),
		changing("M042", "schema", "variant URLs lack the id", "V1G-010", func(_ *call, status int, o object) int {
			for _, i := range imagesIn(o) {
				i["variants"] = []any{"https://images.invalid/public"}
			}
			return status
		}),
		asking("M043", "encoding", "paths are cleaned after they are decoded", "V1G-012", func(c *call) {
			if strings.Contains(c.path, "..%2F") {
				c.setTail(path.Clean(strings.ReplaceAll(c.path, "%2F", "/")))
			}
		}),
		answering("M239", "identity", "every upload answers one id", "V1C-001 V1C-033", first(func(c *call) bool { return c.upload() })),
		asking("M103", "delete", "a delete stops at an encoded slash", "V1D-007", func(c *call) {
			if c.does("DELETE") {
				before, _, _ := strings.Cut(c.path, "%2F")
				c.setTail(before)
			}
		}),
		asking("M243", "encoding", "the blob of an id with a slash is not found", "BLB-008", func(c *call) {
			if c.blob() {
				c.setTail(strings.ReplaceAll(c.path, "%2F", "/"))
			}
		}),
		asking("M112", "routing", "an id that ends in blob is a blob", "BLB-009", func(c *call) {
			if rest, ok := strings.CutSuffix(c.path, "%2Fblob"); ok && c.does("GET") {
				c.setTail(rest + "/blob")
			}
		}),
	}
}

// first answers all such requests as it answered the first.
func first(about func(c *call) bool) func(c *call) bool {
	var mu sync.Mutex
	text := ""
	return func(c *call) bool {
		if !about(c) {
			return false
		}
		rec := c.ask()
		mu.Lock()
		defer mu.Unlock()
		if text == "" {
			text = rec.Body.String()
		}
		c.reply(rec.Code, text)
		return true
	}
}

func removalMutants() []mutant {
	deleted := &set{}
	return []mutant{
		changing("M100", "delete", "deleted images stay listed", "V1L-014 V1D-003", ghosts("/images")),
		answering("M102", "delete", "a delete takes all ids that begin so", "V1D-006", func(c *call) bool {
			if id := c.image("DELETE"); id != "" {
				whole := strings.ReplaceAll(id, "%2F", "/")
				for _, i := range c.everything() {
					if other := i["id"].(string); other != whole && strings.HasPrefix(other, whole) {
						c.askOther("DELETE", "/images/v1/"+pathEscape(other), "", nil)
					}
				}
			}
			return false
		}),
		answering("M105", "draft", "a draft cannot be deleted", "V1D-008", func(c *call) bool {
			if c.image("DELETE") == "" || c.resultOf(c.path)["draft"] != true {
				return false
			}
			c.success("{}")
			return true
		}),
		answering("M104", "delete", "the id of a deleted image is taken for ever", "V1D-009", func(c *call) bool {
			if id := c.image("DELETE"); id != "" {
				deleted.add(strings.ReplaceAll(id, "%2F", "/"))
				return false
			}
			if id, _ := c.text("id"); c.upload() && deleted.contains(id) {
				c.refuse(409, 5409)
				return true
			}
			return false
		}),
	}
}

// ghosts adds images that were deleted to the lists at a path.
func ghosts(path string) func(c *call, status int, o object) int {
	var mu sync.Mutex
	var dead []object
	known := map[string]object{}
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		if id := c.image("DELETE"); id != "" && known[id] != nil && status == 200 {
			dead = append(dead, known[id])
		}
		for _, i := range imagesIn(o) {
			known[i["id"].(string)] = i
		}
		if r, ok := o["result"].(object); ok && r["images"] != nil && strings.HasPrefix(c.path, path) {
			images := imagesIn(o)
			for _, i := range dead {
				if i["creator"] == c.query().Get("creator") {
					images = append(images, i)
				}
			}
			setImages(o, images)
		}
		return status
	}
}

func contentMutants() []mutant {
	return slices.Concat(storedMutants(), editedMutants(), valueMutants())
}

func storedMutants() []mutant {
	return []mutant{
		forms("M061", "flags", "images are private by default", "V1C-012", func(_ *call, list []field) []field {
			if hasField(list, "id") || hasField(list, "requireSignedURLs") {
				return list
			}
			return append([]field{{name: "requireSignedURLs", body: "true"}}, list...)
		}),
		forms("M077", "url", "a url is stored as another picture", "V1C-028", func(_ *call, list []field) []field {
			if !hasField(list, "url") {
				return list
			}
			return append(without(list, "url", always), aFile())
		}),
		changing("M083", "store", "the upload time is an hour off", "V1C-032", func(_ *call, status int, o object) int {
			for _, i := range imagesIn(o) {
				i["uploaded"] = time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
			}
			return status
		}),
		answering("M082", "async", "an upload is visible after an hour", "V1C-035", lagging(time.Hour)),
		forms("M076", "limits", "any size in pixels is accepted", "V1C-039", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].filename == "flat.png" {
					list[i] = aFile()
				}
			}
			return list
		}),
	}
}

func editedMutants() []mutant {
	edited, named := &set{}, &set{}
	return []mutant{
		patches("M087", "edit", "private images stay private", "V1E-007", func(o object) {
			if o["requireSignedURLs"] == false {
				delete(o, "requireSignedURLs")
			}
		}),
		patches("M088", "edit", "an image with a custom id is not made private, and nothing is said", "V1E-008", func(o object) { delete(o, "requireSignedURLs") }),
		changing("M091", "edit", "an edit stamps the image anew", "V1E-012", func(c *call, status int, o object) int {
			for _, i := range imagesIn(o) {
				id := i["id"].(string)
				if c.image("PATCH") != "" {
					edited.add(id)
				}
				if edited.contains(id) {
					i["uploaded"] = time.Now().UTC().Format(time.RFC3339Nano)
				}
			}
			return status
		}),
		changing("M093", "edit", "an edit sets the filename", "V1E-013", func(c *call, status int, o object) int {
			if c.image("PATCH") != "" && parse(c.body)["filename"] != nil {
				named.add(c.path)
			}
			if r, ok := o["result"].(object); ok && named.contains(c.path) {
				r["filename"] = "other.png"
			}
			return status
		}),
		changing("M264", "edit", "any edit changes the id", "V1E-016", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.image("PATCH") != "" {
				r["id"] = r["id"].(string) + "0"
			}
			return status
		}),
	}
}

func valueMutants() []mutant {
	return []mutant{
		answering("M265", "blob", "large blobs are scaled down", "BLB-010", blobs(func(c *call, body []byte) {
			c.w.Header().Set("Content-Type", "image/png")
			_, _ = c.w.Write(somePNG())
		})),
		matching("M185", "in compares numbers as text", "V2L-039", member),
		matching("M187", "in compares strings with numbers", "V2L-040", member),
		matching("M188", "a key with a dot is found by a path", "V2L-045", func(text, operand string) bool { return text == operand }),
		renaming("M204", "encoding", "values are compared percent-encoded", "V2L-052", func(name, value string) (string, string) {
			return name, strings.ReplaceAll(pathEscape(value), "ö", "%C3%B6")
		}),
		renaming("M208b", "filter", "the sign of a number is ignored", "STM-004", func(name, value string) (string, string) {
			return name, strings.TrimPrefix(value, "-")
		}),
	}
}

func member(text, operand string) bool { return slices.Contains(strings.Split(operand, "|"), text) }

func oneTimeMutants() []mutant {
	return []mutant{
		answering("M209", "draft", "every request for an upload URL answers the same", "DUC-002", first((*call).draft)),
		answering("M214", "expiry", "a URL that is over is a success", "DUU-003 DUU-008 DUU-009", revived()),
		answering("M224", "security", "the uploader sets the metadata", "DUU-007", func(c *call) bool {
			rec := c.ask()
			if text, ok := c.text("metadata"); c.posting() && ok && rec.Code == 200 {
				r := parse(rec.Body.Bytes())["result"].(object)
				c.edit(r["id"].(string), `{"metadata":`+text+`}`)
			}
			c.give(rec)
			return true
		}),
	}
}

// edit changes an image of the first account, whoever asks.
func (c *call) edit(id, body string) {
	other := *c
	other.r = c.r.Clone(c.r.Context())
	other.r.Method = "PATCH"
	other.setPath("/client/v4/accounts/" + c.first.AccountID + "/images/v1/" + pathEscape(id))
	other.r.Header.Set("Authorization", "Bearer "+c.first.Token)
	other.r.Header.Set("Content-Type", "application/json")
	other.body = []byte(body)
	other.ask()
}
