package mutants

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// subtleOthers are defects of other mutants in another place, or put in
// another way.
func subtleOthers() []mutant {
	return slices.Concat(otherAccess(), otherUploads(), otherImages(), otherLists(), otherAccounts())
}

func otherAccess() []mutant {
	anonymous := func(c *call) bool { return c.r.Header.Get("Authorization") == "" && c.path != "" && c.does("GET") }
	open := func(about func(c *call) bool) func(c *call) bool {
		return func(c *call) bool {
			if !anonymous(c) || !about(c) {
				return false
			}
			rec := c.ask()
			c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
			if found := c.ask(); found.Code == 200 {
				rec = found
			}
			c.give(rec)
			return true
		}
	}
	return []mutant{
		answering("M700", "auth", "images that exist are shown without credentials", "ENV-005", open(func(c *call) bool { return c.image("GET") != "" })),
		answering("M701", "auth", "blobs of public images need no credentials", "ENV-005", open(func(c *call) bool {
			c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
			i := c.resultOf(strings.TrimSuffix(c.path, "/blob"))
			c.r.Header.Del("Authorization")
			return c.blob() && i["requireSignedURLs"] == false
		})),
		changing("M702", "secrecy", "a refused upload shows the token", "ENV-014", func(c *call, status int, o object) int {
			if list, ok := o["errors"].([]any); ok && status >= 400 && c.upload() {
				for _, e := range list {
					e.(object)["message"] = "refused for " + c.r.Header.Get("Authorization")
				}
			}
			return status
		}),
		changing("M703", "secrecy", "a refused edit shows the token", "ENV-014", func(c *call, status int, o object) int {
			if list, ok := o["errors"].([]any); ok && status >= 400 && c.does("PATCH") {
				for _, e := range list {
					e.(object)["message"] = "refused for " + c.r.Header.Get("Authorization")
				}
			}
			return status
		}),
		answering("M704", "safety", "downloading a blob stamps the image anew", "ENV-015", func() func(c *call) bool {
			loaded := &set{}
			return func(c *call) bool {
				if c.blob() {
					loaded.add(strings.TrimSuffix(c.path, "/blob"))
				}
				c.change(func(status int, o object) int {
					if c.image("GET") != "" && status == 200 && loaded.contains(c.path) {
						o["result"].(object)["uploaded"] = "2026-01-02T03:04:05Z"
					}
					return status
				})
				return true
			}
		}()),
	}
}

func otherUploads() []mutant {
	return []mutant{
		refusing("M706", "limits", "ids of drafts are measured in bytes", "DUC-017", 400, 5411, func(c *call) bool {
			id, _ := c.text("id")
			return c.draft() && len(id) > 1024 && utf8.RuneCountInString(id) <= 1024
		}),
		rewriting("M707", "flags", "1 and yes are true", "V1C-013", "requireSignedURLs", func(s string) string {
			if s == "1" || s == "yes" || s == "on" {
				return "true"
			}
			return s
		}),
		asking("M708", "upload", "a document is an image when it says so", "V1C-004", func(c *call) {
			if c.upload() {
				c.rewrite(func(f *field) bool {
					if !f.file || !strings.HasPrefix(f.contentType, "image/") || !strings.HasPrefix(f.body, "%PDF") {
						return false
					}
					*f = aFile()
					return true
				})
			}
		}),
		asking("M709", "upload", "the first bytes of a picture are enough", "V1C-004", func(c *call) {
			if c.upload() {
				c.rewrite(func(f *field) bool {
					if !f.file || !strings.HasPrefix(f.body, "\x89PNG\r\n\x1a\n") || strings.Contains(f.body, "IHDR") {
						return false
					}
					f.body = string(somePNG())
					return true
				})
			}
		}),
		refusing("M711", "upload", "an upload without a creator is refused", "V1C-014", 400, 5400, func(c *call) bool {
			_, ok := c.text("creator")
			return c.upload() && !ok && len(c.fields()) > 0
		}),
		refusing("M713", "upload", "a filename without an extension is refused", "V1C-005", 400, 5400, func(c *call) bool {
			return c.upload() && slices.ContainsFunc(c.fields(), func(f field) bool { return f.file && !strings.Contains(f.filename, ".") })
		}),
	}
}

