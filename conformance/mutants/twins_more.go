package mutants

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cfimages/cfimages/conformance"
)

func moreTwins() []Twin {
	return []Twin{
		{ID: "T06", Text: "deleted images are readable and listed for a while", own: undead(15 * time.Millisecond),
			adapt:   func(target *conformance.Target) { target.Window = 3 * time.Second },
			Clauses: patterns("V1D-* V1G-* BLB-00* STM-002 V1L-014")},
		{ID: "T10", Text: "a page that is too large is cut to the largest", Clauses: patterns("ENV-* V1L-* V2L-0*"), own: clamped},
		{ID: "T18", Text: "the account has no signing keys and statistics", adapt: lacking(conformance.FeatureKeys), own: func(c *call) bool {
			if strings.HasPrefix(c.path, "/images/v1/keys") || strings.HasPrefix(c.path, "/images/v1/stats") {
				if c.ask().Code/100 == 2 {
					c.refuse(403, 5403)
					return true
				}
			}
			return false
		}},
		{ID: "T21", Text: "upload URLs have another host and path, and a token", Clauses: patterns("DUC-* DUU-* STM-003"), own: elsewhere},
	}
}

func clamped(c *call) bool {
	q := c.query()
	most := map[string]int{"/images/v1": 100, "/images/v2": 1000}[c.path]
	if n, err := strconv.Atoi(q.Get("per_page")); c.does("GET") && most > 0 && err == nil && n > most {
		q.Set("per_page", strconv.Itoa(most))
		c.setQuery(q)
	}
	return false
}

// elsewhere moves upload URLs below another address, and refuses those that
// lack its token.
func elsewhere(c *call) bool {
	if rest, ok := strings.CutPrefix(c.r.URL.EscapedPath(), "/drop/"); ok {
		if c.query().Get("token") != "ticket" {
			c.refuse(403, 5403)
			return true
		}
		c.r.URL.RawQuery = ""
		c.setPath("/" + rest)
		return false
	}
	c.change(func(status int, o object) int {
		if r, ok := o["result"].(object); ok && c.draft() && status == 200 {
			if u, err := url.Parse(r["uploadURL"].(string)); err == nil {
				r["uploadURL"] = "https://uploads.invalid:8443/drop" + u.EscapedPath() + "?token=ticket"
			}
		}
		return status
	})
	return true
}

// ghost is an image that was deleted a moment ago.
type ghost struct {
	image object
	blob  *answer
	until time.Time
}

// undead shows deleted images for a while.
func undead(lag time.Duration) func(c *call) bool {
	var mu sync.Mutex
	ghosts := map[string]ghost{}
	return func(c *call) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.image("DELETE") != "" {
			g := ghost{c.resultOf(c.path), c.askOther("GET", c.path+"/blob", "", nil), time.Now().Add(lag)}
			rec := c.ask()
			if rec.Code == 200 {
				ghosts[c.path] = g
			}
			c.give(rec)
			return true
		}
		if g, ok := ghosts[strings.TrimSuffix(c.path, "/blob")]; ok && c.does("GET") && time.Now().Before(g.until) {
			return haunted(c, g)
		}
		if c.upload() || c.draft() {
			id, _ := c.text("id")
			delete(ghosts, "/images/v1/"+pathEscape(id))
		}
		if c.does("GET") && (c.path == "/images/v1" || c.path == "/images/v2") && len(c.query()) == 1 {
			c.change(func(status int, o object) int {
				for _, g := range ghosts {
					if time.Now().Before(g.until) && g.image["creator"] == c.query().Get("creator") && status == 200 {
						setImages(o, append(slices.Clone(imagesIn(o)), g.image))
					}
				}
				return status
			})
			return true
		}
		return false
	}
}

// haunted answers with what was deleted if the account still had it.
func haunted(c *call, g ghost) bool {
	rec := c.ask()
	switch {
	case rec.Code != 404:
		c.give(rec)
	case c.blob():
		c.give(g.blob)
	default:
		c.success(jsonOf(g.image))
	}
	return true
}
