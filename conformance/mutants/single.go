package mutants

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
)

// singleMutants are wrong in one answer only, where the answers around it are
// right.
func singleMutants() []mutant {
	return slices.Concat(singleEdits(), singleKeys(), singleAnswers())
}

// emptied reports whether a request is an edit to metadata without members.
func (c *call) emptied() bool {
	m, ok := parse(c.body)["metadata"].(object)
	return c.image("PATCH") != "" && ok && len(m) == 0
}

func singleEdits() []mutant {
	return []mutant{
		answering("M1001", "edit", "an edit to no metadata answers what was there before", "V1E-001", func(c *call) bool {
			if !c.emptied() {
				return false
			}
			before := c.resultOf(c.path)["meta"]
			c.change(func(status int, o object) int {
				for _, i := range imagesIn(o) {
					i["meta"] = before
				}
				return status
			})
			return true
		}),
		answering("M1002", "edit", "an edit to no metadata is answered and not stored", "V1E-001", func(c *call) bool {
			if !c.emptied() {
				return false
			}
			before := c.resultOf(c.path)
			rec := c.ask()
			if id, ok := before["id"].(string); ok && rec.Code == 200 {
				c.edit(id, jsonOf(object{"metadata": before["meta"]}))
			}
			c.give(rec)
			return true
		}),
		answering("M1003", "blob", "an image under the id of a deleted one has its blob", "V1D-009", rebornBlobs()),
	}
}

// rebornBlobs serves what an id held before its image was deleted and another
// took its place.
func rebornBlobs() func(c *call) bool {
	var mu sync.Mutex
	kept := map[string][]byte{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("DELETE") != "" {
			if rec := c.askOther("GET", c.path+"/blob", "", nil); rec.Code == 200 {
				kept[c.path+"/blob"] = rec.Body.Bytes()
			}
			return false
		}
		body, ok := kept[c.path]
		if !ok || !c.blob() {
			return false
		}
		rec := c.ask()
		if rec.Code == 200 {
			rec.Body.Reset()
			rec.Body.Write(body)
			rec.Header().Del("Content-Length")
		}
		c.give(rec)
		return true
	}
}

// keyName is the name in the path of a request about a key.
func (c *call) keyName() string {
	name, _ := strings.CutPrefix(c.path, keysAt+"/")
	return name
}

func singleKeys() []mutant {
	return []mutant{
		answering("M1004", "routing", "PATCH of a key answers the keys", "ENV-009", func(c *call) bool {
			if !c.below("PATCH", keysAt) {
				return false
			}
			c.give(c.askOther("GET", keysAt, "", nil))
			return true
		}),
		changing("M1005", "isolation", "the value of a key is made from its name", "ENV-019", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				k := k.(object)
				sum := sha256.Sum256([]byte(k["name"].(string)))
				k["value"] = hex.EncodeToString(sum[:])
			}
			return status
		}),
		answering("M1006", "keys", "a name that differs in case is answered and not made", "KYU-007", func(c *call) bool {
			if !c.otherCase() {
				return false
			}
			c.give(c.askOther("GET", keysAt, "", nil))
			return true
		}),
		answering("M1007", "envelope", "a name that differs in case is refused without an error", "KYU-007", func(c *call) bool {
			if !c.otherCase() {
				return false
			}
			c.reply(409, `{"result":null,"success":false,"errors":[],"messages":[]}`)
			return true
		}),
		changing("M1008", "keys", "the values of keys have 12 characters", "KYL-003", func(_ *call, status int, o object) int {
			for _, k := range keysOf(o) {
				if value, _ := k.(object)["value"].(string); len(value) > 12 {
					k.(object)["value"] = value[:12]
				}
			}
			return status
		}),
		answering("M1009", "keys", "two keys come after the last one", "KYD-005", func(c *call) bool {
			rec := c.ask()
			if left := keysOf(parse(rec.Body.Bytes())); c.below("DELETE", keysAt) && len(left) == 1 && c.keyName() == left[0].(object)["name"] {
				rec = c.askOther("PUT", keysAt+"/spare", "", nil)
			}
			c.give(rec)
			return true
		}),
	}
}

// otherCase reports whether a request would make a key whose name is there in
// another case.
func (c *call) otherCase() bool {
	if !c.below("PUT", keysAt) {
		return false
	}
	return slices.ContainsFunc(keysOf(object{"result": c.resultOf(keysAt)}), func(k any) bool {
		name := k.(object)["name"].(string)
		return name != c.keyName() && strings.EqualFold(name, c.keyName())
	})
}

func singleAnswers() []mutant {
	return []mutant{
		changing("M1010", "envelope", "a deletion has no result", "V1D-001", func(c *call, status int, o object) int {
			if c.image("DELETE") != "" && status == 200 {
				delete(o, "result")
			}
			return status
		}),
		changing("M1011", "secrecy", "the counts show the values of keys", "ENV-014", func(c *call, status int, o object) int {
			if r, ok := o["result"].(object); ok && c.is("GET", "/images/v1/stats") {
				r["signing"] = c.resultOf(keysAt)["keys"]
			}
			return status
		}),
		answering("M1012", "secrecy", "a header shows the token", "ENV-014", func(c *call) bool {
			c.w.Header().Set("X-Request-Token", strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer "))
			return false
		}),
	}
}
