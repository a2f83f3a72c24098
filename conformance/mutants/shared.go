package mutants

import (
	"slices"
	"strconv"
	"strings"
)

func sharedMutants() []mutant {
	return slices.Concat(storedKeyMutants(), allowanceMutants(), storedVariantMutants(), emptyCountMutants())
}

func storedKeyMutants() []mutant {
	keys, gone, twice := "/images/v1/keys", &set{}, &set{}
	return []mutant{
		changing("M244", "schema", "the values of keys are empty", "KYL-001", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				k.(object)["value"] = ""
			}
			return status
		}),
		changing("M118", "keys", "PUT of a name that exists adds a key", "KYU-004 CON-006", func(c *call, status int, o object) int {
			name := strings.TrimPrefix(c.path, keys+"/")
			if c.does("PUT") && gone.contains("put "+name) {
				twice.add(name)
			}
			if c.does("PUT") {
				gone.add("put " + name)
			}
			for _, k := range keysOf(o) {
				if twice.contains(k.(object)["name"].(string)) {
					o["result"].(object)["keys"] = append(keysOf(o), k)
				}
			}
			return status
		}),
		changing("M124", "keys", "deleting the last key leaves none", "KYD-004", func(c *call, status int, o object) int {
			if c.below("DELETE", keys) && len(keysOf(o)) == 1 && keysOf(o)[0].(object)["name"] == "default" {
				gone.add("keys")
			}
			if keysOf(o) != nil && gone.contains("keys") {
				o["result"] = object{"keys": []any{}}
			}
			return status
		}),
	}
}

func allowanceMutants() []mutant {
	return []mutant{
		changing("M127", "stats", "more images are stored than allowed", "STA-001", counting(func(count object) { count["allowed"] = -1 })),
		answering("M128", "stats", "drafts are counted", "STA-004", func(c *call) bool {
			if c.draft() {
				c.uploadPNG()
			}
			return false
		}),
		changing("M129", "stats", "uploads use up what is allowed", "STA-006", counting(func(count object) {
			n, _ := strconv.Atoi(jsonOf(count["current"]))
			count["allowed"] = 100000 - n
		})),
	}
}

func storedVariantMutants() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		answering("M245", "variants", "the list of variants never changes", "VRL-003", first(func(c *call) bool { return c.is("GET", variants) })),
		answering("M140", "variants", "a variant that exists is overwritten", "VRC-008", func(c *call) bool {
			rec := c.ask()
			if id, _ := parse(c.body)["id"].(string); c.is("POST", variants) && rec.Code == 409 {
				rec = c.askOther("PATCH", variants+"/"+id, "application/json", c.body)
			}
			c.give(rec)
			return true
		}),
		answering("M144", "limits", "the 101st variant is accepted", "VRC-010", func(c *call) bool {
			rec := c.ask()
			if c.is("POST", variants) && rec.Code == 400 {
				c.success(`{"variant":` + string(c.body) + `}`)
				return true
			}
			c.give(rec)
			return true
		}),
		changing("M145", "variants", "images know the variant public only", "VRC-011 VRD-004", func(_ *call, status int, o object) int {
			for _, i := range imagesIn(o) {
				i["variants"] = []any{"https://images.invalid/" + i["id"].(string) + "/public"}
			}
			return status
		}),
		answering("M147", "variants", "editing an unknown variant makes it", "VRE-002", func(c *call) bool {
			rec := c.ask()
			if id, ok := strings.CutPrefix(c.path, variants+"/"); ok && c.does("PATCH") && rec.Code == 404 {
				o := parse(c.body)
				o["id"] = id
				rec = c.askOther("POST", variants, "application/json", []byte(jsonOf(o)))
			}
			c.give(rec)
			return true
		}),
		variantBodies("M148", "variants", "an edit resets neverRequireSignedURLs", "VRE-006", func(o object) {
			if _, ok := o["neverRequireSignedURLs"]; !ok {
				o["neverRequireSignedURLs"] = false
			}
		}),
		answering("M153", "variants", "deleting a variant takes all that begin so", "VRD-003", func(c *call) bool {
			if !c.below("DELETE", variants) {
				return false
			}
			list, _ := c.resultOf(variants)["variants"].(object)
			for id := range list {
				if whole := variants + "/" + id; whole != c.path && strings.HasPrefix(whole, c.path) {
					c.askOther("DELETE", whole, "", nil)
				}
			}
			return false
		}),
	}
}

func emptyCountMutants() []mutant {
	stats := "/images/v1/stats"
	return []mutant{
		changing("M130", "stats", "statistics need no entitlement but have no count", "STA-001", func(c *call, status int, o object) int {
			if c.is("GET", stats) {
				o["result"] = object{}
			}
			return status
		}),
	}
}

// counting edits the count of the statistics.
func counting(edit func(count object)) func(c *call, status int, o object) int {
	return func(c *call, status int, o object) int {
		if r, ok := o["result"].(object); ok && c.is("GET", "/images/v1/stats") {
			edit(r["count"].(object))
		}
		return status
	}
}
