package mutants

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// partialMutants are right in most answers, and wrong in one of them or after
// one way to get there.
func partialMutants() []mutant {
	return slices.Concat(partialUploads(), takenIDs(), partialEdits(), mergedEdits(), movedEdits(), partialRemovals(), partialBlobs(), partialLists(), lostRaces())
}

func partialUploads() []mutant {
	return []mutant{
		answered("M820", "state", "a list V1 shows every image as public", "V1L-015", v1, func(r object) {
			for _, i := range imagesIn(object{"result": r}) {
				i["requireSignedURLs"] = false
			}
		}),
		answered("M821", "state", "an upload shows the variant public only", "VRC-011", uploads, func(r object) {
			list, _ := r["variants"].([]any)
			if len(list) > 1 {
				r["variants"] = slices.DeleteFunc(list, func(v any) bool { return !strings.HasSuffix(v.(string), "/public") })
			}
		}),
		changing("M910", "variants", "lists show the variants there were at an upload", "VRC-011", func() func(c *call, status int, o object) int {
			known := sync.Map{}
			return func(c *call, status int, o object) int {
				for _, i := range imagesIn(o) {
					if old, ok := known.LoadOrStore(i["id"], i["variants"]); ok && listing(c) {
						i["variants"] = old
					}
				}
				return status
			}
		}()),
		answered("M822", "schema", "a list V1 shows whole seconds", "V1L-015", v1, func(r object) {
			for _, i := range imagesIn(object{"result": r}) {
				if s, ok := i["uploaded"].(string); ok && len(s) > 19 {
					i["uploaded"] = s[:19] + "Z"
				}
			}
		}),
	}
}

func takenIDs() []mutant {
	kept := &set{}
	return []mutant{
		answering("M823", "store", "a refused upload gives the image its metadata", "V1C-016", func(c *call) bool {
			rec := c.ask()
			id, _ := c.text("id")
			if text, ok := c.text("metadata"); c.upload() && rec.Code == 409 && ok {
				c.edit(pathEscape(id), `{"metadata":`+text+`}`)
			}
			c.give(rec)
			return true
		}),
		answering("M824", "store", "an id that was deleted is never free", "V1D-009", func(c *call) bool {
			if id := c.image("DELETE"); id != "" {
				kept.add(id)
			}
			if id, ok := c.text("id"); c.upload() && ok && kept.contains(pathEscape(id)) {
				c.refuse(409, 5409)
				return true
			}
			return false
		}),
		answering("M825", "store", "an upload takes the id of a draft", "V1C-016", func(c *call) bool {
			id, _ := c.text("id")
			if c.upload() && id != "" && c.resultOf("/images/v1/" + pathEscape(id))["draft"] == true {
				c.askOther("DELETE", "/images/v1/"+pathEscape(id), "", nil)
			}
			return false
		}),
	}
}

func partialEdits() []mutant {
	moved := &set{}
	return []mutant{
		answering("M826", "edit", "an image that gets a new id loses its creator", "V1E-019", func(c *call) bool {
			id := c.image("PATCH")
			rec := c.ask()
			o, _ := parse(rec.Body.Bytes())["result"].(object)
			if n, _ := o["id"].(string); id != "" && rec.Code == 200 && pathEscape(n) != id && parse(c.body)["creator"] == nil {
				c.edit(n, `{"creator":""}`)
				o["creator"] = ""
				c.success(jsonOf(o))
				return true
			}
			c.give(rec)
			return true
		}),
		answering("M827", "edit", "the blob is not found under a new id", "V1E-012", func(c *call) bool {
			rec := c.ask()
			o, _ := parse(rec.Body.Bytes())["result"].(object)
			if n, _ := o["id"].(string); c.image("PATCH") != "" && n != "" && n != c.image("PATCH") {
				moved.add("/images/v1/" + n + "/blob")
			}
			if moved.contains(c.path) {
				c.refuse(404, 5404)
				return true
			}
			c.give(rec)
			return true
		}),
	}
}