func otherImages() []mutant {
	longer := func(c *call, id string) string {
		for _, i := range c.everything() {
			if other := i["id"].(string); pathEscape(other) != id && strings.HasPrefix(pathEscape(other), id) {
				return pathEscape(other)
			}
		}
		return ""
	}
	return []mutant{
		edits("M710", "an edit of the creator makes an image public", "V1E-023", func(_ *call, o object) {
			if o["creator"] != nil && o["requireSignedURLs"] == nil {
				o["requireSignedURLs"] = false
			}
		}),
		asking("M739", "identity", "an edit finds ids by their beginning", "V1G-008", func(c *call) {
			if id := c.image("PATCH"); id != "" && c.askOther("GET", c.path, "", nil).Code == 404 {
				if other := longer(c, id); other != "" {
					c.setTail("/images/v1/" + other)
				}
			}
		}),
		asking("M740", "identity", "a deletion finds ids by their beginning", "V1G-008", func(c *call) {
			if id := c.image("DELETE"); id != "" && c.askOther("GET", c.path, "", nil).Code == 404 {
				if other := longer(c, id); other != "" {
					c.setTail("/images/v1/" + other)
				}
			}
		}),
		asking("M741", "identity", "blobs are found by the beginning of an id", "V1G-008", func(c *call) {
			if id, ok := strings.CutPrefix(strings.TrimSuffix(c.path, "/blob"), "/images/v1/"); ok && c.blob() && c.askOther("GET", "/images/v1/"+id, "", nil).Code == 404 {
				if other := longer(c, id); other != "" {
					c.setTail("/images/v1/" + other + "/blob")
				}
			}
		}),
		asking("M722", "encoding", "ids in the paths of edits are decoded twice", "V1C-041", func(c *call) {
			if id := c.image("PATCH"); strings.Contains(id, "%25") {
				c.setTail("/images/v1/" + strings.ReplaceAll(id, "%25", "%"))
			}
		}),
	}
}

func otherLists() []mutant {
	return []mutant{
		renaming("M714", "limits", "in:number takes eleven elements", "V2L-041", tenOf("[in:number]")),
		renaming("M715", "limits", "in:string takes eleven elements", "V2L-041", tenOf("[in:string]")),
		renaming("M716", "validation", "a number ends where it is none", "V2L-049", func(name, value string) (string, string) {
			if strings.HasSuffix(name, "[eq:number]") && strings.HasSuffix(value, "abc") && value != "abc" {
				value = strings.TrimSuffix(value, "abc")
			}
			return name, value
		}),
		renaming("M717", "validation", "an empty number is 0", "V2L-049", func(name, value string) (string, string) {
			if strings.Contains(name, ":number]") && value == "" {
				value = "0"
			}
			return name, value
		}),
		asking("M719", "validation", "an order in capitals is known", "V2L-011", func(c *call) {
			if q := c.query(); v2(c) && q.Has("sort_order") {
				q.Set("sort_order", strings.ToLower(q.Get("sort_order")))
				c.setQuery(q)
			}
		}),
		changing("M727", "schema", "an empty list is null", "V1L-007 V2L-050", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && listing(c) && len(imagesIn(o)) == 0 {
				r["images"] = nil
			}
			return status
		}),
		renaming("M729", "limits", "paths of six levels are matched by five", "V2L-046", func(name, value string) (string, string) {
			path, op, ok := strings.Cut(name, "[")
			if parts := strings.Split(path, "."); ok && len(parts) == 7 && strings.HasPrefix(op, "eq:") {
				path = strings.Join(parts[:6], ".")
			}
			return path + "[" + op, value
		}),
	}
}

// tenOf drops what follows the tenth element.
func tenOf(operator string) func(name, value string) (string, string) {
	return func(name, value string) (string, string) {
		if list := strings.Split(value, "|"); strings.HasSuffix(name, operator) && len(list) > 10 {
			value = strings.Join(list[:10], "|")
		}
		return name, value
	}
}

func otherAccounts() []mutant {
	return []mutant{
		answering("M712", "validation", "an edit of a variant takes sizes as text", "VRE-003", func(c *call) bool {
			if o := parse(c.body); c.below("PATCH", variantsAt) && o != nil {
				before := jsonOf(o)
				sized(func(v any) any {
					if n, err := strconv.Atoi(strings.Trim(jsonOf(v), `"`)); err == nil {
						return n
					}
					return v
				})(o)
				if jsonOf(o) != before {
					c.body = []byte(jsonOf(o))
				}
			}
			return false
		}),
		asking("M738", "keys", "a deletion finds keys by their beginning", "KYD-007", func(c *call) {
			name, ok := strings.CutPrefix(c.path, keysAt+"/")
			if !ok || !c.does("DELETE") {
				return
			}
			list, _ := c.resultOf(keysAt)["keys"].([]any)
			for _, k := range list {
				if other := k.(object)["name"].(string); strings.HasPrefix(other, name) {
					c.setTail(keysAt + "/" + other)
				}
			}
		}),
		asking("M742", "variants", "a deletion finds variants by their beginning", "VRG-003", func(c *call) {
			if id := c.variantID(); c.below("DELETE", variantsAt) && c.askOther("GET", c.path, "", nil).Code == 404 {
				list, _ := c.resultOf(variantsAt)["variants"].(object)
				for other := range list {
					if strings.HasPrefix(other, id) {
						c.setTail(variantsAt + "/" + other)
					}
				}
			}
		}),
		asking("M743", "variants", "an edit finds variants by their beginning", "VRG-003", func(c *call) {
			if id := c.variantID(); c.below("PATCH", variantsAt) && c.askOther("GET", c.path, "", nil).Code == 404 {
				list, _ := c.resultOf(variantsAt)["variants"].(object)
				for other := range list {
					if strings.HasPrefix(other, id) {
						c.setTail(variantsAt + "/" + other)
					}
				}
			}
		}),
	}
}
