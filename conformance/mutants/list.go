package mutants

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// changing is a mutant that changes answers.
func changing(id, class, text, killers string, edit func(c *call, status int, envelope object) int) mutant {
	return made(id, class, text, killers, func(c *call) {
		c.change(func(status int, envelope object) int { return edit(c, status, envelope) })
	})
}

// asking is a mutant that changes requests.
func asking(id, class, text, killers string, edit func(c *call)) mutant {
	return made(id, class, text, killers, func(c *call) {
		edit(c)
		c.pass()
	})
}

// answering is a mutant that answers some requests in its own way.
func answering(id, class, text, killers string, own func(c *call) bool) mutant {
	return made(id, class, text, killers, func(c *call) {
		if !own(c) {
			c.pass()
		}
	})
}

func envelopeMutants() []mutant {
	return slices.Concat(successMutants(), accessMutants(), readingMutants())
}

func successMutants() []mutant {
	return []mutant{
		answering("M001", "envelope", "a success is the bare result", "ENV-001", func(c *call) bool {
			rec := c.ask()
			o := parse(rec.Body.Bytes())
			if rec.Code != 200 || o == nil {
				c.give(rec)
				return true
			}
			text, _ := json.Marshal(o["result"])
			c.reply(200, string(text))
			return true
		}),
		changing("M002", "envelope", "success is the string true", "ENV-001", func(_ *call, status int, o object) int {
			if status == 200 {
				o["success"] = "true"
			}
			return status
		}),
		changing("M003", "envelope", "a success has no errors and messages", "ENV-001", func(_ *call, status int, o object) int {
			if status == 200 {
				delete(o, "errors")
				delete(o, "messages")
			}
			return status
		}),
		changing("M004", "envelope", "a failure has no errors", "ENV-002", func(_ *call, status int, o object) int {
			if status >= 400 {
				o["errors"] = []any{}
			}
			return status
		}),
		answering("M005", "envelope", "JSON is labelled as text", "ENV-003", func(c *call) bool {
			rec := c.ask()
			if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
				rec.Header().Set("Content-Type", "text/plain")
			}
			c.give(rec)
			return true
		}),
	}
}

func accessMutants() []mutant {
	return []mutant{
		changing("M008", "status", "an invalid request gets 500", "ENV-004 VRC-006", func(_ *call, status int, _ object) int {
			if status == 400 {
				return 500
			}
			return status
		}),
		asking("M009", "auth", "requests without credentials are served", "ENV-005", func(c *call) {
			if c.r.Header.Get("Authorization") == "" {
				c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
			}
		}),
		asking("M010", "auth", "any token is good", "ENV-006 ENV-007", func(c *call) {
			if c.r.Header.Get("Authorization") != "" {
				c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
				c.setAccount(c.first.AccountID)
			}
		}),
		asking("M011", "auth", "the account in the path is ignored", "ENV-007", func(c *call) { c.setAccount(c.first.AccountID) }),
		asking("M011b", "auth", "all accounts are one", "ENV-013", func(c *call) {
			if c.r.Header.Get("Authorization") == "Bearer "+c.second.Token {
				c.r.Header.Set("Authorization", "Bearer "+c.first.Token)
				c.setAccount(c.first.AccountID)
			}
		}),
		asking("M013", "routing", "PUT on the images is POST", "ENV-009", func(c *call) {
			if c.is("PUT", "/images/v1") {
				c.r.Method = "POST"
			}
		}),
	}
}

func readingMutants() []mutant {
	return []mutant{
		changing("M015", "secrecy", "an error message shows the token", "ENV-014", func(c *call, status int, o object) int {
			if status >= 400 {
				o["errors"] = []any{object{"code": 5400, "message": "bad request with " + c.r.Header.Get("Authorization")}}
			}
			return status
		}),
		changing("M016", "safety", "GET stamps the image anew", "ENV-015 V1G-001", func(c *call, status int, o object) int {
			if c.image("GET") != "" && status == 200 {
				o["result"].(object)["uploaded"] = time.Now().UTC().Format(time.RFC3339Nano)
			}
			return status
		}),
		answering("M255", "routing", "an unknown path is a success", "ENV-010", func(c *call) bool {
			rec := c.ask()
			if rec.Code == 404 && strings.Contains(rec.Body.String(), "7003") {
				c.success("{}")
				return true
			}
			c.give(rec)
			return true
		}),
		answering("M256", "validation", "an unknown parameter is refused", "ENV-011", func(c *call) bool {
			if c.query().Has("cfcnobody") {
				c.reply(400, `{"result":null,"success":false,"errors":[{"code":5400,"message":"unknown"}],"messages":[]}`)
				return true
			}
			return false
		}),
	}
}