// mergedEdits write something else than they were sent.
func mergedEdits() []mutant {
	return []mutant{
		edits("M828", "an edit without a creator drops nested metadata", "V1E-019", func(c *call, o object) {
			if o["creator"] == nil && o["metadata"] == nil {
				old, _ := c.resultOf(c.path)["meta"].(object)
				for k, v := range old {
					if _, ok := v.(object); ok {
						delete(old, k)
						o["metadata"] = old
					}
				}
			}
		}),
		edits("M829", "nested metadata is merged", "V1E-001", func(c *call, o object) {
			next, _ := o["metadata"].(object)
			old, _ := c.resultOf(c.path)["meta"].(object)
			for k, v := range next {
				inner, _ := v.(object)
				before, _ := old[k].(object)
				for k2, v2 := range before {
					if _, ok := inner[k2]; inner != nil && !ok {
						inner[k2] = v2
					}
				}
			}
		}),
		answering("M830", "edit", "a refused edit changes the creator", "STM-003", func(c *call) bool {
			rec := c.ask()
			if creator, ok := parse(c.body)["creator"].(string); ok && c.image("PATCH") != "" && rec.Code == 400 {
				c.edit(c.image("PATCH"), jsonOf(object{"creator": creator}))
			}
			c.give(rec)
			return true
		}),
	}
}

// movedEdits answer wrongly when an image gets another id.
func movedEdits() []mutant {
	return []mutant{
		answering("M831", "edit", "a private image that becomes public keeps its id in the answer", "V1E-007", func(c *call) bool {
			id := c.image("PATCH")
			c.change(func(status int, o object) int {
				if r, ok := o["result"].(object); ok && id != "" && status == 200 && r["requireSignedURLs"] == false && r["id"] != id {
					r["id"] = id
				}
				return status
			})
			return true
		}),
		answered("M832", "edit", "an edit answers the variants of the old id", "V1G-010", func(c *call) bool { return c.image("PATCH") != "" }, func(r object) {
			list, _ := r["variants"].([]any)
			for i, v := range list {
				list[i] = strings.Replace(v.(string), r["id"].(string), "00000000-0000-4000-8000-000000000000", 1)
			}
		}),
		edits("M833", "metadata of an edit loses members that are null", "V1E-001", func(_ *call, o object) {
			m, _ := o["metadata"].(object)
			for k, v := range m {
				if v == nil {
					delete(m, k)
				}
			}
		}),
	}
}

func partialRemovals() []mutant {
	return []mutant{
		answering("M834", "delete", "private images are not deleted", "V1D-001", func(c *call) bool {
			if c.image("DELETE") != "" && c.resultOf(c.path)["requireSignedURLs"] == true {
				c.success(`{}`)
				return true
			}
			return false
		}),
		answering("M835", "delete", "drafts are not deleted", "V1D-008", func(c *call) bool {
			if c.image("DELETE") != "" && c.resultOf(c.path)["draft"] == true {
				c.success(`{}`)
				return true
			}
			return false
		}),
		refusing("M836", "delete", "a deletion with a body is refused", "V1D-011", 400, 5400, func(c *call) bool {
			return c.does("DELETE") && len(c.body) > 0
		}),
		refusing("M837", "delete", "a deletion of type JSON needs a body", "V1D-011", 400, 5400, func(c *call) bool {
			return c.does("DELETE") && len(c.body) == 0 && strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json")
		}),
	}
}

