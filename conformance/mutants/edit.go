package mutants

import (
	"strings"
	"sync"
)

// patches is a mutant that edits the bodies of edits.
func patches(id, class, text, killers string, edit func(o object)) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if !c.does("PATCH") {
			return
		}
		if o := parse(c.body); o != nil {
			edit(o)
			c.body = []byte(jsonOf(o))
		}
	})
}

func editMutants() []mutant {
	return []mutant{
		patches("M085", "edit", "an edit of the metadata resets the creator", "V1E-003", func(o object) {
			if _, ok := o["creator"]; !ok && o["metadata"] != nil {
				o["creator"] = ""
			}
		}),
		patches("M084", "edit", "an edit of the creator drops the metadata", "V1E-002", func(o object) {
			if _, ok := o["metadata"]; !ok && o["creator"] != nil {
				o["metadata"] = object{}
			}
		}),
		answering("M086", "edit", "an edit answers and does not store", "V1E-001 V1E-004", func(c *call) bool {
			if c.image("PATCH") == "" {
				return false
			}
			edit := parse(c.body)
			rec := c.askOther("GET", c.path, "", nil)
			o := parse(rec.Body.Bytes())
			if r, ok := o["result"].(object); ok && edit != nil {
				if edit["metadata"] != nil {
					r["meta"] = edit["metadata"]
				}
				if edit["creator"] != nil {
					r["creator"] = edit["creator"]
				}
			}
			c.reply(rec.Code, jsonOf(o))
			return true
		}),
		answering("M089", "edit", "editing an unknown image makes it", "V1E-010", func(c *call) bool {
			id := c.image("PATCH")
			if id == "" {
				return false
			}
			rec := c.ask()
			if rec.Code == 404 {
				c.uploadPNG(field{name: "id", body: id})
				rec = c.ask()
			}
			c.give(rec)
			return true
		}),
	}
}

func editRuleMutants() []mutant {
	return []mutant{
		patches("M090", "limits", "an edit has no limit of metadata", "V1E-011", func(o object) {
			if len(jsonOf(o["metadata"])) > 1024 {
				o["metadata"] = object{"cut": true}
			}
		}),
		patches("M094", "edit", "wrong types are coerced", "V1E-014", func(o object) {
			if o["requireSignedURLs"] == "yes" {
				o["requireSignedURLs"] = true
			}
		}),
		patches("M263b", "edit", "public images stay public", "V1E-005", func(o object) { delete(o, "requireSignedURLs") }),
		answering("M263", "edit", "an edit without changes is refused", "V1E-009", func(c *call) bool {
			if c.image("PATCH") != "" && string(c.body) == "{}" {
				c.refuse(400, 5400)
				return true
			}
			return false
		}),
		answering("M095", "edit", "filters do not follow an edit", "V1E-015 V2L-056", staleFilter()),
		asking("M012", "validation", "a PATCH that is not JSON is an empty edit", "ENV-012", func(c *call) {
			if c.image("PATCH") != "" && parse(c.body) == nil {
				c.body = []byte("{}")
			}
		}),
	}
}

// staleFilter answers a list from what the images were before their last edit.
func staleFilter() func(c *call) bool {
	var mu sync.Mutex
	before := map[string]object{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("PATCH") != "" {
			rec := c.askOther("GET", c.path, "", nil)
			if i, ok := parse(rec.Body.Bytes())["result"].(object); ok {
				before[i["id"].(string)] = i
			}
			return false
		}
		if !c.is("GET", "/images/v2") {
			return false
		}
		want := ""
		for name, v := range c.query() {
			if strings.HasPrefix(name, "meta.colour") {
				want = v[0]
			}
		}
		if want == "" {
			return false
		}
		c.renamed(func(string, string) (string, string) { return "", "" })
		c.change(func(status int, o object) int {
			kept := []object{}
			for _, i := range imagesIn(o) {
				old := i
				if b, ok := before[i["id"].(string)]; ok {
					old = b
				}
				if meta, ok := old["meta"].(object); ok && strings.Trim(jsonOf(meta["colour"]), `"`) == want {
					kept = append(kept, i)
				}
			}
			setImages(o, kept)
			return status
		})
		return true
	}
}
