package mutants

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
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

func moreFilters() []mutant {
	return []mutant{
		own("M180", "filter", "5.0 is not 5", "V2L-035", "[eq:number]", func(v any, there bool, operand string) bool {
			n, ok := v.(json.Number)
			return there && ok && n.String() == operand
		}),
		own("M183", "filter", "what is not there is false", "V2L-034", "[eq:boolean]", func(v any, there bool, operand string) bool {
			b, ok := v.(bool)
			return ok && strconv.FormatBool(b) == operand || !there && operand == "false"
		}),
		answering("M191", "filter", "one filter of several is enough", "V2L-042", anyFilter),
	}
}

// own is a mutant that applies the filters with one operator in its own way.
func own(id, class, text, killers, operator string, match func(v any, there bool, operand string) bool) mutant {
	return answering(id, class, text, killers, func(c *call) bool {
		member, operand := "", ""
		for name, v := range c.query() {
			if rest, ok := strings.CutPrefix(name, "meta."); ok && strings.HasSuffix(rest, operator) {
				member, operand = strings.TrimSuffix(rest, operator), v[0]
			}
		}
		if !c.is("GET", "/images/v2") || member == "" {
			return false
		}
		c.renamed(func(string, string) (string, string) { return "", "" })
		c.change(func(status int, o object) int {
			setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool {
				meta, _ := i["meta"].(object)
				v, there := meta[member]
				return !match(v, there, operand)
			}))
			return status
		})
		return true
	})
}

// anyFilter answers the images that any of the filters finds.
func anyFilter(c *call) bool {
	all, filters := c.query(), []string{}
	for name := range all {
		if strings.HasPrefix(name, "meta.") {
			filters = append(filters, name)
		}
	}
	if !c.is("GET", "/images/v2") || len(filters) < 2 || len(filters) > 5 {
		return false
	}
	found := map[string]bool{}
	for _, f := range filters {
		q := c.query()
		for _, other := range filters {
			if other != f {
				q.Del(other)
			}
		}
		for _, i := range imagesIn(object{"result": c.resultOf("/images/v2?" + q.Encode())}) {
			found[i["id"].(string)] = true
		}
	}
	c.drop(filters...)
	c.change(func(status int, o object) int {
		setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return !found[i["id"].(string)] }))
		return status
	})
	return true
}

func moreAccount() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		changing("M125", "keys", "the last key comes back with its old value", "KYD-005", oldDefault()),
		answering("M135", "variants", "variants match by their beginning", "VRG-003", func(c *call) bool {
			rec := c.ask()
			if prefix, ok := strings.CutPrefix(c.path, variants+"/"); ok && c.r.Method == "GET" && rec.Code == 404 {
				list, _ := c.resultOf(variants)["variants"].(object)
				for id := range list {
					if strings.HasPrefix(id, prefix) {
						rec = c.askOther("GET", variants+"/"+id, "", nil)
					}
				}
			}
			c.give(rec)
			return true
		}),
		changing("M154", "variants", "images keep the URLs of deleted variants", "VRD-004", deadVariants()),
		answering("M232", "race", "uploads at once are counted once", "CON-005", lostCounts()),
	}
}

// oldDefault gives the key called default the value it had first, once it was
// deleted.
func oldDefault() func(c *call, status int, o object) int {
	var mu sync.Mutex
	var value any
	gone := false
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		gone = gone || c.r.Method == "DELETE" && strings.HasSuffix(c.path, "/keys/default")
		for _, k := range keysOf(o) {
			key := k.(object)
			switch {
			case key["name"] != "default":
			case gone && value != nil:
				key["value"] = value
			default:
				value = key["value"]
			}
		}
		return status
	}
}

func deadVariants() func(c *call, status int, o object) int {
	var mu sync.Mutex
	var dead []string
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		if id, ok := strings.CutPrefix(c.path, "/images/v1/variants/"); ok && c.r.Method == "DELETE" && status == 200 {
			dead = append(dead, id)
		}
		for _, i := range imagesIn(o) {
			urls, _ := i["variants"].([]any)
			if len(urls) == 0 {
				continue
			}
			first, _ := urls[0].(string)
			for _, id := range dead {
				urls = append(urls, first[:strings.LastIndexByte(first, '/')+1]+id)
			}
			i["variants"] = urls
		}
		return status
	}
}

// crowd tells requests that come while another is on its way.
type crowd struct {
	mu  sync.Mutex
	now map[string]int
}