func partialBlobs() []mutant {
	drafted := &set{}
	return []mutant{
		answering("M838", "blob", "what came by an upload URL has no blob", "DUU-006", func(c *call) bool {
			rec := c.ask()
			if o, _ := parse(rec.Body.Bytes())["result"].(object); c.draft() && rec.Code == 200 {
				drafted.add("/images/v1/" + pathEscape(o["id"].(string)) + "/blob")
			}
			if drafted.contains(c.path) {
				c.refuse(404, 5404)
				return true
			}
			c.give(rec)
			return true
		}),
		answering("M839", "blob", "every blob says it is PNG", "BLB-002", func(c *call) bool {
			rec := c.ask()
			if c.blob() && rec.Code == 200 {
				rec.Header().Set("Content-Type", "image/png")
			}
			c.give(rec)
			return true
		}),
		answering("M840", "blob", "private images have no blob", "BLB-007", func(c *call) bool {
			if c.blob() && c.resultOf(strings.TrimSuffix(c.path, "/blob"))["requireSignedURLs"] == true {
				c.refuse(403, 5403)
				return true
			}
			return false
		}),
	}
}

func partialLists() []mutant {
	return []mutant{
		asking("M842", "paging", "later pages go the other way", "V2L-008", func(c *call) {
			if q := c.query(); v2(c) && q.Get("continuation_token") != "" && q.Get("sort_order") == "asc" {
				q.Del("sort_order")
				c.setQuery(q)
			}
		}),
		asking("M843", "paging", "later pages are of every creator", "V2L-004", func(c *call) {
			if c.query().Get("continuation_token") != "" && v2(c) {
				c.drop("creator")
			}
		}),
		changing("M844", "paging", "a full last page has a token", "V2L-024", func(c *call, status int, o object) int {
			r, _ := o["result"].(object)
			if v2(c) && status == 200 && r["continuation_token"] == nil && jsonOf(len(imagesIn(o))) == c.query().Get("per_page") {
				r["continuation_token"] = "the-end"
			}
			if v2(c) && c.query().Get("continuation_token") == "the-end" {
				o["result"], o["success"], o["errors"] = object{"images": []any{}, "continuation_token": nil}, true, []any{}
				return 200
			}
			return status
		}),
	}
}

// lostRaces lose what is written at the same time, or what is beyond a page.
func lostRaces() []mutant {
	drafts := &crowd{}
	return []mutant{
		answering("M913", "paging", "pages of V1 begin where per_page says, also beyond the most there may be", "V1L-009", func(c *call) bool {
			n, _ := strconv.Atoi(c.query().Get("per_page"))
			page, _ := strconv.Atoi(c.query().Get("page"))
			if !v1(c) || n <= 100 || page < 2 {
				return false
			}
			q := c.query()
			q.Set("page", strconv.Itoa((page-1)*n/100+1))
			c.setQuery(q)
			return false
		}),
		answering("M914", "race", "two drafts of one id that are asked for at once are both given", "CON-001", func(c *call) bool {
			id, _ := c.text("id")
			if !c.draft() || id == "" {
				return false
			}
			others, leave := drafts.enter(id)
			defer leave()
			rec := c.ask()
			if others > 0 && rec.Code == 409 {
				c.success(jsonOf(object{"id": id, "uploadURL": "https://upload.invalid/hash/" + pathEscape(id)}))
				return true
			}
			c.give(rec)
			return true
		}),
		answering("M915", "race", "an edit of the creator writes back the metadata it read", "CON-007", lostMetadata()),
	}
}

// lostMetadata lets an edit of the creator undo an edit of the metadata that runs
// at the same time.
func lostMetadata() func(c *call) bool {
	edits, running := &crowd{}, &sync.Map{} // running leads from images to their metadata before an edit
	return func(c *call) bool {
		id, o := c.image("PATCH"), parse(c.body)
		if id == "" {
			return false
		}
		if o["metadata"] != nil {
			running.Store(id, c.resultOf(c.path)["meta"])
			_, leave := edits.enter(id)
			rec := c.ask()
			leave()
			running.Delete(id)
			c.give(rec)
			return true
		}
		before, ok := running.Load(id)
		_, leave := edits.enter(id)
		leave()
		if !ok {
			before, ok = running.Load(id)
		}
		if ok && o["creator"] != nil && before != nil {
			o["metadata"] = before
			c.body = []byte(jsonOf(o))
		}
		return false
	}
}