// setAccount replaces the account in the path.
func (c *call) setAccount(id string) {
	if c.path == "" {
		return
	}
	base, _, _ := strings.Cut(c.r.URL.EscapedPath(), "/accounts/")
	c.setPath(base + "/accounts/" + id + c.path)
}

func (c *call) setPath(escaped string) {
	u, err := c.r.URL.Parse(escaped)
	if err == nil {
		u.RawQuery = c.r.URL.RawQuery
		c.r.URL = u
	}
}

// setTail replaces what follows the account.
func (c *call) setTail(tail string) {
	base := strings.TrimSuffix(c.r.URL.EscapedPath(), c.path)
	c.setPath(base + tail)
}

func listMutants() []mutant {
	return slices.Concat(numberMutants(), creatorMutants(), tokenMutants(), orderMutants())
}

func numberMutants() []mutant {
	v1, v2 := "/images/v1", "/images/v2"
	return []mutant{
		asking("M017", "paging", "V1 ignores per_page", "V1L-002 V1L-003", func(c *call) {
			if c.is("GET", v1) && c.query().Get("per_page") != "" && len(c.query().Get("per_page")) < 3 {
				c.several()
				c.drop("per_page")
			}
		}),
		changing("M018", "paging", "a page of V1 is one image short", "V1L-003", shorter(v1)),
		changing("M156", "paging", "a page of V2 is one image short", "V2L-002", shorter(v2)),
		changing("M023", "paging", "V1 answers 404 past the end", "V1L-007", func(c *call, status int, o object) int {
			if c.is("GET", v1) && c.query().Get("page") > "1" && len(imagesIn(o)) == 0 && status == 200 {
				return 404
			}
			return status
		}),
		answering("M024", "paging", "V1 repeats the last page for ever", "V1L-006 V1L-007", func(c *call) bool {
			if !c.is("GET", v1) {
				return false
			}
			for {
				rec := c.ask()
				page, _ := strconv.Atoi(c.query().Get("page"))
				if page <= 1 || len(imagesIn(parse(rec.Body.Bytes()))) > 0 {
					c.give(rec)
					return true
				}
				q := c.query()
				q.Set("page", strconv.Itoa(min(page-1, 60)))
				c.setQuery(q)
			}
		}),
		answering("M025", "paging", "V1 gives 1000 images", "V1L-009", func(c *call) bool {
			if !c.is("GET", v1) || len(c.query().Get("per_page")) < 4 {
				return false
			}
			c.setTail(v2)
			c.pass()
			return true
		}),
	}
}

func creatorMutants() []mutant {
	v1, v2 := "/images/v1", "/images/v2"
	return []mutant{
		changing("M027", "filter", "V1 compares creators by prefix", "V1L-011", byCreator(v1, strings.HasPrefix)),
		changing("M027b", "filter", "V2 compares creators without case", "V2L-014", byCreator(v2, strings.EqualFold)),
		asking("M028", "filter", "V1 takes an empty creator for none", "V1L-012", func(c *call) {
			if c.is("GET", v1) && c.query().Get("creator") == "" {
				c.drop("creator")
			}
		}),
		changing("M031", "schema", "V1 lists images without variants", "V1L-001", func(c *call, status int, o object) int {
			if c.is("GET", v1) {
				c.several()
				for _, i := range imagesIn(o) {
					delete(i, "variants")
				}
			}
			return status
		}),
		changing("M033", "ordering", "V1 is in random order", "V1L-016", func(c *call, status int, o object) int {
			if images := imagesIn(o); c.is("GET", v1) && len(images) > 1 {
				rand.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
				setImages(o, images)
			}
			return status
		}),
		changing("M258", "status", "V1 fails for a page that is no number", "V1L-010", func(c *call, status int, _ object) int {
			if c.query().Get("page") == "abc" {
				return 500
			}
			return status
		}),
	}
}

