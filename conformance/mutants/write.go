package mutants

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"mime/multipart"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// somePNG is a valid picture.
var somePNG = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		panic(err)
	}
	return b.Bytes()
})

func aFile() field { return field{"file", "some.png", "image/png", true, string(somePNG())} }

// uploadPNG stores a picture behind the suite's back, with these fields.
func (c *call) uploadPNG(fields ...field) *answer {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		_ = w.WriteField(f.name, f.body)
	}
	p, _ := w.CreateFormFile("file", "some.png")
	_, _ = p.Write(somePNG())
	_ = w.Close()
	return c.askOther("POST", "/images/v1", w.FormDataContentType(), b.Bytes())
}

// fields of an upload that a mutant drops.
func dropping(id, class, text, killers, name string) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if c.upload() {
			c.form(func(f *field) {
				if f.name == name {
					f.name = ""
				}
			})
		}
	})
}

// forms is a mutant that edits the fields of uploads.
func forms(id, class, text, killers string, edit func(c *call, list []field) []field) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if c.upload() {
			c.setFields(edit(c, c.fields()))
		}
	})
}

func hasField(list []field, name string) bool {
	for _, f := range list {
		if f.name == name {
			return true
		}
	}
	return false
}

func without(list []field, name string, bad func(body string) bool) []field {
	var kept []field
	for _, f := range list {
		if f.name != name || !bad(f.body) {
			kept = append(kept, f)
		}
	}
	return kept
}

// metadata is a mutant that edits the metadata of uploads.
func metadata(id, class, text, killers string, edit func(text string) string) mutant {
	return forms(id, class, text, killers, func(_ *call, list []field) []field {
		for i := range list {
			if list[i].name == "metadata" {
				list[i].body = edit(list[i].body)
			}
		}
		return list
	})
}

var uuidForm = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func always(string) bool { return true }

func uploadMutants() []mutant {
	return slices.Concat(droppingMutants(), idMutants(), metadataMutants(), fileMutants(), formMutants(), bodyMutants())
}

func droppingMutants() []mutant {
	return []mutant{
		dropping("M044", "store", "custom ids are ignored", "V1C-015", "id"),
		dropping("M053", "metadata", "metadata is dropped", "V1C-007", "metadata"),
		dropping("M060", "flags", "requireSignedURLs is ignored", "V1C-011 V1C-013", "requireSignedURLs"),
		dropping("M063", "creator", "the creator is dropped", "V1C-014", "creator"),
		answering("M045", "store", "a taken id is overwritten", "V1C-016", func(c *call) bool {
			id, _ := c.text("id")
			if !c.upload() || id == "" {
				return false
			}
			c.askOther("DELETE", "/images/v1/"+pathEscape(id), "", nil)
			return false
		}),
		answering("M046", "store", "a taken id answers the old image", "V1C-016", func(c *call) bool {
			rec := c.ask()
			if id, _ := c.text("id"); c.upload() && rec.Code == 409 {
				rec = c.askOther("GET", "/images/v1/"+pathEscape(id), "", nil)
			}
			c.give(rec)
			return true
		}),
	}
}

func idMutants() []mutant {
	return []mutant{
		forms("M047", "validation", "UUIDs are accepted as ids", "V1C-017", func(_ *call, list []field) []field {
			return without(list, "id", uuidForm.MatchString)
		}),
		forms("M048", "validation", "slashes around ids are cut off", "V1C-018", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].name == "id" {
					list[i].body = strings.Trim(list[i].body, "/")
				}
			}
			return list
		}),
		answering("M049", "limits", "ids have 1023 characters at most", "V1C-019 V1C-020", longIDs(func(id string) bool { return len([]rune(id)) > 1023 })),
		answering("M051", "limits", "ids are measured in bytes", "V1C-020", longIDs(func(id string) bool { return len(id) > 1024 })),
		forms("M050", "limits", "long ids are cut", "V1C-019", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].name == "id" {
					list[i].body = list[i].body[:min(len(list[i].body), 1024)]
				}
			}
			return list
		}),
		forms("M052", "validation", "private images may have custom ids", "V1C-021", func(_ *call, list []field) []field {
			if hasField(list, "id") {
				return without(list, "requireSignedURLs", always)
			}
			return list
		}),
	}
}

func metadataMutants() []mutant {
	return []mutant{
		metadata("M054", "metadata", "metadata becomes text", "V1C-008", func(text string) string {
			o := parse([]byte(text))
			for k, v := range o {
				if n, ok := v.(json.Number); ok {
					o[k] = n.String()
				}
			}
			return jsonOf(o)
		}),
		metadata("M055", "metadata", "numbers lose precision", "V1C-008", func(text string) string {
			o := parse([]byte(text))
			for k, v := range o {
				if n, ok := v.(json.Number); ok {
					f, _ := strconv.ParseFloat(n.String(), 32)
					o[k] = float32(f)
				}
			}
			return jsonOf(o)
		}),
		metadata("M056", "metadata", "metadata is flattened", "V1C-008 V2L-044", func(text string) string {
			o := parse([]byte(text))
			for k, v := range o {
				if inner, ok := v.(object); ok {
					for k2, v2 := range inner {
						o[k+"."+k2] = v2
					}
					delete(o, k)
				}
			}
			return jsonOf(o)
		}),
		metadata("M057", "metadata", "wrong metadata is kept as text", "V1C-009", func(text string) string {
			if parse([]byte(text)) == nil {
				return jsonOf(object{"text": text})
			}
			return text
		}),
		answering("M058", "limits", "metadata has 1023 bytes at most", "V1C-010", func(c *call) bool {
			if text, _ := c.text("metadata"); len(text) <= 1023 {
				return false
			}
			c.refuse(400, 5400)
			return true
		}),
		metadata("M059", "limits", "metadata has no limit", "V1C-010", func(text string) string {
			if len(text) > 1024 {
				return "{}"
			}
			return text
		}),
	}
}

