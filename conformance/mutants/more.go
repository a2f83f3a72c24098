package mutants

import (
	"crypto/sha256"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// moreMutants are those that remember what was done, or look alike to another.
func moreMutants() []mutant {
	return slices.Concat(moreUploads(), moreImages(), moreLists(), moreFilters(), moreAccount(), moreDrafts())
}

// sniffed reports whether bytes look like a picture.
func sniffed(body string) bool {
	return strings.HasPrefix(http.DetectContentType([]byte(body)), "image/") || strings.Contains(body, "<svg") || strings.Contains(body, "ftyp")
}

func moreUploads() []mutant {
	return []mutant{
		forms("M038", "encoding", "ids keep their ASCII characters only", "V1G-006 V1C-020", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].name == "id" {
					list[i].body = asciiOnly(list[i].body)
				}
			}
			return list
		}),
		forms("M067", "upload", "garbage that is called a picture is one", "V1C-004", func(_ *call, list []field) []field {
			for i, f := range list {
				if f.file && strings.HasPrefix(f.contentType, "image/") && f.body != "" && !sniffed(f.body) {
					list[i] = aFile()
				}
			}
			return list
		}),
		forms("M070", "upload", "an empty file is an image", "V1C-027", func(_ *call, list []field) []field {
			for i, f := range list {
				if f.file && f.body == "" {
					list[i] = aFile()
				}
			}
			return list
		}),
		answering("M078", "url", "a url whose origin fails is a success", "V1C-029", func(c *call) bool {
			url, _ := c.text("url")
			if !c.upload() || !strings.HasPrefix(url, "http") {
				return false
			}
			rec := c.ask()
			if rec.Code != 200 {
				c.setFields(append(without(c.fields(), "url", always), aFile()))
				rec = c.ask()
			}
			c.give(rec)
			return true
		}),
		answering("M081", "identity", "the same bytes are the same image", "V1C-033", sameBytes()),
	}
}

func asciiOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 127 {
			return -1
		}
		return r
	}, text)
}