func tokenMutants() []mutant {
	v2 := "/images/v2"
	return []mutant{
		asking("M155", "paging", "V2 ignores per_page", "V2L-002", func(c *call) {
			if c.is("GET", v2) {
				c.drop("per_page")
			}
		}),
		asking("M165", "paging", "a garbage token is page 1", "V2L-006", func(c *call) {
			if len(c.query().Get("continuation_token")) < 10 {
				c.drop("continuation_token")
			}
		}),
		answering("M160", "paging", "the token ends a page too early", "V2L-004", func(c *call) bool {
			if !c.is("GET", v2) || !c.query().Has("continuation_token") {
				return false
			}
			c.change(func(status int, o object) int {
				if result, ok := o["result"].(object); ok {
					result["continuation_token"] = nil
				}
				return status
			})
			return true
		}),
		changing("M157", "paging", "a page repeats the last image of the one before", "V2L-004 V2L-019", func(c *call, status int, o object) int {
			if images := imagesIn(o); c.is("GET", v2) && c.query().Has("continuation_token") && len(images) > 0 {
				setImages(o, append(images, images[0]))
			}
			return status
		}),
		changing("M158", "paging", "a page leaves an image out", "V2L-004", func(c *call, status int, o object) int {
			if images := imagesIn(o); c.is("GET", v2) && c.query().Has("continuation_token") && len(images) > 0 {
				setImages(o, images[1:])
			}
			return status
		}),
		asking("M163", "paging", "the token forgets the filter", "V2L-019", func(c *call) {
			if c.query().Has("continuation_token") {
				c.renamed(func(string, string) (string, string) { return "", "" })
			}
		}),
	}
}

func orderMutants() []mutant {
	v2 := "/images/v2"
	return []mutant{
		asking("M167", "ordering", "sort_order is ignored", "V2L-008 V2L-010", func(c *call) {
			if q := c.query(); q.Get("sort_order") == "asc" {
				c.drop("sort_order")
			}
		}),
		asking("M168", "ordering", "asc and desc are swapped", "V2L-008 V2L-009", func(c *call) {
			q := c.query()
			switch q.Get("sort_order") {
			case "asc":
				q.Set("sort_order", "desc")
			case "desc":
				q.Set("sort_order", "asc")
			}
			c.setQuery(q)
		}),
		changing("M169", "ordering", "V2 is sorted by id", "V2L-008", func(c *call, status int, o object) int {
			if images := imagesIn(o); c.is("GET", v2) {
				slices.SortFunc(images, func(a, b object) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
				if len(images) > 0 {
					setImages(o, images)
				}
			}
			return status
		}),
		asking("M171", "validation", "an unknown sort_order is the default", "V2L-011", func(c *call) {
			if c.query().Get("sort_order") == "sideways" {
				c.drop("sort_order")
			}
		}),
		changing("M248", "schema", "the result of V2 is an array", "V2L-001", func(c *call, status int, o object) int {
			if c.is("GET", v2) && status == 200 {
				o["result"] = o["result"].(object)["images"]
			}
			return status
		}),
		asking("M268", "validation", "a per_page of 0 gives everything", "V2L-013", func(c *call) {
			if c.query().Get("per_page") == "0" {
				c.drop("per_page")
			}
		}),
	}
}

// several makes sure that the account has images to list.
func (c *call) several() {
	for range 12 {
		c.uploadPNG()
	}
}

func shorter(path string) func(c *call, status int, o object) int {
	return func(c *call, status int, o object) int {
		if images := imagesIn(o); c.is("GET", path) && len(images) > 0 && c.query().Has("per_page") {
			setImages(o, images[1:])
		}
		return status
	}
}

// byCreator filters a list by another comparison.
func byCreator(path string, match func(a, b string) bool) func(c *call, status int, o object) int {
	return func(c *call, status int, o object) int {
		want := c.query().Get("creator")
		if !c.is("GET", path) || want == "" {
			return status
		}
		whole := parse(c.askOther("GET", path, "", nil).Body.Bytes())
		var kept []object
		for _, i := range imagesIn(whole) {
			if creator, _ := i["creator"].(string); match(creator, want) {
				kept = append(kept, i)
			}
		}
		setImages(o, kept)
		return status
	}
}