// enter returns how many others are about the same, and what to call at the
// end. Nobody ends before others had time to come.
func (w *crowd) enter(about string) (others int, leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now == nil {
		w.now = map[string]int{}
	}
	w.now[about]++
	late := time.NewTimer(3 * time.Millisecond)
	return w.now[about] - 1, func() {
		<-late.C
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now[about]--
	}
}

func lostCounts() func(c *call) bool {
	uploads := &crowd{}
	var mu sync.Mutex
	lost := 0
	return func(c *call) bool {
		if c.is("GET", "/images/v1/stats") {
			c.change(func(status int, o object) int {
				mu.Lock()
				defer mu.Unlock()
				return counting(func(count object) {
					n, _ := strconv.Atoi(jsonOf(count["current"]))
					count["current"] = max(n-lost, 0)
				})(c, status, o)
			})
			return true
		}
		if !c.upload() {
			return false
		}
		others, leave := uploads.enter("")
		defer leave()
		rec := c.ask()
		if others > 0 && rec.Code == 200 {
			mu.Lock()
			lost++
			mu.Unlock()
		}
		c.give(rec)
		return true
	}
}

func moreDrafts() []mutant {
	return []mutant{
		answering("M216", "store", "a draft replaces the image that has its id", "DUC-008", func(c *call) bool {
			if id, _ := c.text("id"); c.draft() && id != "" {
				c.askOther("DELETE", "/images/v1/"+pathEscape(id), "", nil)
			}
			return false
		}),
		answering("M220", "draft", "a second file replaces the first", "DUU-002", replaced()),
		asking("M223", "limits", "posted files may have any size", "DUU-005", func(c *call) {
			if c.posting() && len(c.body) > 10_000_000 {
				c.setFields([]field{aFile()})
			}
		}),
		answering("M225", "security", "an upload URL for any id is good", "DUU-008", strangers()),
		answering("M227", "race", "two files that come at once both succeed", "DUU-012", twoWinners()),
	}
}

func replaced() func(c *call) bool {
	var mu sync.Mutex
	ids := map[string]string{}
	return func(c *call) bool {
		if !c.posting() {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if id := ids[c.r.URL.Path]; id != "" {
			c.give(c.overwritten(id))
			return true
		}
		rec := c.ask()
		if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && rec.Code == 200 {
			ids[c.r.URL.Path], _ = r["id"].(string)
		}
		c.give(rec)
		return true
	}
}

// overwritten stores the posted file under an id of the first account.
func (c *call) overwritten(id string) *answer {
	for _, f := range c.fields() {
		if !f.file {
			continue
		}
		other := *c
		other.r = c.r.Clone(c.r.Context())
		other.r.Header.Set("Authorization", "Bearer "+c.first.Token)
		other.r.Method, other.body = "DELETE", nil
		other.setPath("/client/v4/accounts/" + c.first.AccountID + "/images/v1/" + pathEscape(id))
		other.ask()
		other.r.Method = "POST"
		other.setPath("/client/v4/accounts/" + c.first.AccountID + "/images/v1")
		other.setFields([]field{f, {name: "id", body: id}})
		return other.ask()
	}
	return c.ask()
}

// strangers answers posts to URLs that were never given away with a success.
func strangers() func(c *call) bool {
	given := &set{}
	return func(c *call) bool {
		rec := c.ask()
		if r, ok := parse(rec.Body.Bytes())["result"].(object); ok && c.draft() && rec.Code == 200 {
			if u, err := c.r.URL.Parse(r["uploadURL"].(string)); err == nil {
				given.add(u.Path)
			}
		}
		if c.posting() && rec.Code >= 400 && !given.contains(c.r.URL.Path) {
			c.success(`{"id":"stranger"}`)
			return true
		}
		c.give(rec)
		return true
	}
}

// twoWinners answers every file that comes while another does with a success.
func twoWinners() func(c *call) bool {
	posts := &crowd{}
	var mu sync.Mutex
	won := map[string][]byte{}
	return func(c *call) bool {
		if !c.posting() {
			return false
		}
		others, leave := posts.enter(c.r.URL.Path)
		defer leave()
		mu.Lock()
		defer mu.Unlock()
		rec := c.ask()
		if rec.Code == 200 {
			won[c.r.URL.Path] = bytes.Clone(rec.Body.Bytes())
		} else if text := won[c.r.URL.Path]; others > 0 && text != nil {
			c.reply(200, string(text))
			return true
		}
		c.give(rec)
		return true
	}
}