// sameBytes answers an upload with the image that has the bytes already.
func sameBytes() func(c *call) bool {
	var mu sync.Mutex
	ids := map[[32]byte]string{}
	return func(c *call) bool {
		if _, custom := c.text("id"); !c.upload() || custom {
			return false
		}
		var sum [32]byte
		for _, f := range c.fields() {
			if f.file {
				sum = sha256.Sum256([]byte(f.body))
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if id := ids[sum]; id != "" {
			if old := c.askOther("GET", "/images/v1/"+id, "", nil); old.Code == 200 {
				c.give(old)
				return true
			}
		}
		rec := c.ask()
		if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && rec.Code == 200 {
			ids[sum], _ = r["id"].(string)
		}
		c.give(rec)
		return true
	}
}

func moreImages() []mutant {
	return []mutant{
		answering("M092", "edit", "an edit cuts the blob", "V1E-012", cutBlobs()),
		changing("M099", "delete", "deleted images stay in the list of V1", "V1D-003", ghosts("/images/v1")),
		answering("M111", "blob", "blobs of private images are refused", "BLB-007", func(c *call) bool {
			if !c.blob() || c.resultOf(strings.TrimSuffix(c.path, "/blob"))["requireSignedURLs"] != true {
				return false
			}
			c.refuse(403, 5403)
			return true
		}),
		answering("M237", "async", "a deleted image is read from a cache for ever", "V1G-011 STM-002", cached()),
		answering("M236", "state", "an id that is used again has its old metadata", "V1D-009", oldMetadata()),
	}
}

func cutBlobs() func(c *call) bool {
	edited := &set{}
	return func(c *call) bool {
		rec := c.ask()
		if c.image("PATCH") != "" && rec.Code == 200 {
			r, _ := parse(rec.Body.Bytes())["result"].(object)
			id, _ := r["id"].(string)
			edited.add("/images/v1/" + pathEscape(id) + "/blob")
		}
		if c.blob() && edited.contains(c.path) {
			rec.Body.Truncate(rec.Body.Len() / 2)
			rec.Header().Del("Content-Length")
		}
		c.give(rec)
		return true
	}
}

func cached() func(c *call) bool {
	var mu sync.Mutex
	kept := map[string]string{}
	return func(c *call) bool {
		if c.image("GET") == "" {
			return false
		}
		rec := c.ask()
		mu.Lock()
		defer mu.Unlock()
		if old, ok := kept[c.path]; ok && rec.Code == 404 {
			c.reply(200, old)
			return true
		}
		if rec.Code == 200 {
			kept[c.path] = rec.Body.String()
		}
		c.give(rec)
		return true
	}
}

func oldMetadata() func(c *call) bool {
	var mu sync.Mutex
	old := map[string]any{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("DELETE") != "" {
			if r := c.resultOf(c.path); r["meta"] != nil {
				old[r["id"].(string)] = r["meta"]
			}
			return false
		}
		c.change(func(status int, o object) int {
			for _, i := range imagesIn(o) {
				if meta, ok := old[i["id"].(string)]; ok {
					i["meta"] = meta
				}
			}
			return status
		})
		return true
	}
}

func moreLists() []mutant {
	return []mutant{
		answering("M162", "paging", "the token is an offset in descending order", "V2L-016", func(c *call) bool {
			return c.query().Get("sort_order") != "asc" && offsetTokens(c)
		}),
		answering("M170", "ordering", "the order of images of one minute is random", "V2L-004", func(c *call) bool {
			return pages(c, func(images []object) {
				rand.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
				slices.SortStableFunc(images, func(a, b object) int { return strings.Compare(minute(b), minute(a)) })
			})
		}),
		changing("M174", "draft", "finished drafts are not in the list of V2", "V2L-015 DUU-001", withoutDrafts()),
		answering("M240", "filter", "the lists of a creator do not follow an edit", "V1E-004", staleCreators()),
		answering("M234", "state", "deleting an image empties the lists of its creator", "STM-001", clearedCreators()),
	}
}

// minute is the time of an upload, without its seconds.
func minute(i object) string {
	text, _ := i["uploaded"].(string)
	return text[:min(len(text), len("2006-01-02T15:04"))]
}

func withoutDrafts() func(c *call, status int, o object) int {
	drafts := &set{}
	return func(c *call, status int, o object) int {
		r, _ := o["result"].(object)
		if id, ok := r["id"].(string); ok && c.draft() {
			drafts.add(id)
		}
		if c.is("GET", "/images/v2") && status == 200 {
			setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return drafts.contains(i["id"].(string)) }))
		}
		return status
	}
}

// staleCreators lists images by the creator they had before their first edit.
func staleCreators() func(c *call) bool {
	var mu sync.Mutex
	before := map[string]any{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("PATCH") != "" {
			if r := c.resultOf(c.path); r != nil && before[r["id"].(string)] == nil {
				before[r["id"].(string)] = r["creator"]
			}
			return false
		}
		want := c.query().Get("creator")
		if !c.is("GET", "/images/v1") && !c.is("GET", "/images/v2") || want == "" {
			return false
		}
		c.drop("creator")
		c.change(func(status int, o object) int {
			if status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool {
					creator, edited := before[i["id"].(string)]
					if !edited {
						creator = i["creator"]
					}
					return creator != want
				}))
			}
			return status
		})
		return true
	}
}

func clearedCreators() func(c *call) bool {
	var mu sync.Mutex
	hidden := map[string]bool{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("DELETE") != "" {
			if creator := c.resultOf(c.path)["creator"]; creator != nil {
				for _, i := range c.everything() {
					hidden[i["id"].(string)] = hidden[i["id"].(string)] || i["creator"] == creator
				}
			}
			return false
		}
		if !c.query().Has("creator") {
			return false
		}
		c.change(func(status int, o object) int {
			if status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return hidden[i["id"].(string)] }))
			}
			return status
		})
		return true
	}
}
