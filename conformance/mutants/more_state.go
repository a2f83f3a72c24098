package mutants

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

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
			if prefix, ok := strings.CutPrefix(c.path, variants+"/"); ok && c.does("GET") && rec.Code == 404 {
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
		gone = gone || c.does("DELETE") && strings.HasSuffix(c.path, "/keys/default")
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
		if id, ok := strings.CutPrefix(c.path, "/images/v1/variants/"); ok && c.does("DELETE") && status == 200 {
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
	late := time.NewTimer(8 * time.Millisecond)
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
