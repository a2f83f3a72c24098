package mutants

import (
	"encoding/json"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

func subtleUploads() []mutant {
	return slices.Concat(subtleIDs(), subtleTaken(), subtleMetadata(), subtleFields(), subtleFiles(), subtleSources())
}

func subtleIDs() []mutant {
	return []mutant{
		rewriting("M400", "identity", "a plus in an id becomes a space", "V1C-041", "id", func(s string) string { return strings.ReplaceAll(s, "+", " ") }),
		rewriting("M401", "identity", "two slashes in an id become one", "V1C-041", "id", func(s string) string { return strings.ReplaceAll(s, "//", "/") }),
		rewriting("M402", "identity", "an id ends at its question mark", "V1C-041", "id", func(s string) string { s, _, _ = strings.Cut(s, "?"); return s }),
		rewriting("M403", "identity", "composed letters replace combining marks in ids", "V1C-020 V1G-006", "id", func(s string) string { return strings.ReplaceAll(s, "e\u0301", "é") }),
		answering("M404", "validation", "only UUIDs of version 4 are refused as ids", "V1C-017", func(c *call) bool {
			id, _ := c.text("id")
			return c.upload() && uuidForm.MatchString(id) && id[14] != '4' && c.storedAs(id)
		}),
		answering("M405", "validation", "ids may end like a text file", "V1C-042", func(c *call) bool {
			id, _ := c.text("id")
			return c.upload() && slices.Contains([]string{".txt", ".pdf", ".html", ".zip"}, path.Ext(id)) && c.storedAs(id)
		}),
		rewriting("M406", "validation", "a slash at the end of an id is cut off", "V1C-018", "id", func(s string) string { return strings.TrimSuffix(s, "/") }),
		refusing("M407", "limits", "ids of more than 255 bytes cannot be deleted", "V1G-013", 404, 5404, func(c *call) bool {
			return c.does("DELETE") && len(c.image("DELETE")) > 700
		}),
	}
}

// storedAs stores an upload whose id is refused, and answers that id.
func (c *call) storedAs(id string) bool {
	c.without("id")
	c.change(func(status int, o object) int {
		if r, ok := o["result"].(object); ok {
			r["id"] = id
		}
		return status
	})
	return true
}

func subtleTaken() []mutant {
	tried := &set{}
	return []mutant{
		refusing("M408", "identity", "an id is taken when another differs in case only", "V1G-009", 409, 5409, func(c *call) bool {
			id, _ := c.text("id")
			return c.upload() && id != "" && slices.ContainsFunc(c.everything(), func(i object) bool {
				return i["id"] != id && strings.EqualFold(i["id"].(string), id)
			})
		}),
		answering("M409", "draft", "an upload takes the id of a draft", "V1C-016", func(c *call) bool {
			if id, _ := c.text("id"); c.upload() && id != "" && c.resultOf("/images/v1/" + pathEscape(id))["draft"] == true {
				c.askOther("DELETE", "/images/v1/"+pathEscape(id), "", nil)
			}
			return false
		}),
		recoded("M410", "a taken id is a bad request by its code", "V1C-016", uploads, 409, 5409, 409, 5400),
		recoded("M411", "a taken id is a bad request by its status", "V1C-016", uploads, 409, 5409, 400, 5409),
		answering("M412", "state", "a refused upload takes the id", "V1C-034", func(c *call) bool {
			id, _ := c.text("id")
			if !c.upload() || id == "" {
				return false
			}
			if tried.contains(id) {
				c.refuse(409, 5409)
				return true
			}
			rec := c.ask()
			if rec.Code != 200 {
				tried.add(id)
			}
			c.give(rec)
			return true
		}),
	}
}

func subtleMetadata() []mutant {
	return []mutant{
		rewriting("M413", "limits", "metadata is measured in characters", "V1C-010", "metadata", func(s string) string {
			if len(s) > 1024 && utf8.RuneCountInString(s) <= 1024 {
				return `{"cut":true}`
			}
			return s
		}),
		rewriting("M414", "metadata", "texts in metadata are trimmed", "V1C-008", "metadata", eachText(strings.TrimSpace)),
		rewriting("M415", "metadata", "large integers in metadata are rounded", "V1C-043", "metadata", func(s string) string {
			var v any
			if json.Unmarshal([]byte(s), &v) != nil {
				return s
			}
			return jsonOf(v)
		}),
		refusing("M416", "metadata", "empty metadata is refused", "V1C-008", 400, 5400, func(c *call) bool {
			text, ok := c.text("metadata")
			return c.upload() && ok && text == "{}"
		}),
		eachImage("M417", "metadata", "empty texts in metadata are null", "V1C-008", func(i object) {
			meta, _ := i["meta"].(object)
			for k, v := range meta {
				if v == "" {
					meta[k] = nil
				}
			}
		}),
		asking("M440", "metadata", "metadata of an upload in parts of its own is dropped", "V1C-052", func(c *call) {
			if c.upload() {
				c.rewrite(func(f *field) bool {
					if !strings.HasPrefix(f.name, "metadata.") {
						return false
					}
					f.name = ""
					return true
				})
			}
		}),
		asking("M418", "metadata", "metadata of a private upload is dropped", "V1C-045", func(c *call) {
			if private, _ := c.text("requireSignedURLs"); c.upload() && private == "true" {
				c.without("metadata")
			}
		}),
		rewriting("M419", "metadata", "metadata that is an array is kept as an object", "V1C-049", "metadata", func(s string) string {
			if strings.HasPrefix(s, "[") {
				return `{"0":1}`
			}
			return s
		}),
	}
}

// eachText edits the texts of a JSON object.
func eachText(edit func(string) string) func(string) string {
	return func(text string) string {
		o := parse([]byte(text))
		changed := false
		for k, v := range o {
			if s, ok := v.(string); ok && edit(s) != s {
				o[k], changed = edit(s), true
			}
		}
		if !changed {
			return text
		}
		return jsonOf(o)
	}
}

func subtleFields() []mutant {
	return []mutant{
		refusing("M420", "limits", "a creator of more than 255 characters is refused", "V1C-050", 400, 5400, func(c *call) bool {
			creator, _ := c.text("creator")
			return c.upload() && len(creator) > 255
		}),
		rewriting("M421", "limits", "a creator that is too long is cut", "V1C-050", "creator", func(s string) string { return s[:min(len(s), 1024)] }),
		rewriting("M422", "creator", "a creator is stored in lower case", "V1C-014", "creator", strings.ToLower),
		rewriting("M423", "flags", "requireSignedURLs is true whatever it says", "V1C-012", "requireSignedURLs", func(string) string { return "true" }),
		answered("M424", "flags", "the answer to a private upload says public", "V1C-011", uploads, func(r object) { r["requireSignedURLs"] = false }),
		answered("M425", "schema", "the answer to an upload has no variants", "V1G-001", uploads, func(r object) { r["variants"] = []any{} }),
		answered("M426", "creator", "the answer to an upload lacks the creator", "V1C-014", uploads, func(r object) { delete(r, "creator") }),
		asking("M427", "creator", "the creator of an upload with an id is dropped", "V1C-045", func(c *call) {
			if _, ok := c.text("id"); c.upload() && ok {
				c.without("creator")
			}
		}),
		answering("M428", "status", "an upload answers 201", "ENV-016", func(c *call) bool {
			rec := c.ask()
			if c.upload() && rec.Code == 200 {
				rec.Code = 201
			}
			c.give(rec)
			return true
		}),
	}
}

func subtleFiles() []mutant {
	names := &set{}
	return []mutant{
		asking("M429", "upload", "filenames are cut after 100 characters", "V1C-051", func(c *call) {
			if c.upload() {
				c.rewrite(func(f *field) bool {
					if len(f.filename) <= 100 {
						return false
					}
					f.filename = f.filename[:100]
					return true
				})
			}
		}),
		refusing("M430", "upload", "a filename can be used once", "V1C-033", 409, 5409, func(c *call) bool {
			for _, f := range c.fields() {
				if c.upload() && f.file {
					again := names.contains(f.filename)
					names.add(f.filename)
					return again
				}
			}
			return false
		}),
		answering("M431", "upload", "files are cut at 8 MB", "BLB-010", func(c *call) bool {
			rec := c.ask()
			if c.blob() && rec.Body.Len() > 8<<20 {
				rec.Body.Truncate(8 << 20)
				rec.Header().Del("Content-Length")
			}
			c.give(rec)
			return true
		}),
		answering("M432", "upload", "a form without parts is an upload", "V1C-022", func(c *call) bool {
			if c.upload() && len(c.fields()) == 0 && strings.HasPrefix(c.r.Header.Get("Content-Type"), "multipart/") {
				c.setFields([]field{aFile()})
			}
			return false
		}),
		answering("M433", "upload", "an upload without a body is an empty image", "V1C-022", func(c *call) bool {
			if c.upload() && len(c.body) == 0 {
				c.setFields([]field{aFile()})
			}
			return false
		}),
	}
}

func subtleSources() []mutant {
	byURL := func(c *call) bool {
		u, _ := c.text("url")
		return c.upload() && strings.HasPrefix(u, "http")
	}
	return []mutant{
		asking("M434", "url", "an upload by url drops the metadata", "V1C-046", func(c *call) {
			if byURL(c) {
				c.without("metadata")
			}
		}),
		asking("M435", "url", "an upload by url ignores the id", "V1C-046", func(c *call) {
			if byURL(c) {
				c.without("id")
			}
		}),
		asking("M436", "url", "an upload by url has no creator", "V1C-046", func(c *call) {
			if byURL(c) {
				c.without("creator")
			}
		}),
		answered("M437", "url", "an upload by url is called image", "V1C-047", byURL, func(r object) { r["filename"] = "image" }),
		asking("M438", "url", "the credentials in a url are dropped", "V1C-048", func(c *call) {
			if byURL(c) {
				c.retext("url", func(text string) string {
					u, err := url.Parse(text)
					if err != nil || u.User == nil {
						return text
					}
					u.User = nil
					return u.String()
				})
			}
		}),
		asking("M439", "url", "an upload by url is never private", "V1C-046", func(c *call) {
			if byURL(c) {
				c.without("requireSignedURLs")
			}
		}),
	}
}
