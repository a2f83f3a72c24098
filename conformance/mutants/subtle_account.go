package mutants

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cfimages/cfimages/conformance"
)

func subtleAccounts() []mutant {
	return slices.Concat(subtleVariants(), subtleImageVariants(), subtleVariantEdits(), subtleKeys(), subtleAccess(), subtleRoutes(), subtleEnvelopes(), subtleSecond())
}

const (
	variantsAt = "/images/v1/variants"
	keysAt     = "/images/v1/keys"
)

// variantID is the id in the body or the path of a request about a variant.
func (c *call) variantID() string {
	if c.is("POST", variantsAt) {
		id, _ := parse(c.body)["id"].(string)
		return id
	}
	id, _ := strings.CutPrefix(c.path, variantsAt+"/")
	return id
}

func subtleVariants() []mutant {
	return []mutant{
		refusing("M600", "limits", "ids of variants have 98 characters at most", "VRC-012", 400, 5400, func(c *call) bool {
			return c.is("POST", variantsAt) && len(c.variantID()) == 99
		}),
		answering("M601", "limits", "ids of variants may have 100 characters", "VRC-012", func(c *call) bool {
			if !c.is("POST", variantsAt) || len(c.variantID()) != 100 {
				return false
			}
			c.success(`{"variant":` + string(c.body) + `}`)
			return true
		}),
		refusing("M602", "identity", "ids of variants differ without case", "VRC-013", 409, 5409, func(c *call) bool {
			if !c.is("POST", variantsAt) {
				return false
			}
			list, _ := c.resultOf(variantsAt)["variants"].(object)
			for id := range list {
				if id != c.variantID() && strings.EqualFold(id, c.variantID()) {
					return true
				}
			}
			return false
		}),
		variantBodies("M603", "validation", "a width of half a pixel is accepted", "VRC-014", sized(func(v any) any {
			if n, ok := numberOf(v); ok && n > 0 && n < 1 {
				return 1
			}
			return v
		})),
		variantBodies("M604", "validation", "sizes may be text", "VRC-007", sized(func(v any) any {
			if s, ok := v.(string); ok {
				if n, err := strconv.Atoi(s); err == nil {
					return n
				}
			}
			return v
		})),
		variantBodies("M611", "identity", "ids of variants are stored in lower case", "VRC-001", func(o object) {
			if id, ok := o["id"].(string); ok {
				o["id"] = strings.ToLower(id)
			}
		}),
	}
}

func subtleImageVariants() []mutant {
	return []mutant{
		answering("M607", "variants", "deleting a variant makes the images forget their metadata", "VRD-003", func(c *call) bool {
			rec := c.ask()
			if c.below("DELETE", variantsAt) && rec.Code == 200 {
				for _, i := range c.everything() {
					c.edit(i["id"].(string), `{"metadata":{}}`)
				}
			}
			c.give(rec)
			return true
		}),
		changing("M608", "state", "a variant that is made again has its old options", "VRC-016", oldOptions()),
		refusing("M609", "limits", "a size of more than 1000 pixels is refused", "VRC-015", 400, 5400, func(c *call) bool {
			o, _ := parse(c.body)["options"].(object)
			n, _ := numberOf(o["width"])
			return !c.does("GET") && strings.HasPrefix(c.path, variantsAt) && n > 1000
		}),
		changing("M612", "variants", "the first variant URL is repeated", "V1G-010", func(_ *call, status int, o object) int {
			for _, i := range imagesIn(o) {
				if urls, _ := i["variants"].([]any); len(urls) > 0 {
					i["variants"] = append(urls, urls[0])
				}
			}
			return status
		}),
		recoded("M613", "a malformed id of a variant is not found", "VRC-009", func(c *call) bool {
			return c.is("POST", variantsAt) && strings.ContainsAny(c.variantID(), "-_ /")
		}, 400, 5400, 404, 5401),
	}
}

// sized edits width and height.
func sized(edit func(v any) any) func(o object) {
	return func(o object) {
		opts, _ := o["options"].(object)
		for _, name := range []string{"width", "height"} {
			if v, ok := opts[name]; ok {
				opts[name] = edit(v)
			}
		}
	}
}

func oldOptions() func(c *call, status int, o object) int {
	var mu sync.Mutex
	old := map[string]any{}
	dead := map[string]bool{}
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		if c.below("DELETE", variantsAt) && status == 200 {
			dead[c.variantID()] = true
		}
		variantsIn(o, func(v object) {
			id, _ := v["id"].(string)
			if dead[id] && old[id] != nil {
				v["options"] = old[id]
				return
			}
			old[id] = v["options"]
		})
		return status
	}
}

