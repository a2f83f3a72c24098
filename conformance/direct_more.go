package conformance

import (
	"net/http"
	"time"

	"github.com/onsi/gomega"
)

// draftLimits checks what a request for an upload URL may say.
func draftLimits(s *suite) {
	draftShapes(s)
	inZone := func(ahead time.Duration, hours int, layout string) func(t *spec) {
		return func(t *spec) {
			at := t.now().Add(ahead).In(time.FixedZone("", hours*3600))
			t.isDraft(t.draft("expiry", at.Format(layout)))
		}
	}
	s.row("DUC-014", "west", inZone(3*time.Minute, -5, time.RFC3339))
	s.row("DUC-014", "east", inZone(5*time.Hour+59*time.Minute, 6, time.RFC3339))
	s.row("DUC-014", "fractions", inZone(time.Hour, 0, "2006-01-02T15:04:05.000Z07:00"))
	s.clause("DUC-013", func(t *spec) {
		for _, extension := range []string{".txt", "/sub/archive.zip"} {
			id := t.fresh() + extension
			t.refused(t.askDraft(t.fields("id", id)), codeBadID, codeBadRequest)
			t.notFound(t.do(get(imagePath(id))))
		}
	})
	s.clause("DUC-015", func(t *spec) {
		id := t.fresh()
		t.refused(t.askDraft(t.fields("id", id, "metadata.k", "v")))
		t.notFound(t.do(get(imagePath(id))))
	})
	for _, wrong := range [][2]string{{"metadata", `{"k":`}, {"metadata", `[1]`}, {"requireSignedURLs", "maybe"}, {"creator", longText(1025)}} {
		s.row("DUC-016", wrong[0]+" "+clip(wrong[1], 10), func(t *spec) {
			id := t.fresh()
			t.refused(t.askDraft(t.fields("id", id, wrong[0], wrong[1])))
			t.notFound(t.do(get(imagePath(id))))
		})
	}
	s.clause("DUC-017", func(t *spec) {
		id := t.padded("é", 1024)
		d := t.draft("id", id, "metadata", metadataOf(1024))
		t.Expect(d.ID).To(gomega.Equal(id), "the id in the answer")
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) { t.Expect(t.fetched(id).Meta).To(gomega.MatchJSON(metadataOf(1024)), "the metadata") })
	})
}

// longText is a text of n characters.
func longText(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = 'x'
	}
	return string(text)
}

// postLimits checks what may be posted to an upload URL, and what follows.
func postLimits(s *suite) {
	wrong := func(row string, ask func(t *spec, target string) request) {
		s.row("DUU-013", row, func(t *spec) {
			d, sent := t.draft(), t.picture()
			for range 2 {
				t.refusedUpload(t.do(ask(t, d.UploadURL)))
			}
			t.ok(t.post(d.UploadURL, newForm().image(sent)))
			t.eventually(func(t *spec) {
				t.demand(!t.fetched(d.ID).isDraft(), "the image should be no draft any more")
				t.holds(d.ID, sent)
			})
		})
	}
	wrong("text", func(_ *spec, target string) request { return posting(target, newForm().image(textSample())) })
	wrong("cut off", func(t *spec, target string) request {
		q := posting(target, newForm().image(t.picture()))
		q.body = q.body[:len(q.body)*3/4]
		return q
	})
	s.clause("DUU-014", func(t *spec) {
		d, sent := t.draft(), t.picture()
		sent.filename = "Kätzchen 7.png"
		made := t.imageOf(t.post(d.UploadURL, newForm().image(sent)))
		t.Expect(made.Filename).To(gomega.HaveValue(gomega.Equal(sent.filename)), "the filename in the answer")
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(d.ID).Filename).To(gomega.HaveValue(gomega.Equal(sent.filename)), "the filename")
		})
	})
	postKinds(s)
}

// postKinds checks requests that are no form with a file, and ids of drafts.
func postKinds(s *suite) {
	refused := func(id string, ask func(sent sample, target string) request) {
		s.clause(id, func(t *spec) {
			d := t.draft()
			t.refusedUpload(t.do(ask(t.picture(), d.UploadURL)))
			t.demand(t.fetched(d.ID).isDraft(), "draft should still be true")
			t.noTrace()
		})
	}
	refused("DUU-015", func(sent sample, target string) request {
		return posting(target, newForm().file("filepond", sent.filename, sent.contentType, sent.body))
	})
	refused("DUU-016", func(sent sample, target string) request {
		return request{method: "POST", url: target, anonymous: true, contentType: sent.contentType, body: sent.body}
	})
	s.clause("DUU-017", func(t *spec) {
		d := t.draft()
		q := posting(d.UploadURL, newForm().image(t.picture()))
		q.method = http.MethodPut
		r := t.do(q)
		t.demand(r.status/100 == 4, "the status should be 4xx and is %d", r.status)
		t.demand(t.fetched(d.ID).isDraft(), "draft should still be true")
	})
	for _, suffix := range []string{"/a/b.png", "-größe 日本", "?a=1&b+c", "-100%25"} {
		s.row("DUU-018", suffix, func(t *spec) {
			id, sent := t.fresh()+suffix, t.picture()
			made := t.imageOf(t.post(t.draft("id", id).UploadURL, newForm().image(sent)))
			t.Expect(made.ID).To(gomega.Equal(id), "the id in the answer")
			t.eventually(func(t *spec) {
				t.demand(!t.fetched(id).isDraft(), "the image should be no draft any more")
				t.holds(id, sent)
			})
		})
	}
}
