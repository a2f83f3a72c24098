package mutants

import (
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

func subtleDrafts() []mutant {
	return slices.Concat(draftRequests(), draftValues(), draftIDs(), postedFiles(), finishedDrafts())
}

// drafted is a mutant that rewrites a field of requests for an upload URL.
func drafted(id, class, text, killers, name string, edit func(body string) string) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if c.draft() {
			c.retext(name, edit)
		}
	})
}

func draftRequests() []mutant {
	return []mutant{
		answering("M505", "expiry", "an upload URL may expire after little more than a minute", "DUC-005", lenient(time.Minute)),
		answering("M509", "expiry", "an upload URL may last 6 hours and 4 minutes", "DUC-005", lenient(-4*time.Minute)),
		drafted("M506", "expiry", "the zone of an expiry is ignored", "DUC-014", "expiry", func(s string) string {
			if at, err := time.Parse(time.RFC3339, s); err == nil && !strings.HasSuffix(s, "Z") {
				_, offset := at.Zone()
				return at.UTC().Add(time.Duration(offset) * time.Second).Format(time.RFC3339)
			}
			return s
		}),
		refusing("M507", "expiry", "an expiry with fractions of a second is refused", "DUC-014", 400, 5400, func(c *call) bool {
			text, _ := c.text("expiry")
			return c.draft() && strings.Contains(text, ".")
		}),
		answering("M508", "validation", "an upload URL may be asked for with JSON", "ENV-004", func(c *call) bool {
			if c.draft() && c.r.Header.Get("Content-Type") == "application/json" {
				c.r.Header.Del("Content-Type")
				c.body = nil
			}
			return false
		}),
		answering("M510", "metadata", "metadata of a draft in parts of its own is dropped", "DUC-015", func(c *call) bool {
			if c.draft() {
				c.rewrite(func(f *field) bool {
					if !strings.HasPrefix(f.name, "metadata.") {
						return false
					}
					f.name = ""
					return true
				})
			}
			return false
		}),
	}
}

func draftValues() []mutant {
	return []mutant{
		drafted("M511", "metadata", "a draft takes metadata that is not JSON", "DUC-016", "metadata", func(s string) string {
			if parse([]byte(s)) == nil {
				return `{}`
			}
			return s
		}),
		drafted("M512", "flags", "a draft takes any requireSignedURLs", "DUC-016", "requireSignedURLs", func(s string) string {
			if s != "true" {
				return "false"
			}
			return s
		}),
		refusing("M542", "limits", "metadata of drafts has 1023 bytes at most", "DUC-017", 400, 5400, func(c *call) bool {
			text, _ := c.text("metadata")
			return c.draft() && len(text) == 1024
		}),
		refusing("M541", "limits", "ids of drafts have 1023 characters at most", "DUC-017", 400, 5411, func(c *call) bool {
			id, _ := c.text("id")
			return c.draft() && utf8.RuneCountInString(id) == 1024
		}),
	}
}

// lenient asks again with another expiry when a draft is refused.
func lenient(by time.Duration) func(c *call) bool {
	return func(c *call) bool {
		text, _ := c.text("expiry")
		at, err := time.Parse(time.RFC3339, text)
		if !c.draft() || err != nil {
			return false
		}
		rec := c.ask()
		if rec.Code == 400 {
			c.retext("expiry", func(string) string { return at.Add(by).Format(time.RFC3339) })
			rec = c.ask()
		}
		c.give(rec)
		return true
	}
}

// promised answers an upload URL for an id that should be refused.
func (c *call) promised(id string) bool {
	c.without("id")
	c.change(func(status int, o object) int {
		if r, ok := o["result"].(object); ok {
			r["id"] = id
		}
		return status
	})
	return true
}

func draftIDs() []mutant {
	gone := &set{}
	return []mutant{
		answering("M503", "validation", "UUIDs in upper case are accepted as ids of drafts", "DUC-010", func(c *call) bool {
			id, _ := c.text("id")
			return c.draft() && uuidForm.MatchString(id) && id != strings.ToLower(id) && c.promised(id)
		}),
		answering("M504", "validation", "ids of drafts may end like a text file", "DUC-013", func(c *call) bool {
			id, _ := c.text("id")
			return c.draft() && slices.Contains([]string{".txt", ".zip", ".pdf"}, path.Ext(id)) && c.promised(id)
		}),
		answering("M530", "draft", "the id of a deleted draft stays taken", "V1D-010", func(c *call) bool {
			if c.image("DELETE") != "" && c.resultOf(c.path)["draft"] == true {
				gone.add(c.path)
			}
			id, _ := c.text("id")
			if id != "" && (c.draft() || c.upload()) && gone.contains("/images/v1/"+pathEscape(id)) {
				c.refuse(409, 5409)
				return true
			}
			return false
		}),
		refusing("M528", "encoding", "the upload URL of an id with slashes does not work", "DUU-018", 404, 5404, func(c *call) bool {
			return c.posting() && strings.Count(strings.Trim(c.r.URL.Path, "/"), "/") > 1
		}),
		refusing("M529", "encoding", "the upload URL of an id beyond ASCII does not work", "DUU-018", 404, 5404, func(c *call) bool {
			return c.posting() && asciiOnly(c.r.URL.Path) != c.r.URL.Path
		}),
	}
}