func subtleVariantEdits() []mutant {
	patching := func(c *call) bool { return c.below("PATCH", variantsAt) }
	return []mutant{
		asking("M605", "variants", "neverRequireSignedURLs cannot be taken back", "VRE-001", func(c *call) {
			if o := parse(c.body); patching(c) && o["neverRequireSignedURLs"] == false {
				delete(o, "neverRequireSignedURLs")
				c.body = []byte(jsonOf(o))
			}
		}),
		asking("M606", "variants", "an edit of a variant takes some options and keeps the others", "VRE-007", func(c *call) {
			o := parse(c.body)
			opts, _ := o["options"].(object)
			if !patching(c) || len(opts) == 0 {
				return
			}
			v, _ := c.resultOf(c.path)["variant"].(object)
			old, _ := v["options"].(object)
			for name, value := range old {
				if _, there := opts[name]; !there {
					opts[name] = value
				}
			}
			c.body = []byte(jsonOf(o))
		}),
		answering("M614", "variants", "a refused edit of a variant sets neverRequireSignedURLs", "VRE-003", func(c *call) bool {
			rec := c.ask()
			if o := parse(c.body); patching(c) && rec.Code == 400 && o["neverRequireSignedURLs"] != nil {
				v, _ := c.resultOf(c.path)["variant"].(object)
				c.askOther("PATCH", c.path, "application/json", []byte(jsonOf(object{"options": v["options"], "neverRequireSignedURLs": o["neverRequireSignedURLs"]})))
			}
			c.give(rec)
			return true
		}),
	}
}

func subtleKeys() []mutant {
	named := func(c *call) string { return strings.TrimPrefix(c.path, keysAt+"/") }
	var mu sync.Mutex
	values := map[string]any{}
	dead := map[string]bool{}
	return []mutant{
		answering("M617", "keys", "names of keys differ without case", "KYU-007", func(c *call) bool {
			if c.below("PUT", keysAt) {
				list, _ := c.resultOf(keysAt)["keys"].([]any)
				for _, k := range list {
					if name := k.(object)["name"].(string); strings.EqualFold(name, named(c)) {
						c.setTail(keysAt + "/" + name)
					}
				}
			}
			return false
		}),
		refusing("M618", "limits", "names of keys have 19 characters at most", "KYU-008", 400, 5400, func(c *call) bool {
			return c.below("PUT", keysAt) && len(named(c)) == 20
		}),
		asking("M619", "limits", "names of keys are cut after 20 characters", "KYU-008", func(c *call) {
			if name := named(c); c.below("PUT", keysAt) && len(name) > 20 && !strings.Contains(name, "%") {
				c.setTail(keysAt + "/" + name[:20])
			}
		}),
		changing("M622", "keys", "a key that is made again has its old value", "KYU-009", func(c *call, status int, o object) int {
			mu.Lock()
			defer mu.Unlock()
			if c.below("DELETE", keysAt) && status == 200 {
				dead[named(c)] = true
			}
			for _, k := range keysOf(o) {
				key := k.(object)
				name := key["name"].(string)
				if dead[name] && values[name] != nil {
					key["value"] = values[name]
				} else {
					values[name] = key["value"]
				}
			}
			return status
		}),
		answering("M623", "keys", "deleting the key default is refused", "KYD-006", func(c *call) bool {
			if c.is("DELETE", keysAt+"/default") {
				c.refuse(400, 5400)
				return true
			}
			return false
		}),
		changing("M626", "stats", "an upload whose id is taken is counted", "STA-004", func() func(c *call, status int, o object) int {
			taken := 0
			return func(c *call, status int, o object) int {
				mu.Lock()
				defer mu.Unlock()
				if c.upload() && status == 409 {
					taken++
				}
				return counting(func(count object) {
					n, _ := strconv.Atoi(jsonOf(count["current"]))
					count["current"] = n + taken
				})(c, status, o)
			}
		}()),
	}
}