func fileMutants() []mutant {
	return []mutant{
		forms("M062", "flags", "maybe is true", "V1C-013", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].name == "requireSignedURLs" && list[i].body == "maybe" {
					list[i].body = "true"
				}
			}
			return list
		}),
		forms("M064", "upload", "every file is called file", "V1C-005 V1C-006", func(_ *call, list []field) []field {
			for i := range list {
				list[i].filename = "file"
			}
			return list
		}),
		forms("M259", "encoding", "filenames end at the first space or quote", "V1C-006", func(_ *call, list []field) []field {
			for i := range list {
				if at := strings.IndexAny(strings.ReplaceAll(list[i].filename, "%22", `"`), ` "`); at > 0 {
					list[i].filename = list[i].filename[:at]
				}
			}
			return list
		}),
		forms("M065", "upload", "anything is an image", "V1C-003 V1C-004 V1C-027", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].file && len(list[i].body) < 60 {
					list[i] = aFile()
				}
			}
			return list
		}),
		answering("M066", "upload", "only PNG and JPEG are images", "V1C-002 BLB-001", func(c *call) bool {
			for _, f := range c.fields() {
				if c.upload() && f.file && f.contentType != "image/png" && f.contentType != "image/jpeg" {
					c.refuse(415, 5455)
					return true
				}
			}
			return false
		}),
		answering("M069", "limits", "5 MB is too large", "V1C-026", func(c *call) bool {
			if len(c.body) > 5_000_000 {
				c.refuse(413, 5413)
				return true
			}
			return false
		}),
	}
}

func formMutants() []mutant {
	return []mutant{
		forms("M071", "upload", "an upload needs no file", "V1C-022", func(_ *call, list []field) []field {
			if !hasField(list, "file") && !hasField(list, "url") {
				list = append(list, aFile())
			}
			return list
		}),
		forms("M072", "upload", "the url is ignored beside a file", "V1C-023", func(_ *call, list []field) []field {
			if hasField(list, "file") {
				return without(list, "url", always)
			}
			return list
		}),
		asking("M073", "upload", "a bare body is accepted", "V1C-024", func(c *call) {
			if c.upload() && !strings.HasPrefix(c.r.Header.Get("Content-Type"), "multipart/") {
				c.setFields([]field{{"file", "raw.png", "image/png", true, string(c.body)}})
			}
		}),
		forms("M073b", "upload", "a file may have any name", "V1C-025", func(_ *call, list []field) []field {
			for i := range list {
				if list[i].file {
					list[i].name = "file"
				}
			}
			return list
		}),
		answering("M074", "upload", "a refused upload leaves an image", "V1C-003 V1C-034 STM-003", func(c *call) bool {
			rec := c.ask()
			if c.upload() && rec.Code >= 400 {
				creator, _ := c.text("creator")
				c.uploadPNG(field{name: "creator", body: creator})
			}
			c.give(rec)
			return true
		}),
	}
}

func bodyMutants() []mutant {
	return []mutant{
		asking("M075", "upload", "a form that is cut off is stored", "V1C-038", func(c *call) {
			if c.upload() && !bytes.HasSuffix(c.body, []byte("--\r\n")) {
				creator, _ := c.text("creator")
				c.setFields([]field{{name: "creator", body: creator}, aFile()})
			}
		}),
		forms("M080", "security", "any url is fetched", "V1C-031 V1C-029 V1C-030", func(_ *call, list []field) []field {
			if !hasField(list, "url") {
				return list
			}
			return append(without(list, "url", always), aFile())
		}),
		answering("M270", "upload", "chunked uploads are refused", "V1C-037", func(c *call) bool {
			if c.r.ContentLength < 0 {
				c.refuse(411, 5400)
				return true
			}
			return false
		}),
		answering("M271", "upload", "the file must be the last part", "V1C-036", func(c *call) bool {
			list := c.fields()
			if c.upload() && len(list) > 0 && !list[len(list)-1].file {
				c.setFields(append(without(list, "metadata", always), list[len(list)-1]))
			}
			return false
		}),
	}
}

func pathEscape(id string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F", " ", "%20").Replace(id)
}

func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// refuse answers a failure.
func (c *call) refuse(status, code int) {
	c.reply(status, `{"result":null,"success":false,"errors":[{"code":`+strconv.Itoa(code)+`,"message":"refused"}],"messages":[]}`)
}

// longIDs refuses some ids.
func longIDs(bad func(id string) bool) func(c *call) bool {
	return func(c *call) bool {
		if id, _ := c.text("id"); c.upload() && bad(id) {
			c.refuse(400, 5411)
			return true
		}
		return false
	}
}
