package mutants

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

func subtleLists() []mutant {
	return slices.Concat(subtlePages(), subtleTokens(), subtleMembers(), subtleStale())
}

func v1(c *call) bool { return c.is("GET", "/images/v1") }

func v2(c *call) bool { return c.is("GET", "/images/v2") }

func listing(c *call) bool { return v1(c) || v2(c) }

// leaving is a mutant whose lists leave images out.
func leaving(id, class, text, killers string, about func(c *call) bool, out func(c *call, i object) bool) mutant {
	return changing(id, class, text, killers, func(c *call, status int, o object) int {
		if status == 200 && about(c) {
			setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return out(c, i) }))
		}
		return status
	})
}

func subtlePages() []mutant {
	return []mutant{
		answering("M442", "paging", "pages of V1 are made before the creator is looked at", "V1L-003", pagesFirst(v1)),
		answering("M443", "paging", "pages of V2 are made before the creator is looked at", "V2L-002", pagesFirst(v2)),
		asking("M445", "paging", "a page of V2 has 100 images by default", "V2L-020", func(c *call) {
			if q := c.query(); v2(c) && !q.Has("per_page") {
				q.Set("per_page", "100")
				c.setQuery(q)
			}
		}),
		asking("M446", "paging", "a page of V1 has 50 images by default", "V1L-018", func(c *call) {
			if q := c.query(); v1(c) && !q.Has("per_page") {
				q.Set("per_page", "50")
				c.setQuery(q)
			}
		}),
		asking("M447", "paging", "the second page of V1 forgets the creator", "V1L-005", func(c *call) {
			if n, _ := strconv.Atoi(c.query().Get("page")); v1(c) && n > 1 {
				c.drop("creator")
			}
		}),
		refusing("M448", "limits", "V2 refuses a per_page of more than 1000", "V2L-012", 400, 5400, func(c *call) bool {
			n, _ := strconv.Atoi(c.query().Get("per_page"))
			return v2(c) && n > 1000
		}),
		asking("M449", "paging", "V1 counts pages from 0", "V1L-005", func(c *call) {
			if n, err := strconv.Atoi(c.query().Get("page")); v1(c) && err == nil && n >= 0 {
				q := c.query()
				q.Set("page", strconv.Itoa(n+1))
				c.setQuery(q)
			}
		}),
		asking("M450", "filter", "the creator is trimmed in lists", "V1L-011 V2L-014", func(c *call) {
			if q := c.query(); listing(c) && q.Has("creator") && strings.TrimSpace(q.Get("creator")) != "" {
				q.Set("creator", strings.TrimSpace(q.Get("creator")))
				c.setQuery(q)
			}
		}),
	}
}

// pagesFirst looks for the creator on the page of everybody's images.
func pagesFirst(about func(c *call) bool) func(c *call) bool {
	return func(c *call) bool {
		creator := c.query().Get("creator")
		if !about(c) || creator == "" {
			return false
		}
		c.drop("creator")
		c.change(func(status int, o object) int {
			if status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return i["creator"] != creator }))
			}
			return status
		})
		return true
	}
}

func subtleTokens() []mutant {
	used := &set{}
	return []mutant{
		refusing("M451", "paging", "a token works once", "V2L-023", 400, 5400, func(c *call) bool {
			token := c.query().Get("continuation_token")
			again := used.contains(token)
			used.add(token)
			return v2(c) && token != "" && again
		}),
		answering("M452", "paging", "a token is lost with the image it ends with", "V2L-017 V2L-022", anchored(func(c *call, anchor string) bool {
			return c.askOther("GET", "/images/v1/"+pathEscape(anchor), "", nil).Code == 404
		})),
		answering("M453", "paging", "images of one millisecond are skipped at the end of a page", "V2L-004", byTime(func(t, last string, up bool) bool {
			return up && t > last || !up && t < last
		})),
		changing("M454", "paging", "the last token is empty text", "V2L-003", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && v2(c) && r["continuation_token"] == nil {
				r["continuation_token"] = ""
			}
			return status
		}),
		changing("M455", "paging", "the token is a number", "V2L-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && v2(c) && r["images"] != nil && r["continuation_token"] == nil {
				r["continuation_token"] = 0
			}
			return status
		}),
	}
}

// anchored remembers the last image of the page a token follows, and refuses
// the token when the anchor is lost.
func anchored(lost func(c *call, anchor string) bool) func(c *call) bool {
	var mu sync.Mutex
	anchors := map[string]string{}
	return func(c *call) bool {
		if !v2(c) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if id := anchors[c.query().Get("continuation_token")]; id != "" && lost(c, id) {
			c.refuse(400, 5400)
			return true
		}
		c.change(func(status int, o object) int {
			r, _ := o["result"].(object)
			images := imagesIn(o)
			if token, ok := r["continuation_token"].(string); ok && len(images) > 0 {
				anchors[token] = images[len(images)-1]["id"].(string)
			}
			return status
		})
		return true
	}
}

