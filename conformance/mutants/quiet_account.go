package mutants

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// quietMutants are wrong about keys, variants, counts and drafts where it is
// easily missed.
func quietMutants() []mutant {
	return slices.Concat(quietKeys(), quietVariants(), quietNames(), quietCounts(), quietDrafts(), quietErrors(), leakyAccounts())
}

func quietKeys() []mutant {
	keys, old := "/images/v1/keys", sync.Map{}
	return []mutant{
		changing("M870", "keys", "the list shows the value before the rotation", "KYU-004", func(c *call, status int, o object) int {
			for _, k := range keysOf(o) {
				k := k.(object)
				if was, loaded := old.LoadOrStore(k["name"], k["value"]); loaded && c.is("GET", keys) {
					k["value"] = was
				}
				if c.below("DELETE", keys) {
					old.Delete(strings.TrimPrefix(c.path, keys+"/"))
				}
			}
			return status
		}),
		changing("M871", "keys", "a new key is answered alone", "KYU-001", func(c *call, status int, o object) int {
			if c.below("PUT", keys) && keysOf(o) != nil {
				o["result"].(object)["keys"] = slices.DeleteFunc(keysOf(o), func(k any) bool {
					return k.(object)["name"] != strings.TrimPrefix(c.path, keys+"/")
				})
			}
			return status
		}),
		refusing("M872", "limits", "names of keys have 19 characters", "KYU-008", 400, 5400, func(c *call) bool {
			return c.below("PUT", keys) && len(strings.TrimPrefix(c.path, keys+"/")) > 19
		}),
		asking("M873", "keys", "names of keys are in lower case", "KYU-007", func(c *call) {
			if c.below("PUT", keys) || c.below("DELETE", keys) {
				c.setTail(strings.ToLower(c.path))
			}
		}),
		changing("M874", "keys", "two keys that are made have one value", "KYU-004 KYU-009", func(c *call, status int, o object) int {
			for _, k := range keysOf(o) {
				if k := k.(object); k["name"] != "default" {
					k["value"] = "00000000000000000000000000000000"
				}
			}
			return status
		}),
	}
}

func quietVariants() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		changing("M875", "variants", "the list says that all need signatures", "VRE-001", func(c *call, status int, o object) int {
			if c.is("GET", variants) {
				variantsIn(o, func(v object) { v["neverRequireSignedURLs"] = false })
			}
			return status
		}),
		changing("M876", "variants", "an edit answers width and height swapped", "VRE-001", func(c *call, status int, o object) int {
			if c.below("PATCH", variants) {
				variantsIn(o, func(v object) {
					if p, ok := v["options"].(object); ok {
						p["width"], p["height"] = p["height"], p["width"]
					}
				})
			}
			return status
		}),
		answering("M877", "variants", "a refused edit changes neverRequireSignedURLs", "VRE-003", func(c *call) bool {
			rec := c.ask()
			never, ok := parse(c.body)["neverRequireSignedURLs"].(bool)
			if c.below("PATCH", variants) && rec.Code == 400 && ok {
				v, _ := c.resultOf(c.path)["variant"].(object)
				c.askOther("PATCH", c.path, "application/json", []byte(jsonOf(object{"options": v["options"], "neverRequireSignedURLs": never})))
			}
			c.give(rec)
			return true
		}),
	}
}

func quietNames() []mutant {
	variants := "/images/v1/variants"
	return []mutant{
		answering("M878", "variants", "names of variants must differ by more than case", "VRC-013", func(c *call) bool {
			id, _ := parse(c.body)["id"].(string)
			all, _ := c.resultOf(variants)["variants"].(object)
			for name := range all {
				if c.is("POST", variants) && name != id && strings.EqualFold(name, id) {
					c.refuse(409, 5409)
					return true
				}
			}
			return false
		}),
		refusing("M879", "limits", "names of variants have 98 characters", "VRC-012", 400, 5400, func(c *call) bool {
			id, _ := parse(c.body)["id"].(string)
			return c.is("POST", variants) && len(id) == 99
		}),
		answering("M880", "variants", "a deleted variant cannot be made again", "VRC-016", func() func(c *call) bool {
			gone := &set{}
			return func(c *call) bool {
				if c.below("DELETE", variants) {
					gone.add(strings.TrimPrefix(c.path, variants+"/"))
				}
				if id, _ := parse(c.body)["id"].(string); c.is("POST", variants) && gone.contains(id) {
					c.refuse(409, 5409)
					return true
				}
				return false
			}
		}()),
		recoded("M881", "an edit of an unknown variant is about an image", "VRE-002", func(c *call) bool { return c.below("PATCH", variants) }, 404, 5401, 404, 5404),
	}
}

func quietCounts() []mutant {
	stats, n, mu := "/images/v1/stats", 0, &sync.Mutex{}
	counted := func(about func(c *call, code int) bool) func(c *call) bool {
		return func(c *call) bool {
			rec := c.ask()
			mu.Lock()
			defer mu.Unlock()
			if about(c, rec.Code) {
				n++
			}
			o := parse(rec.Body.Bytes())
			if c.is("GET", stats) && rec.Code == 200 {
				count := o["result"].(object)["count"].(object)
				v, _ := numberOf(count["current"])
				count["current"] = v + float64(n)
				c.success(jsonOf(o["result"]))
				return true
			}
			c.give(rec)
			return true
		}
	}
	return []mutant{
		answering("M883", "stats", "deleted images are counted", "STA-003", counted(func(c *call, code int) bool { return c.image("DELETE") != "" && code == 200 })),
		answering("M884", "stats", "a refused upload is counted", "STA-004", counted(func(c *call, code int) bool { return c.upload() && code >= 400 })),
		answering("M885", "stats", "an edit that gives a new id is counted", "STA-007", counted(func(c *call, code int) bool {
			_, ok := parse(c.body)["requireSignedURLs"]
			return c.image("PATCH") != "" && code == 200 && ok
		})),
		answering("M886", "stats", "uploads to an upload URL are counted twice", "STA-002", counted(func(c *call, code int) bool { return c.posting() && code == 200 })),
		answering("M887", "stats", "a deletion of nothing is counted", "STA-003", counted(func(c *call, code int) bool {
			if c.image("DELETE") != "" && code == 404 {
				n -= 2
				return true
			}
			return false
		})),
	}
}

