package mutants

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var escapedPercent = regexp.MustCompile(`%25([0-9A-Fa-f]{2})`)

func imageMutants() []mutant {
	return slices.Concat(getMutants(), deleteMutants(), blobMutants())
}

func getMutants() []mutant {
	return []mutant{
		asking("M035", "identity", "ids are stored in lower case", "V1G-009 V1C-015", func(c *call) {
			if c.upload() {
				c.form(func(f *field) {
					if f.name == "id" {
						f.body = strings.ToLower(f.body)
					}
				})
			}
		}),
		asking("M036", "encoding", "ids in paths are decoded twice", "V1G-007", func(c *call) {
			if strings.HasPrefix(c.path, "/images/v1/") {
				c.setTail(escapedPercent.ReplaceAllString(c.path, "%$1"))
			}
		}),
		asking("M037", "encoding", "ids in paths are not decoded", "V1G-005 V1G-006", func(c *call) {
			if strings.HasPrefix(c.path, "/images/v1/") {
				c.setTail(strings.ReplaceAll(c.path, "%", "%25"))
			}
		}),
		changing("M039", "draft", "drafts do not say so", "V1G-003", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok {
				delete(r, "draft")
			}
			return status
		}),
		changing("M040", "draft", "a finished draft says draft false", "V1G-004", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.image("GET") != "" && r["draft"] == nil {
				r["draft"] = false
			}
			return status
		}),
	}
}

func deleteMutants() []mutant {
	return []mutant{
		answering("M097", "delete", "deleting does nothing", "V1D-002 V1G-011 STM-002", func(c *call) bool {
			if c.image("DELETE") == "" {
				return false
			}
			if rec := c.askOther("GET", c.path, "", nil); rec.Code != 200 {
				return false
			}
			c.success("{}")
			return true
		}),
		answering("M101", "delete", "deleting an unknown image is a success", "V1D-004 V1D-005", func(c *call) bool {
			if c.image("DELETE") == "" {
				return false
			}
			c.ask()
			c.success("{}")
			return true
		}),
		answering("M241", "envelope", "deleting answers 204", "V1D-001", func(c *call) bool {
			if c.image("DELETE") == "" || c.ask().Code != 200 {
				return false
			}
			c.w.WriteHeader(204)
			return true
		}),
	}
}

func blobMutants() []mutant {
	return []mutant{
		answering("M106", "blob", "blobs are changed", "BLB-001 DUU-006", blobs(func(c *call, body []byte) {
			c.w.Header().Set("Content-Type", "image/png")
			_, _ = c.w.Write(append(body, 0))
		})),
		answering("M107", "blob", "blobs are JSON", "BLB-002", blobs(func(c *call, body []byte) {
			c.success(strconv.Quote("aGk="))
		})),
		answering("M108", "blob", "blobs are labelled as JPEG", "BLB-002", blobs(func(c *call, body []byte) {
			c.w.Header().Set("Content-Type", "image/jpeg")
			_, _ = c.w.Write(body)
		})),
		answering("M242", "blob", "blobs announce too much", "BLB-003", blobs(func(c *call, body []byte) {
			c.w.Header().Set("Content-Type", "image/png")
			c.w.Header().Set("Content-Length", strconv.Itoa(len(body)+10))
			_, _ = c.w.Write(body)
		})),
		answering("M109", "blob", "an unknown blob is a placeholder", "BLB-004 BLB-005 BLB-006", func(c *call) bool {
			if rec := c.ask(); !c.blob() || rec.Code == 200 {
				c.give(rec)
				return true
			}
			c.w.Header().Set("Content-Type", "image/png")
			_, _ = c.w.Write(somePNG())
			return true
		}),
		asking("M110", "auth", "blobs need no token", "BLB-007 ENV-005", func(c *call) {
			if c.blob() {
				c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
			}
		}),
		answering("M098", "delete", "a deleted image keeps its blob", "BLB-006 V1D-002", keepBlobs()),
	}
}

// blobs answers blobs in another way.
func blobs(own func(c *call, body []byte)) func(c *call) bool {
	return func(c *call) bool {
		if !c.blob() {
			return false
		}
		rec := c.ask()
		if rec.Code != 200 {
			c.give(rec)
			return true
		}
		own(c, rec.Body.Bytes())
		return true
	}
}

func keepBlobs() func(c *call) bool {
	var mu sync.Mutex
	kept := map[string][]byte{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if id := c.image("DELETE"); id != "" {
			if rec := c.askOther("GET", c.path+"/blob", "", nil); rec.Code == 200 {
				kept[c.path+"/blob"] = rec.Body.Bytes()
			}
			return false
		}
		if body, ok := kept[c.path]; ok && c.does("GET") {
			c.w.Header().Set("Content-Type", "image/png")
			_, _ = c.w.Write(body)
			return true
		}
		return false
	}
}
