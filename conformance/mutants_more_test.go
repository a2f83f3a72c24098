package conformance_test

import (
	"strings"
	"sync"
	"time"
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

func variantAnswers(id, breaks, killers string, edit func(v object)) mutant {
	return changing(id, breaks, killers, func(_ *call, status int, o object) int {
		variantsIn(o, edit)
		return status
	})
}

func variantBodies(id, breaks, killers string, edit func(o object)) mutant {
	return asking(id, breaks, killers, func(c *call) {
		if c.r.Method == "GET" || !strings.HasPrefix(c.path, "/images/v1/variants") {
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
	keys, variants := "/images/v1/keys", "/images/v1/variants"
	return []mutant{
		changing("M114", "there are no keys", "KYL-002", func(_ *call, status int, o object) int {
			if keysOf(o) != nil {
				o["result"] = object{"keys": []any{}}
			}
			return status
		}),
		changing("M115", "all keys have one value", "KYL-003 KYD-005", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				k.(object)["value"] = "00000000000000000000000000000000"
			}
			return status
		}),
		changing("M116", "PUT answers the new key only", "KYU-001 KYU-002", func(c *call, status int, o object) int {
			if list := keysOf(o); c.r.Method == "PUT" && len(list) > 0 {
				o["result"] = object{"keys": list[len(list)-1:]}
			}
			return status
		}),
		answering("M119", "PUT does not rotate", "KYU-004", func(c *call) bool {
			rec := c.askOther("GET", keys, "", nil)
			if c.r.Method != "PUT" || !strings.Contains(rec.Body.String(), `"`+strings.TrimPrefix(c.path, keys+"/")+`"`) {
				return false
			}
			c.answer(rec)
			return true
		}),
		answering("M120", "PUT does not store", "KYU-003", func(c *call) bool {
			if c.r.Method != "PUT" {
				return false
			}
			rec := c.ask()
			c.askOther("DELETE", c.path, "", nil)
			c.answer(rec)
			return true
		}),
		answering("M121", "DELETE answers the deleted key, too", "KYD-001", func(c *call) bool {
			if !c.below("DELETE", keys) {
				return false
			}
			before := c.askOther("GET", keys, "", nil)
			if rec := c.ask(); rec.Code != 200 {
				c.answer(rec)
				return true
			}
			c.answer(before)
			return true
		}),
		answering("M122", "deleting a key does nothing", "KYD-002", func(c *call) bool {
			if !c.below("DELETE", keys) {
				return false
			}
			c.change(func(status int, o object) int { return status })
			c.askOther("PUT", c.path, "", nil)
			return true
		}),
		answering("M123", "deleting an unknown key is a success", "KYD-003", func(c *call) bool {
			if !c.below("DELETE", keys) {
				return false
			}
			if rec := c.ask(); rec.Code == 404 {
				c.answer(c.askOther("GET", keys, "", nil))
			} else {
				c.answer(rec)
			}
			return true
		}),
		asking("M266", "a blank key name is accepted", "KYU-006", func(c *call) {
			if c.r.Method == "PUT" && c.path == keys+"/%20" {
				c.setTail(keys + "/blank")
			}
		}),
		changing("M126", "the count never changes", "STA-002 STA-003 STA-005", func(c *call, status int, o object) int {
			if c.is("GET", "/images/v1/stats") {
				o["result"] = object{"count": object{"current": 7, "allowed": 100000}}
			}
			return status
		}),
		changing("M131", "the count stops at 100", "STA-005", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.is("GET", "/images/v1/stats") {
				n := jsonOf(r["count"].(object)["current"])
				if len(n) > 2 {
					r["count"].(object)["current"] = 100
				}
			}
			return status
		}),
		changing("M132", "the variants are an array", "VRL-001", func(c *call, status int, o object) int {
			if c.is("GET", variants) {
				o["result"] = object{"variants": []any{}}
			}
			return status
		}),
		changing("M133", "there is no variant public", "VRL-002", func(c *call, status int, o object) int {
			if c.is("GET", variants) {
				o["result"] = object{"variants": object{}}
			}
			return status
		}),
		answering("M134", "an unknown variant is the default", "VRG-002 VRD-001 VRG-003", func(c *call) bool {
			if !c.below("GET", variants) {
				return false
			}
			rec := c.ask()
			if rec.Code == 404 {
				rec = c.askOther("GET", variants+"/public", "", nil)
			}
			c.answer(rec)
			return true
		}),
		variantAnswers("M136", "width and height are swapped", "VRC-001", func(v object) {
			o := v["options"].(object)
			o["width"], o["height"] = o["height"], o["width"]
		}),
		variantAnswers("M137", "the fit is always scale-down", "VRC-002 VRE-001", func(v object) { v["options"].(object)["fit"] = "scale-down" }),
		variantAnswers("M138", "the treatment of metadata is ignored", "VRC-003", func(v object) { v["options"].(object)["metadata"] = "none" }),
		variantBodies("M139", "neverRequireSignedURLs is true by default", "VRC-004", func(o object) {
			if _, ok := o["neverRequireSignedURLs"]; !ok {
				o["neverRequireSignedURLs"] = true
			}
		}),
		variantBodies("M142", "a size of 0 is accepted", "VRC-007 VRE-003", func(o object) {
			if opts, ok := o["options"].(object); ok && (jsonOf(opts["width"]) == "0" || jsonOf(opts["height"]) == "0") {
				opts["width"], opts["height"] = 1, 1
			}
		}),
		variantBodies("M141", "missing options have defaults", "VRC-005", func(o object) {
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
		answering("M146", "an edit of a variant is not stored", "VRE-001", func(c *call) bool {
			if !c.below("PATCH", variants) {
				return false
			}
			before := c.askOther("GET", c.path, "", nil)
			rec := c.ask()
			if v := parse(before.Body.Bytes()); before.Code == 200 {
				c.askOther("PATCH", c.path, "application/json", []byte(jsonOf(v["result"].(object)["variant"])))
			}
			c.answer(rec)
			return true
		}),
		answering("M149", "an edit changes every variant", "VRE-004", func(c *call) bool {
			rec := c.ask()
			if c.below("PATCH", variants) && rec.Code == 200 {
				list := parse(c.askOther("GET", variants, "", nil).Body.Bytes())["result"].(object)["variants"].(object)
				for id := range list {
					c.askOther("PATCH", variants+"/"+id, "application/json", c.body)
				}
			}
			c.answer(rec)
			return true
		}),
		answering("M150", "an id in an edit renames", "VRE-005", func(c *call) bool {
			o := parse(c.body)
			if !c.below("PATCH", variants) || o["id"] == nil {
				return false
			}
			c.askOther("DELETE", c.path, "", nil)
			c.answer(c.askOther("POST", variants, "application/json", c.body))
			return true
		}),
		answering("M151", "deleting a variant does nothing", "VRD-001 VRD-004", func(c *call) bool {
			if !c.below("DELETE", variants) || c.askOther("GET", c.path, "", nil).Code != 200 {
				return false
			}
			c.success("{}")
			return true
		}),
		answering("M152", "deleting an unknown variant is a success", "VRD-002", func(c *call) bool {
			if !c.below("DELETE", variants) {
				return false
			}
			c.ask()
			c.success("{}")
			return true
		}),
		changing("M247", "a variant is not wrapped", "VRG-001", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && r["variant"] != nil {
				o["result"] = r["variant"]
			}
			return status
		}),
		variantAnswersIn("M246", "listed variants lack options", "VRL-004 VRL-001", func(v object) { delete(v, "options") }),
		asking("M267", "ids of variants may have hyphens", "VRC-009", func(c *call) {
			if o := parse(c.body); c.is("POST", variants) && o["id"] != nil {
				o["id"] = strings.NewReplacer("-", "", "_", "", " ", "", "/", "").Replace(o["id"].(string))
				c.body = []byte(jsonOf(o))
			}
		}),
	}
}

// variantAnswersIn edits the list of variants only.
func variantAnswersIn(id, breaks, killers string, edit func(v object)) mutant {
	return changing(id, breaks, killers, func(c *call, status int, o object) int {
		if c.is("GET", "/images/v1/variants") {
			variantsIn(o, edit)
		}
		return status
	})
}

// renaming is a mutant that renames filters.
func renaming(id, breaks, killers string, edit func(name, value string) (string, string)) mutant {
	return asking(id, breaks, killers, func(c *call) {
		if c.is("GET", "/images/v2") {
			c.renamed(edit)
		}
	})
}

func replacing(id, breaks, killers, old, with string) mutant {
	return renaming(id, breaks, killers, func(name, value string) (string, string) {
		return strings.Replace(name, old, with, 1), value
	})
}

// matching is a mutant that applies one filter in its own way.
func matching(id, breaks, killers string, match func(text, operand string) bool) mutant {
	return answering(id, breaks, killers, func(c *call) bool {
		member, operand := "", ""
		for name, v := range c.query() {
			if rest, ok := strings.CutPrefix(name, "meta."); ok {
				member, _, _ = strings.Cut(rest, "[")
				operand = v[0]
			}
		}
		if !c.is("GET", "/images/v2") || member == "" {
			return false
		}
		c.renamed(func(string, string) (string, string) { return "", "" })
		c.change(func(status int, o object) int {
			kept := []object{}
			for _, i := range imagesIn(o) {
				meta, _ := i["meta"].(object)
				if v, ok := meta[member]; ok && match(strings.Trim(jsonOf(v), `"`), operand) {
					kept = append(kept, i)
				}
			}
			setImages(o, kept)
			return status
		})
		return true
	})
}

func filterMutants() []mutant {
	return []mutant{
		renaming("M176", "filters are ignored", "V2L-030 V2L-042 V2L-050", func(string, string) (string, string) { return "", "" }),
		matching("M177", "eq is a part of the value", "V2L-030 V2L-031 V2L-038", func(text, operand string) bool {
			return strings.Contains(text, strings.Split(operand, "|")[0])
		}),
		matching("M178", "eq ignores case", "V2L-054", strings.EqualFold),
		matching("M179", "numbers are compared as text", "V2L-032 V2L-035", func(text, operand string) bool { return text == operand }),
		matching("M181", "strings match numbers", "V2L-033", func(text, operand string) bool { return text == operand }),
		matching("M182", "booleans match text", "V2L-034", func(text, operand string) bool { return text == operand }),
		renaming("M184", "in takes its first element only", "V2L-037 V2L-041", func(name, value string) (string, string) {
			first, _, _ := strings.Cut(value, "|")
			return name, first
		}),
		renaming("M186", "in splits at commas", "V2L-037", func(name, value string) (string, string) {
			if strings.Contains(name, "[in") {
				value = strings.ReplaceAll(value, ",", "|")
			}
			return name, value
		}),
		renaming("M189", "in takes eleven elements", "V2L-041", func(name, value string) (string, string) {
			parts := strings.Split(value, "|")
			return name, strings.Join(parts[:min(len(parts), 10)], "|")
		}),
		renaming("M190", "in takes nine elements", "V2L-041", func(name, value string) (string, string) {
			if strings.Count(value, "|") == 9 {
				value += "|x"
			}
			return name, value
		}),
		asking("M192", "only the last filter counts", "V2L-042 V2L-053", func(c *call) {
			seen := false
			c.renamed(func(name, value string) (string, string) {
				if seen {
					return "", ""
				}
				seen = true
				return name, value
			})
		}),
		asking("M193", "a filter drops the creator", "V2L-043", func(c *call) {
			if strings.Contains(c.r.URL.RawQuery, "meta.") {
				c.drop("creator")
			}
		}),
		renaming("M195", "paths may have six levels", "V2L-046", func(name, value string) (string, string) {
			if strings.Count(name, ".") > 5 {
				name = "meta.a[eq]"
			}
			return name, value
		}),
		renaming("M196", "paths may have four levels", "V2L-046", func(name, value string) (string, string) {
			if strings.Count(name, ".") == 5 {
				name = "meta.a.b.c.d.e.f[eq]"
			}
			return name, value
		}),
		asking("M197", "six filters are accepted", "V2L-047", func(c *call) {
			n := 0
			c.renamed(func(name, value string) (string, string) {
				if n++; n > 5 {
					return "", ""
				}
				return name, value
			})
		}),
		replacing("M200", "an unknown operator is eq", "V2L-048", "[like]", "[eq]"),
		renaming("M201", "a value of the wrong type is 0", "V2L-049", func(name, value string) (string, string) {
			if value == "abc" {
				value = "0"
			}
			return name, value
		}),
		answering("M202", "an unknown key is not found", "V2L-050", func(c *call) bool {
			if strings.Contains(c.r.URL.RawQuery, "nobody") {
				c.refuse(404, 5404)
				return true
			}
			return false
		}),
		asking("M203", "escaped brackets are no brackets", "V2L-051", func(c *call) {
			if c.is("GET", "/images/v2") && strings.Contains(c.r.URL.RawQuery, "%5B") {
				c.renamed(func(string, string) (string, string) { return "", "" })
			}
		}),
		replacing("M205", "gt includes its bound", "V2L-060", "[gt]", "[gte]"),
		replacing("M205b", "lte leaves its bound out", "V2L-060 V2L-061", "[lte", "[lt"),
		matching("M206", "ranges compare as text", "V2L-060", func(text, operand string) bool { return text > operand }),
		renaming("M207", "a bound that is no number is 0", "V2L-062", func(name, value string) (string, string) {
			if value == "abc" {
				value = "0"
			}
			return name, value
		}),
		asking("M164", "a percent-encoded token is garbage", "V2L-007", func(c *call) {
			if q := c.r.URL.RawQuery; strings.Contains(q, "continuation_token=%") {
				_, token, _ := strings.Cut(q, "continuation_token=")
				v := c.query()
				v.Set("continuation_token", token)
				c.setQuery(v)
			}
		}),
	}
}

// drafts is a mutant that edits requests for upload URLs.
func drafts(id, breaks, killers string, edit func(list []field) []field) mutant {
	return asking(id, breaks, killers, func(c *call) {
		if c.draft() && len(c.body) > 0 {
			list := edit(c.fields())
			if len(list) == 0 {
				c.body = nil
				c.r.Header.Del("Content-Type")
				return
			}
			c.setFields(list)
		}
	})
}

func dropsDraft(id, breaks, killers, name string, bad func(string) bool) mutant {
	return drafts(id, breaks, killers, func(list []field) []field { return without(list, name, bad) })
}

func directMutants() []mutant {
	return []mutant{
		answering("M208", "a draft is a finished image at once", "V1G-003 DUC-001", func(c *call) bool {
			rec := c.ask()
			if c.draft() && rec.Code == 200 {
				c.finish(parse(rec.Body.Bytes())["result"].(object)["uploadURL"].(string))
			}
			c.answer(rec)
			return true
		}),
		dropsDraft("M210", "the id of a draft is ignored", "DUC-003 DUC-008", "id", always),
		dropsDraft("M211", "the metadata of a draft is dropped", "DUC-004", "metadata", always),
		dropsDraft("M212", "any expiry is accepted", "DUC-005 DUC-007", "expiry", always),
		answering("M213", "an expiry of more than an hour is refused", "DUC-006", func(c *call) bool {
			text, ok := c.text("expiry")
			at, err := time.Parse(time.RFC3339, text)
			if !c.draft() || !ok || err != nil || time.Until(at) < time.Hour+time.Minute {
				return false
			}
			c.refuse(400, 5400)
			return true
		}),
		drafts("M215", "URLs never expire by default", "DUC-012", func(list []field) []field {
			if hasField(list, "expiry") {
				return list
			}
			return append(list, field{name: "expiry", body: time.Now().Add(5 * time.Hour).UTC().Format(time.RFC3339)})
		}),
		dropsDraft("M217", "a private draft may have a custom id", "DUC-009", "requireSignedURLs", always),
		drafts("M218", "ids of drafts are not checked", "DUC-010", func(list []field) []field {
			return without(list, "id", func(id string) bool {
				return strings.Trim(id, "/") != id || len(id) > 1024 || uuidForm.MatchString(id)
			})
		}),
		dropsDraft("M218b", "the metadata of drafts has no limit", "DUC-011", "metadata", func(text string) bool { return len(text) > 1024 }),
		answering("M219", "an upload URL needs the token", "DUU-001", func(c *call) bool {
			if c.posting() && c.r.Header.Get("Authorization") == "" {
				c.refuse(401, 10000)
				return true
			}
			return false
		}),
		answering("M221", "a second file is a success and dropped", "DUU-002 DUU-012", secondIsFine()),
		asking("M222", "any file finishes a draft", "DUU-004 DUU-005", func(c *call) {
			if c.posting() {
				c.setFields([]field{aFile()})
			}
		}),
		asking("M251", "posted files are changed", "DUU-006", func(c *call) {
			if c.posting() {
				c.setFields([]field{aFile()})
			}
		}),
		answering("M226", "a deleted draft comes back", "DUU-009", revived()),
		answering("M272", "an upload URL can be read", "DUU-010", func(c *call) bool {
			if c.path == "" && c.r.Method == "GET" {
				c.success("{}")
				return true
			}
			return false
		}),
		changing("M029", "drafts are listed", "V1L-013 V2L-015", listsDrafts()),
	}
}

// finish posts a file to an upload URL.
func (c *call) finish(target string) {
	other := *c
	other.r = c.r.Clone(c.r.Context())
	u, _ := c.r.URL.Parse(target)
	other.r.URL, other.r.Method = u, "POST"
	other.r.RequestURI = u.RequestURI()
	other.setFields([]field{aFile()})
	other.ask()
}

func secondIsFine() func(c *call) bool {
	var mu sync.Mutex
	used := map[string]string{}
	return func(c *call) bool {
		if !c.posting() {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if text, ok := used[c.r.URL.Path]; ok {
			c.reply(200, text)
			return true
		}
		rec := c.ask()
		if rec.Code == 200 {
			used[c.r.URL.Path] = rec.Body.String()
		}
		c.answer(rec)
		return true
	}
}

// revived answers posts to the URLs of deleted drafts with a success.
func revived() func(c *call) bool {
	return func(c *call) bool {
		if !c.posting() {
			return false
		}
		rec := c.ask()
		if rec.Code == 404 {
			c.success(`{"id":"back"}`)
			return true
		}
		c.answer(rec)
		return true
	}
}

func listsDrafts() func(c *call, status int, o object) int {
	var drafts []object
	return func(c *call, status int, o object) int {
		r, _ := o["result"].(object)
		if c.draft() && status == 200 {
			creator, _ := c.text("creator")
			drafts = append(drafts, object{
				"id": r["id"], "creator": creator, "uploaded": "2026-01-01T00:00:00Z", "requireSignedURLs": false, "variants": []any{}, "draft": true,
			})
		}
		if c.r.Method == "GET" && r["images"] != nil {
			setImages(o, append(imagesIn(o), drafts...))
		}
		return status
	}
}

// raceMutants fail when many requests come at once.
func raceMutants() []mutant {
	return []mutant{
		answering("M228", "many uploads of one id succeed", "CON-001", func(c *call) bool {
			rec := c.ask()
			if c.upload() && rec.Code == 409 {
				id, _ := c.text("id")
				rec = c.askOther("GET", "/images/v1/"+pathEscape(id), "", nil)
			}
			c.answer(rec)
			return true
		}),
		answering("M229", "uploads at once are lost", "CON-002 CON-005", everyNth(7, func(c *call, rec string) {
			if c.upload() {
				id := parse([]byte(rec))["result"].(object)["id"].(string)
				c.askOther("DELETE", "/images/v1/"+id, "", nil)
			}
		})),
		answering("M230", "edits are merged", "CON-003", merged()),
		answering("M231", "every deletion at once succeeds", "CON-004", func(c *call) bool {
			if c.image("DELETE") == "" {
				return false
			}
			c.ask()
			c.success("{}")
			return true
		}),
		answering("M233", "every 17th edit is dropped", "STM-001", dropsEdits(5)),
		changing("M235", "V2 forgets all but 40 images", "STM-005", func(c *call, status int, o object) int {
			if images := imagesIn(o); c.is("GET", "/images/v2") && len(images) > 40 {
				setImages(o, images[:40])
			}
			return status
		}),
	}
}

func everyNth(n int, then func(c *call, answer string)) func(c *call) bool {
	var mu sync.Mutex
	count := 0
	return func(c *call) bool {
		rec := c.ask()
		mu.Lock()
		count++
		hit := count%n == 0
		mu.Unlock()
		if hit && rec.Code == 200 {
			then(c, rec.Body.String())
		}
		c.answer(rec)
		return true
	}
}

func merged() func(c *call) bool {
	var mu sync.Mutex
	return func(c *call) bool {
		if c.image("PATCH") == "" {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		now := parse(c.askOther("GET", c.path, "", nil).Body.Bytes())
		o := parse(c.body)
		if r, ok := now["result"].(object); ok && r["meta"] != nil && o["metadata"] != nil {
			for k, v := range r["meta"].(object) {
				if _, ok := o["metadata"].(object)[k]; !ok {
					o["metadata"].(object)[k] = v
				}
			}
			c.body = []byte(jsonOf(o))
		}
		c.pass()
		return true
	}
}

func dropsEdits(n int) func(c *call) bool {
	count := 0
	return func(c *call) bool {
		if c.image("PATCH") == "" {
			return false
		}
		if count++; count%n != 0 {
			return false
		}
		o := parse(c.askOther("GET", c.path, "", nil).Body.Bytes())
		c.reply(200, jsonOf(o))
		return true
	}
}
