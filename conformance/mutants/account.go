package mutants

import (
	"slices"
	"strings"
)

// variantsIn edits every variant of an answer.
func variantsIn(o object, edit func(v object)) {
	r, ok := o["result"].(object)
	if !ok {
		return
	}
	if v, ok := r["variant"].(object); ok {
		edit(v)
	}
	if all, ok := r["variants"].(object); ok {
		for _, v := range all {
			edit(v.(object))
		}
	}
}

func variantAnswers(id, class, text, killers string, edit func(v object)) mutant {
	return changing(id, class, text, killers, func(_ *call, status int, o object) int {
		variantsIn(o, edit)
		return status
	})
}

func variantBodies(id, class, text, killers string, edit func(o object)) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if c.does("GET") || !strings.HasPrefix(c.path, "/images/v1/variants") {
			return
		}
		if o := parse(c.body); o != nil {
			edit(o)
			c.body = []byte(jsonOf(o))
		}
	})
}

func keysOf(o object) []any {
	r, _ := o["result"].(object)
	list, _ := r["keys"].([]any)
	return list
}

func accountMutants() []mutant {
	return slices.Concat(keyMutants(), keyDeleteMutants(), countMutants(), variantMutants(), variantWriteMutants(), variantDeleteMutants())
}

func keyMutants() []mutant {
	keys := "/images/v1/keys"
	return []mutant{
		changing("M114", "keys", "there are no keys", "KYL-002", func(_ *call, status int, o object) int {
			if keysOf(o) != nil {
				o["result"] = object{"keys": []any{}}
			}
			return status
		}),
		changing("M115", "keys", "all keys have one value", "KYL-003 KYD-005", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				k.(object)["value"] = "00000000000000000000000000000000"
			}
			return status
		}),
		changing("M116", "keys", "PUT answers the new key only", "KYU-001 KYU-002", func(c *call, status int, o object) int {
			if list := keysOf(o); c.does("PUT") && len(list) > 0 {
				o["result"] = object{"keys": list[len(list)-1:]}
			}
			return status
		}),
		answering("M119", "keys", "PUT does not rotate", "KYU-004", func(c *call) bool {
			rec := c.askOther("GET", keys, "", nil)
			if !c.does("PUT") || !strings.Contains(rec.Body.String(), `"`+strings.TrimPrefix(c.path, keys+"/")+`"`) {
				return false
			}
			c.give(rec)
			return true
		}),
		answering("M120", "keys", "PUT does not store", "KYU-003", func(c *call) bool {
			if !c.does("PUT") {
				return false
			}
			rec := c.ask()
			c.askOther("DELETE", c.path, "", nil)
			c.give(rec)
			return true
		}),
	}
}

func keyDeleteMutants() []mutant {
	keys := "/images/v1/keys"
	return []mutant{
		answering("M121", "keys", "DELETE answers the deleted key, too", "KYD-001", func(c *call) bool {
			if !c.below("DELETE", keys) {
				return false
			}
			before := c.askOther("GET", keys, "", nil)
			if rec := c.ask(); rec.Code != 200 {
				c.give(rec)
				return true
			}
			c.give(before)
			return true
		}),
		answering("M122", "keys", "deleting a key does nothing", "KYD-002", func(c *call) bool {
			if !c.below("DELETE", keys) {
				return false
			}
			c.change(func(status int, o object) int { return status })
			c.askOther("PUT", c.path, "", nil)
			return true
		}),
		answering("M123", "keys", "deleting an unknown key is a success", "KYD-003", func(c *call) bool {
			if !c.below("DELETE", keys) {
				return false
			}
			if rec := c.ask(); rec.Code == 404 {
				c.give(c.askOther("GET", keys, "", nil))
			} else {
				c.give(rec)
			}
			return true
		}),
		asking("M266", "validation", "a blank key name is accepted", "KYU-006", func(c *call) {
			if c.does("PUT") && c.path == keys+"/%20" {
				c.setTail(keys + "/blank")
			}
		}),
	}
}

func countMutants() []mutant {
	return []mutant{
		changing("M126", "stats", "the count never changes", "STA-002 STA-003 STA-005", func(c *call, status int, o object) int {
			if c.is("GET", "/images/v1/stats") {
				o["result"] = object{"count": object{"current": 7, "allowed": 100000}}
			}
			return status
		}),
		changing("M131", "stats", "the count stops at 100", "STA-005", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.is("GET", "/images/v1/stats") {
				n := jsonOf(r["count"].(object)["current"])
				if len(n) > 2 {
					r["count"].(object)["current"] = 100
				}
			}
			return status
		}),
	}
}