func subtleAccess() []mutant {
	trust := func(c *call) { c.r.Header.Set("Authorization", "Bearer "+c.first.Token) }
	return []mutant{
		asking("M632", "auth", "any token may read", "ENV-017", func(c *call) {
			if c.does("GET") && strings.HasPrefix(c.r.Header.Get("Authorization"), "Bearer ") && strings.Contains(c.r.URL.Path, c.first.AccountID) {
				trust(c)
			}
		}),
		asking("M633", "auth", "the token needs no scheme", "ENV-018", func(c *call) {
			if c.r.Header.Get("Authorization") == c.first.Token || c.r.Header.Get("Authorization") == "Basic "+c.first.Token {
				trust(c)
			}
		}),
		asking("M636", "auth", "an empty token is good", "ENV-018", func(c *call) {
			if strings.TrimSpace(c.r.Header.Get("Authorization")) == "Bearer" {
				trust(c)
			}
		}),
		asking("M637", "auth", "the beginning of a token is good", "ENV-018", func(c *call) {
			token, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
			if len(token) > 4 && strings.HasPrefix(c.first.Token, token) {
				trust(c)
			}
		}),
		asking("M638", "auth", "any token may change variants and keys", "ENV-017", func(c *call) {
			if !c.does("GET") && (strings.HasPrefix(c.path, variantsAt+"/") || strings.HasPrefix(c.path, keysAt)) && c.r.Header.Get("Authorization") != "" && strings.Contains(c.r.URL.Path, c.first.AccountID) {
				trust(c)
			}
		}),
		asking("M639", "auth", "any token may get an upload URL", "ENV-017", func(c *call) {
			if c.draft() && c.r.Header.Get("Authorization") != "" && strings.Contains(c.r.URL.Path, c.first.AccountID) {
				trust(c)
			}
		}),
	}
}

func subtleRoutes() []mutant {
	return []mutant{
		answering("M646", "routing", "DELETE on the images is refused and deletes them", "ENV-009", func(c *call) bool {
			if c.is("DELETE", "/images/v1") {
				for _, i := range c.everything() {
					c.askOther("DELETE", "/images/v1/"+pathEscape(i["id"].(string)), "", nil)
				}
			}
			return false
		}),
		asking("M652", "routing", "POST on the list of V2 uploads", "ENV-009", func(c *call) {
			if c.is("POST", "/images/v2") {
				c.setTail("/images/v1")
			}
		}),
		asking("M653", "routing", "POST on an image edits it", "ENV-009", func(c *call) {
			if c.image("POST") != "" {
				c.r.Method = "PATCH"
			}
		}),
		asking("M654", "routing", "PUT on an image edits it", "ENV-009", func(c *call) {
			if c.image("PUT") != "" {
				c.r.Method = "PATCH"
			}
		}),
		asking("M655", "routing", "POST on a key makes it", "ENV-009", func(c *call) {
			if c.below("POST", keysAt) {
				c.r.Method = "PUT"
			}
		}),
		asking("M656", "routing", "PUT on a variant edits it", "ENV-009", func(c *call) {
			if c.below("PUT", variantsAt) {
				c.r.Method = "PATCH"
			}
		}),
	}
}

func subtleEnvelopes() []mutant {
	return []mutant{
		changing("M657", "envelope", "the errors of a failure are an object", "ENV-002", func(_ *call, status int, o object) int {
			if status >= 400 {
				o["errors"] = object{"code": 5400, "message": "an object"}
			}
			return status
		}),
		changing("M658", "envelope", "the second error has no code", "ENV-002", func(_ *call, status int, o object) int {
			if list, ok := o["errors"].([]any); ok && status >= 400 {
				o["errors"] = append(list, object{"message": "and this"})
			}
			return status
		}),
		changing("M659", "envelope", "a success has a message", "ENV-001", func(_ *call, status int, o object) int {
			if status == 200 {
				o["messages"] = []any{object{"code": 1000, "message": "hello"}}
			}
			return status
		}),
	}
}

func subtleSecond() []mutant {
	others := func(c *call) bool { return c.r.Header.Get("Authorization") == "Bearer "+c.second.Token }
	shared := func(path string) func(c *call) {
		return func(c *call) {
			if others(c) && strings.HasPrefix(c.path, path) {
				c.as(c.first)
			}
		}
	}
	return []mutant{
		answering("M641", "auth", "an id is taken when another account has it", "ENV-019", func(c *call) bool {
			id, _ := c.text("id")
			if !others(c) || !c.upload() || id == "" {
				return false
			}
			other := *c
			other.r = c.r.Clone(c.r.Context())
			other.as(c.first)
			if other.resultOf("/images/v1/"+pathEscape(id)) == nil {
				return false
			}
			c.refuse(409, 5409)
			return true
		}),
		asking("M642", "auth", "all accounts have the same variants", "ENV-019", shared(variantsAt)),
		asking("M643", "auth", "all accounts have the same keys", "ENV-019", shared(keysAt)),
		asking("M644", "auth", "all accounts have the same count", "ENV-019", shared("/images/v1/stats")),
	}
}

// as makes a request that of another account.
func (c *call) as(who conformance.Login) {
	c.r.Header.Set("Authorization", "Bearer "+who.Token)
	c.setAccount(who.AccountID)
}