func quietDrafts() []mutant {
	return []mutant{
		expiries("M888", "the zone of an expiry is not read", "DUC-014", func(_ time.Time, s string) string {
			if len(s) > 19 {
				return s[:19] + "Z"
			}
			return s
		}),
		expiries("M889", "an expiry is a minute later", "DUU-003", func(t time.Time, s string) string {
			if d := time.Until(t); d > 150*time.Second && d < 5*time.Hour {
				return t.Add(time.Minute).UTC().Format(time.RFC3339Nano)
			}
			return s
		}),
		expiries("M911", "an expiry is 30 minutes ahead at most", "DUC-006", func(t time.Time, s string) string {
			if d := time.Until(t); d > 3*time.Minute && d < 6*time.Hour {
				return time.Now().Add(30 * time.Minute).UTC().Format(time.RFC3339Nano)
			}
			return s
		}),
		changing("M890", "draft", "a draft has no time", "DUC-001", draftShape(func(i object) { delete(i, "uploaded") })),
		changing("M891", "draft", "a draft has no variants", "DUC-018", draftShape(func(i object) { i["variants"] = []any{} })),
		changing("M892", "draft", "a draft does not show its creator", "DUC-018", draftShape(func(i object) { delete(i, "creator") })),
		changing("M893", "draft", "a draft does not show its metadata", "DUC-018", draftShape(func(i object) { delete(i, "meta") })),
		recoded("M894", "a taken id of a draft is a bad request", "DUC-008 ENV-020", func(c *call) bool { return c.draft() }, 409, 5409, 400, 5409),
		recoded("M895", "a draft that is not a form is a bad request", "DUC-019", func(c *call) bool { return c.draft() }, 415, 5415, 400, 5400),
		recoded("M912", "what is no image is a bad request", "ENV-020", func(c *call) bool { return c.upload() }, 415, 5455, 400, 5455),
		asking("M896", "draft", "an id is free again when its draft is filled", "DUC-008", func(c *call) {
			if id, _ := c.text("id"); c.draft() && id != "" && c.resultOf("/images/v1/" + pathEscape(id))["filename"] != nil {
				c.rewrite(func(f *field) bool {
					hit := f.name == "id"
					if hit {
						f.body += "-1"
					}
					return hit
				})
			}
		}),
	}
}

func draftShape(edit func(i object)) func(c *call, status int, o object) int {
	return func(_ *call, status int, o object) int {
		for _, i := range imagesIn(o) {
			if i["draft"] == true {
				edit(i)
			}
		}
		return status
	}
}

func quietErrors() []mutant {
	failing := func(id, text, killers string, about func(c *call) bool, edit func(o object)) mutant {
		return changing(id, "envelope", text, killers, func(c *call, status int, o object) int {
			if status >= 400 && about(c) {
				edit(o)
			}
			return status
		})
	}
	return []mutant{
		failing("M902", "a refused draft has its code as text", "DUC-008", func(c *call) bool { return c.draft() }, func(o object) {
			for _, e := range o["errors"].([]any) {
				e.(object)["code"] = jsonOf(e.(object)["code"])
			}
		}),
		answering("M903", "headers", "statistics are plain text", "ENV-003", func(c *call) bool {
			rec := c.ask()
			if c.is("GET", "/images/v1/stats") {
				rec.Header().Set("Content-Type", "text/plain")
			}
			c.give(rec)
			return true
		}),
		changing("M904", "envelope", "a deletion has null for its messages", "V1D-001", func(c *call, status int, o object) int {
			if c.does("DELETE") && status == 200 {
				o["messages"] = nil
			}
			return status
		}),
	}
}

func leakyAccounts() []mutant {
	return []mutant{
		answering("M905", "isolation", "deleting a key deletes it in every account", "ENV-019", func(c *call) bool {
			if c.below("DELETE", "/images/v1/keys") && strings.Contains(c.r.URL.Path, c.second.AccountID) {
				other := *c
				other.r = c.r.Clone(c.r.Context())
				other.setAccount(c.first.AccountID)
				other.r.Header.Set("Authorization", "Bearer "+c.first.Token)
				other.ask()
			}
			return false
		}),
		answering("M906", "isolation", "the second account sees the variants of the first", "ENV-019", func(c *call) bool {
			if c.is("GET", "/images/v1/variants") && strings.Contains(c.r.URL.Path, c.second.AccountID) && strings.HasSuffix(c.r.Header.Get("Authorization"), c.second.Token) {
				c.setAccount(c.first.AccountID)
				c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
			}
			return false
		}),
		answering("M907", "isolation", "an id that one account has is taken for all", "ENV-019", func(c *call) bool {
			id, _ := c.text("id")
			if !c.upload() || id == "" || !strings.Contains(c.r.URL.Path, c.second.AccountID) {
				return false
			}
			other := *c
			other.r = c.r.Clone(c.r.Context())
			other.setAccount(c.first.AccountID)
			other.r.Header.Set("Authorization", "Bearer "+c.first.Token)
			if other.resultOf("/images/v1/" + pathEscape(id))["id"] == id {
				c.refuse(409, 5409)
				return true
			}
			return false
		}),
	}
}