func variantMutants() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		changing("M132", "variants", "the variants are an array", "VRL-001", func(c *call, status int, o object) int {
			if c.is("GET", variants) {
				o["result"] = object{"variants": []any{}}
			}
			return status
		}),
		changing("M133", "variants", "there is no variant public", "VRL-002", func(c *call, status int, o object) int {
			if c.is("GET", variants) {
				o["result"] = object{"variants": object{}}
			}
			return status
		}),
		answering("M134", "variants", "an unknown variant is the default", "VRG-002 VRD-001 VRG-003", func(c *call) bool {
			if !c.below("GET", variants) {
				return false
			}
			rec := c.ask()
			if rec.Code == 404 {
				rec = c.askOther("GET", variants+"/public", "", nil)
			}
			c.give(rec)
			return true
		}),
		variantAnswers("M136", "variants", "width and height are swapped", "VRC-001", func(v object) {
			o := v["options"].(object)
			o["width"], o["height"] = o["height"], o["width"]
		}),
		variantAnswers("M137", "variants", "the fit is always scale-down", "VRC-002 VRE-001", func(v object) { v["options"].(object)["fit"] = "scale-down" }),
		variantAnswers("M138", "variants", "the treatment of metadata is ignored", "VRC-003", func(v object) { v["options"].(object)["metadata"] = "none" }),
	}
}

func variantWriteMutants() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		variantBodies("M139", "variants", "neverRequireSignedURLs is true by default", "VRC-004", func(o object) {
			if _, ok := o["neverRequireSignedURLs"]; !ok {
				o["neverRequireSignedURLs"] = true
			}
		}),
		variantBodies("M142", "validation", "a size of 0 is accepted", "VRC-007 VRE-003", func(o object) {
			if opts, ok := o["options"].(object); ok && (jsonOf(opts["width"]) == "0" || jsonOf(opts["height"]) == "0") {
				opts["width"], opts["height"] = 1, 1
			}
		}),
		variantBodies("M141", "validation", "missing options have defaults", "VRC-005", func(o object) {
			for name, value := range map[string]any{"fit": "cover", "width": 1, "height": 1, "metadata": "none"} {
				opts, ok := o["options"].(object)
				if !ok {
					opts = object{}
					o["options"] = opts
				}
				if opts[name] == nil {
					opts[name] = value
				}
			}
		}),
		answering("M146", "variants", "an edit of a variant is not stored", "VRE-001", func(c *call) bool {
			if !c.below("PATCH", variants) {
				return false
			}
			before := c.askOther("GET", c.path, "", nil)
			rec := c.ask()
			if v := parse(before.Body.Bytes()); before.Code == 200 {
				c.askOther("PATCH", c.path, "application/json", []byte(jsonOf(v["result"].(object)["variant"])))
			}
			c.give(rec)
			return true
		}),
		answering("M149", "variants", "an edit changes every variant", "VRE-004", func(c *call) bool {
			rec := c.ask()
			if c.below("PATCH", variants) && rec.Code == 200 {
				list := parse(c.askOther("GET", variants, "", nil).Body.Bytes())["result"].(object)["variants"].(object)
				for id := range list {
					c.askOther("PATCH", variants+"/"+id, "application/json", c.body)
				}
			}
			c.give(rec)
			return true
		}),
		answering("M150", "variants", "an id in an edit renames", "VRE-005", func(c *call) bool {
			o := parse(c.body)
			if !c.below("PATCH", variants) || o["id"] == nil {
				return false
			}
			c.askOther("DELETE", c.path, "", nil)
			c.give(c.askOther("POST", variants, "application/json", c.body))
			return true
		}),
	}
}

func variantDeleteMutants() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		answering("M151", "variants", "deleting a variant does nothing", "VRD-001 VRD-004", func(c *call) bool {
			if !c.below("DELETE", variants) || c.askOther("GET", c.path, "", nil).Code != 200 {
				return false
			}
			c.success("{}")
			return true
		}),
		answering("M152", "variants", "deleting an unknown variant is a success", "VRD-002", func(c *call) bool {
			if !c.below("DELETE", variants) {
				return false
			}
			c.ask()
			c.success("{}")
			return true
		}),
		changing("M247", "variants", "a variant is not wrapped", "VRG-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && r["variant"] != nil {
				o["result"] = r["variant"]
			}
			return status
		}),
		variantAnswersIn("M246", "variants", "listed variants lack options", "VRL-004 VRL-001", func(v object) { delete(v, "options") }),
		asking("M267", "validation", "ids of variants may have hyphens", "VRC-009", func(c *call) {
			if o := parse(c.body); c.is("POST", variants) && o["id"] != nil {
				o["id"] = strings.NewReplacer("-", "", "_", "", " ", "", "/", "").Replace(o["id"].(string))
				c.body = []byte(jsonOf(o))
			}
		}),
	}
}

// variantAnswersIn edits the list of variants only.
func variantAnswersIn(id, class, text, killers string, edit func(v object)) mutant {
	return changing(id, class, text, killers, func(c *call, status int, o object) int {
		if c.is("GET", "/images/v1/variants") {
			variantsIn(o, edit)
		}
		return status
	})
}
