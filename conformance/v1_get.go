package conformance

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"
)

func getImage(s *suite) {
	s.clause("V1G-001", func(t *spec) {
		made := t.stored(t.form("metadata", `{"a":{"b":[1,2]}}`))
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image as its upload answered it")
		})
	})
	s.clause("V1G-001", func(t *spec) {
		made := t.stored(t.form())
		first := t.fetched(made.ID)
		t.wait()
		t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(first.raw), "the image as it was fetched before")
	})
	s.clause("V1G-002", func(t *spec) {
		for _, id := range []string{t.fresh(), "5c0ffee0-5c0f-4fee-80c0-ffee5c0ffe00"} {
			t.notFound(t.do(get(imagePath(id))))
		}
	})
	s.clause("V1G-003", func(t *spec) {
		d := t.draft()
		got := t.fetched(d.ID)
		t.Expect(got.ID).To(gomega.Equal(d.ID), "the id of the draft")
		t.demand(got.isDraft(), "draft should be true")
	})
	s.clause("V1G-004", func(t *spec) {
		d := t.draft()
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) { t.demand(t.fetched(d.ID).Draft == nil, "draft should not be there") })
	})
	getNamed(s)
}

func getNamed(s *suite) {
	named(s, "V1G-005", "slashes", "/a/b/c.png")
	named(s, "V1G-005", "many slashes", "/a/b/c/d/e/f.jpeg")
	named(s, "V1G-006", "letters", "-déjà-日本語")
	named(s, "V1G-006", "emoji", "-🐈‍⬛")
	named(s, "V1G-006", "combining marks", "-e\u0301")
	named(s, "V1G-007", "a percent sign", "-100%")
	named(s, "V1G-007", "an escape", "-a%2Fb")
	named(s, "V1G-007", "an escaped escape", "-a%252Fb")
	s.clause("V1G-008", func(t *spec) {
		short := t.fresh()
		t.stored(t.form("id", short))
		long := t.stored(t.form("id", short+"b"))
		t.deleted(short)
		for _, q := range []request{get(blobPath(short)), patch(imagePath(short), `{"metadata":{"wrong":1}}`), del(imagePath(short))} {
			t.notFound(t.do(q))
		}
		t.Expect(t.fetched(long.ID).raw).To(gomega.MatchJSON(long.raw), "the image with the longer id")
	})
	s.clause("V1G-009", func(t *spec) {
		id := t.fresh() + "-Abc"
		made := t.stored(t.form("id", id))
		t.Expect(made.ID).To(gomega.Equal(id), "the id")
		t.notFound(t.do(get(imagePath(strings.ToLower(id)))))
		t.notFound(t.do(del(imagePath(strings.ToUpper(id)))))
		t.stored(t.form("id", strings.ToLower(id), "metadata", `{"lower":true}`))
		t.Expect(t.fetched(strings.ToLower(id)).Meta).To(gomega.MatchJSON(`{"lower":true}`), "the metadata of the id in lower case")
		t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the id")
	})
	s.clause("V1G-010", variantURLs)
	s.clause("V1G-011", func(t *spec) {
		made := t.stored(t.form())
		t.fetched(made.ID)
		t.ok(t.do(del(imagePath(made.ID))))
		t.gone(made.ID)
	})
	s.clause("V1G-012", func(t *spec) {
		for _, path := range []string{"/..%2Fkeys", "/%2E%2E%2Fv2", "/..%2F..%2Fimages%2Fv1%2Fkeys", "/keys%2F", "/%2Fstats"} {
			r := t.do(get(imagesPath + path))
			t.Expect(r.status).To(gomega.Equal(http.StatusNotFound), "the status of %s", path)
			t.refused(r)
		}
	})
}

// named checks that an image with such an id is found, once decoded.
func named(s *suite, clause, row, suffix string) {
	s.row(clause, row, func(t *spec) {
		id := t.fresh() + suffix
		made := t.stored(t.form("id", id))
		t.Expect(made.ID).To(gomega.Equal(id), "the id in the answer")
		t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the id of the image found")
	})
}

func variantURLs(t *spec) {
	for _, f := range []*form{t.form(), t.form("id", t.fresh()+"/sub/one")} {
		made := t.stored(f)
		t.eventually(func(t *spec) {
			variants, got := t.variants(), t.fetched(made.ID)
			var ends []string
			for _, u := range got.Variants {
				t.demand(strings.Contains(u, "/"+made.ID+"/"), "the URL %q should hold the id", u)
				ends = append(ends, u[strings.LastIndexByte(u, '/')+1:])
			}
			var want []string
			for id := range variants {
				want = append(want, id)
			}
			t.Expect(ends).To(gomega.ConsistOf(want), "one URL for every variant")
		})
	}
}