func postedFiles() []mutant {
	return []mutant{
		answering("M500", "draft", "a refused file uses the upload URL up", "DUU-013", usedUp(func(c *call) bool { return len(c.fields()) > 0 })),
		answering("M540", "draft", "a form that is cut off uses the upload URL up", "DUU-013", usedUp(func(c *call) bool {
			return strings.HasPrefix(c.r.Header.Get("Content-Type"), "multipart/") && !strings.HasSuffix(strings.TrimSpace(string(c.body)), "--")
		})),
		asking("M501", "upload", "a posted file is called file", "DUU-014", func(c *call) {
			if c.posting() {
				c.rewrite(func(f *field) bool {
					if !f.file {
						return false
					}
					f.filename = "file"
					return true
				})
			}
		}),
		asking("M517", "validation", "a posted file may have any part", "DUU-015", func(c *call) {
			if c.posting() {
				c.rewrite(func(f *field) bool {
					if !f.file || f.name == "file" {
						return false
					}
					f.name = "file"
					return true
				})
			}
		}),
		asking("M518", "validation", "a file may be posted as the bare body", "DUU-016", func(c *call) {
			if c.posting() && strings.HasPrefix(c.r.Header.Get("Content-Type"), "image/") {
				c.setFields([]field{{"file", "raw.png", "image/png", true, string(c.body)}})
			}
		}),
		asking("M520", "routing", "a file may be put, too", "DUU-017", func(c *call) {
			if c.does("PUT") && !strings.Contains(c.r.URL.Path, "/accounts/") {
				c.r.Method = "POST"
			}
		}),
		answered("M522", "draft", "the answer to a posted file says draft", "DUU-001", (*call).posting, func(r object) { r["draft"] = true }),
		answered("M523", "schema", "the answer to a posted file has no time", "DUU-001", (*call).posting, func(r object) { delete(r, "uploaded") }),
	}
}

// usedUp ends the life of an upload URL with the first file that is refused,
// if it is of a kind.
func usedUp(kind func(c *call) bool) func(c *call) bool {
	spent := &set{}
	return func(c *call) bool {
		if !c.posting() {
			return false
		}
		if spent.contains(c.r.URL.Path) {
			c.refuse(404, 5404)
			return true
		}
		bad := kind(c)
		rec := c.ask()
		if rec.Code >= 400 && bad {
			spent.add(c.r.URL.Path)
		}
		c.give(rec)
		return true
	}
}

func finishedDrafts() []mutant {
	finished := &set{}
	note := func(c *call, status int, o object) {
		if r, ok := o["result"].(object); ok && c.posting() && status == 200 {
			finished.add(jsonOf(r["id"]))
		}
	}
	return []mutant{
		changing("M524", "stats", "finished drafts are not counted", "STA-002", func(c *call, status int, o object) int {
			note(c, status, o)
			missing := 0
			if c.is("GET", "/images/v1/stats") {
				for _, i := range c.everything() {
					if finished.contains(jsonOf(i["id"])) {
						missing++
					}
				}
			}
			return counting(func(count object) { count["current"] = c.counted() - missing })(c, status, o)
		}),
		changing("M525", "filter", "filters do not find finished drafts", "V2L-015", func(c *call, status int, o object) int {
			note(c, status, o)
			if filtered(c) && status == 200 {
				setImages(o, slices.DeleteFunc(imagesIn(o), func(i object) bool { return finished.contains(jsonOf(i["id"])) }))
			}
			return status
		}),
		changing("M516", "creator", "a finished draft is listed without its creator", "V1L-015 V2L-018", func(c *call, status int, o object) int {
			note(c, status, o)
			if listing(c) {
				for _, i := range imagesIn(o) {
					if finished.contains(jsonOf(i["id"])) {
						delete(i, "creator")
					}
				}
			}
			return status
		}),
	}
}

// counted is the number of listed images.
func (c *call) counted() int { return len(c.everything()) }