// byTime pages a list by the time of the last image alone.
func byTime(after func(t, last string, up bool) bool) func(c *call) bool {
	return func(c *call) bool {
		q := c.query()
		size, err := strconv.Atoi(q.Get("per_page"))
		if !v2(c) || err != nil || size < 1 || size > 1000 {
			return false
		}
		last, paged := strings.CutPrefix(q.Get("continuation_token"), "time:")
		if q.Has("continuation_token") && !paged {
			return false
		}
		c.drop("per_page", "continuation_token")
		c.change(func(status int, o object) int {
			if status != 200 {
				return status
			}
			var rest []object
			for _, i := range imagesIn(o) {
				if !paged || after(i["uploaded"].(string), last, q.Get("sort_order") == "asc") {
					rest = append(rest, i)
				}
			}
			page := rest[:min(size, len(rest))]
			setImages(o, page)
			o["result"].(object)["continuation_token"] = nil
			if len(rest) > size {
				o["result"].(object)["continuation_token"] = "time:" + page[size-1]["uploaded"].(string)
			}
			return status
		})
		return true
	}
}

func subtleMembers() []mutant {
	named := func(i object) bool { return !uuidForm.MatchString(i["id"].(string)) }
	finished := &set{}
	return []mutant{
		leaving("M456", "flags", "V2 does not list private images", "V2L-018", v2, func(_ *call, i object) bool { return i["requireSignedURLs"] == true }),
		leaving("M457", "flags", "V1 does not list private images", "V1L-015", v1, func(_ *call, i object) bool { return i["requireSignedURLs"] == true }),
		leaving("M458", "identity", "V1 does not list images with custom ids", "V1L-015", v1, func(_ *call, i object) bool { return named(i) }),
		changing("M459", "draft", "V1 does not list finished drafts", "V1L-015", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.posting() && status == 200 {
				finished.add(jsonOf(r["id"]))
			}
			if v1(c) && status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return finished.contains(jsonOf(i["id"])) }))
			}
			return status
		}),
		changing("M460", "draft", "lists with a filter have drafts", "V2L-015", draftsIn(func(c *call) bool {
			return v2(c) && strings.Contains(c.r.URL.RawQuery, "meta.")
		})),
		changing("M461", "draft", "lists without a creator have drafts", "V1L-013 V2L-015", draftsIn(func(c *call) bool {
			return listing(c) && !c.query().Has("creator")
		})),
		asking("M462", "filter", "an empty creator beside a filter is none", "V2L-043", func(c *call) {
			if v2(c) && c.query().Has("creator") && c.query().Get("creator") == "" && strings.Contains(c.r.URL.RawQuery, "meta.") {
				c.drop("creator")
			}
		}),
		asking("M463", "filter", "V2 takes an empty creator for none", "V2L-014", func(c *call) {
			if v2(c) && c.query().Get("creator") == "" {
				c.drop("creator")
			}
		}),
	}
}

// draftsIn adds drafts to some lists.
func draftsIn(about func(c *call) bool) func(c *call, status int, o object) int {
	var mu sync.Mutex
	var ids []string
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		r, _ := o["result"].(object)
		if id, ok := r["id"].(string); ok && c.draft() && status == 200 {
			ids = append(ids, id)
		}
		if status == 200 && about(c) {
			images := imagesIn(o)
			for _, id := range ids {
				if d := c.resultOf("/images/v1/" + pathEscape(id)); d["draft"] == true {
					images = append(images, d)
				}
			}
			setImages(o, images)
		}
		return status
	}
}

func subtleStale() []mutant {
	return []mutant{
		changing("M465", "filter", "lists with a filter have deleted images", "V1D-003", lingering(func(c *call) bool { return c.image("DELETE") != "" }, func(c *call) bool {
			return v2(c) && strings.Contains(c.r.URL.RawQuery, "meta.")
		})),
		changing("M466", "edit", "an image whose id was changed is listed under both", "V1E-017", lingering(func(c *call) bool {
			return c.image("PATCH") != "" && strings.Contains(string(c.body), "requireSignedURLs")
		}, listing)),
		answering("M467", "ordering", "an edit makes an image the newest of V2", "V2L-021", touched()),
	}
}

// lingering lists what some requests have removed.
func lingering(removes, about func(c *call) bool) func(c *call, status int, o object) int {
	var mu sync.Mutex
	known := map[string]object{}
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		for _, i := range imagesIn(o) {
			known[pathEscape(i["id"].(string))] = i
		}
		id := c.image("PATCH") + c.image("DELETE")
		if removes(c) && status == 200 && known[id] != nil {
			known[id]["gone"] = true
		}
		if status != 200 || !about(c) {
			return status
		}
		images := imagesIn(o)
		for _, i := range known {
			if i["gone"] == true && c.askOther("GET", "/images/v1/"+pathEscape(i["id"].(string)), "", nil).Code == 404 && i["creator"] == c.query().Get("creator") {
				shown := object{}
				for k, v := range i {
					if k != "gone" {
						shown[k] = v
					}
				}
				images = append(images, shown)
			}
		}
		setImages(o, images)
		return status
	}
}

// touched lists images that were edited before all others.
func touched() func(c *call) bool {
	edited := &set{}
	return func(c *call) bool {
		if id := c.image("PATCH"); id != "" {
			edited.add(id)
		}
		if !v2(c) || c.query().Get("sort_order") == "asc" {
			return false
		}
		c.change(func(status int, o object) int {
			images := imagesIn(o)
			if status == 200 {
				slices.SortStableFunc(images, func(a, b object) int {
					x, y := edited.contains(pathEscape(a["id"].(string))), edited.contains(pathEscape(b["id"].(string)))
					switch {
					case x == y:
						return 0
					case x:
						return -1
					}
					return 1
				})
				setImages(o, images)
			}
			return status
		})
		return true
	}
}
