package mutants

import (
	"strings"
	"sync"
	"time"
)

// drafts is a mutant that edits requests for upload URLs.
func drafts(id, class, text, killers string, edit func(list []field) []field) mutant {
	return asking(id, class, text, killers, func(c *call) {
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

func dropsDraft(id, class, text, killers, name string, bad func(string) bool) mutant {
	return drafts(id, class, text, killers, func(list []field) []field { return without(list, name, bad) })
}

func directMutants() []mutant {
	return []mutant{
		answering("M208", "draft", "a draft is a finished image at once", "V1G-003 DUC-001", func(c *call) bool {
			rec := c.ask()
			if c.draft() && rec.Code == 200 {
				c.finish(parse(rec.Body.Bytes())["result"].(object)["uploadURL"].(string))
			}
			c.give(rec)
			return true
		}),
		dropsDraft("M210", "draft", "the id of a draft is ignored", "DUC-003 DUC-008", "id", always),
		dropsDraft("M211", "draft", "the metadata of a draft is dropped", "DUC-004", "metadata", always),
		dropsDraft("M212", "expiry", "any expiry is accepted", "DUC-005 DUC-007", "expiry", always),
		answering("M213", "expiry", "an expiry of more than an hour is refused", "DUC-006", func(c *call) bool {
			text, ok := c.text("expiry")
			at, err := time.Parse(time.RFC3339, text)
			if !c.draft() || !ok || err != nil || time.Until(at) < time.Hour+time.Minute {
				return false
			}
			c.refuse(400, 5400)
			return true
		}),
		drafts("M215", "expiry", "URLs never expire by default", "DUC-012", func(list []field) []field {
			if hasField(list, "expiry") {
				return list
			}
			return append(list, field{name: "expiry", body: time.Now().Add(5 * time.Hour).UTC().Format(time.RFC3339)})
		}),
		dropsDraft("M217", "validation", "a private draft may have a custom id", "DUC-009", "requireSignedURLs", always),
		drafts("M218", "validation", "ids of drafts are not checked", "DUC-010", func(list []field) []field {
			return without(list, "id", func(id string) bool {
				return strings.Trim(id, "/") != id || len(id) > 1024 || uuidForm.MatchString(id)
			})
		}),
		dropsDraft("M218b", "limits", "the metadata of drafts has no limit", "DUC-011", "metadata", func(text string) bool { return len(text) > 1024 }),
	}
}

func uploadURLMutants() []mutant {
	return []mutant{
		answering("M219", "auth", "an upload URL needs the token", "DUU-001", func(c *call) bool {
			if c.posting() && c.r.Header.Get("Authorization") == "" {
				c.refuse(401, 10000)
				return true
			}
			return false
		}),
		answering("M221", "draft", "a second file is a success and dropped", "DUU-002 DUU-012", secondIsFine()),
		asking("M222", "upload", "any file finishes a draft", "DUU-004 DUU-005", func(c *call) {
			if c.posting() {
				c.setFields([]field{aFile()})
			}
		}),
		asking("M251", "upload", "posted files are changed", "DUU-006", func(c *call) {
			if c.posting() {
				c.setFields([]field{aFile()})
			}
		}),
		answering("M226", "draft", "a deleted draft comes back", "DUU-009", revived()),
		answering("M272", "routing", "an upload URL can be read", "DUU-010", func(c *call) bool {
			if c.path == "" && c.does("GET") {
				c.success("{}")
				return true
			}
			return false
		}),
		changing("M029", "draft", "drafts are listed", "V1L-013 V2L-015", listsDrafts()),
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
		c.give(rec)
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
		c.give(rec)
		return true
	}
}

func listsDrafts() func(c *call, status int, o object) int {
	var mu sync.Mutex
	var drafts []object
	return func(c *call, status int, o object) int {
		mu.Lock()
		defer mu.Unlock()
		r, _ := o["result"].(object)
		if c.draft() && status == 200 {
			creator, _ := c.text("creator")
			drafts = append(drafts, object{
				"id": r["id"], "creator": creator, "uploaded": "2026-01-01T00:00:00Z", "requireSignedURLs": false, "variants": []any{}, "draft": true,
			})
		}
		if c.does("GET") && r["images"] != nil {
			setImages(o, append(imagesIn(o), drafts...))
		}
		return status
	}
}

// raceMutants fail when many requests come at once.
func raceMutants() []mutant {
	return []mutant{
		answering("M228", "race", "many uploads of one id succeed", "CON-001", func(c *call) bool {
			rec := c.ask()
			if c.upload() && rec.Code == 409 {
				id, _ := c.text("id")
				rec = c.askOther("GET", "/images/v1/"+pathEscape(id), "", nil)
			}
			c.give(rec)
			return true
		}),
		answering("M229", "race", "uploads at once are lost", "CON-002 CON-005", everyNth(7, func(c *call, rec string) {
			if c.upload() {
				id := parse([]byte(rec))["result"].(object)["id"].(string)
				c.askOther("DELETE", "/images/v1/"+id, "", nil)
			}
		})),
		answering("M230", "race", "edits are merged", "CON-003", merged()),
		answering("M231", "race", "every deletion at once succeeds", "CON-004", func(c *call) bool {
			if c.image("DELETE") == "" {
				return false
			}
			c.ask()
			c.success("{}")
			return true
		}),
		answering("M233", "state", "every 17th edit is dropped", "STM-001", dropsEdits(5)),
		changing("M235", "state", "V2 forgets all but 40 images", "STM-005", func(c *call, status int, o object) int {
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
		c.give(rec)
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
	var mu sync.Mutex
	count := 0
	return func(c *call) bool {
		if c.image("PATCH") == "" {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if count++; count%n != 0 {
			return false
		}
		o := parse(c.askOther("GET", c.path, "", nil).Body.Bytes())
		c.reply(200, jsonOf(o))
		return true
	}
}
