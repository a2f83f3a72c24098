package conformance

import (
	"net/url"
	"strings"
	"time"

	"github.com/onsi/gomega"
)

func postDirectUpload(s *suite) {
	s.row("DUU-001", "an id", func(t *spec) { t.finishes(t.draft()) })
	s.row("DUU-001", "a generated id", func(t *spec) { t.finishes(t.anyDraft(t.fields())) })
	s.clause("DUU-002", func(t *spec) {
		d, first := t.draft(), t.picture()
		t.ok(t.post(d.UploadURL, newForm().image(first)))
		t.refusedUpload(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) { t.holds(d.ID, first) })
	})
	s.clause("DUU-003", func(t *spec) {
		d := t.draft("expiry", t.in(3*time.Minute))
		t.advance(3*time.Minute + 30*time.Second)
		t.unusable(d)
	}, needClock)
	s.row("DUC-006", "works until then", func(t *spec) {
		d := t.draft("expiry", t.in(45*time.Minute))
		t.advance(40 * time.Minute)
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
	}, needClock)
	s.clause("DUU-004", func(t *spec) {
		d := t.draft()
		t.refusedUpload(t.post(d.UploadURL, newForm().image(textSample())))
		t.demand(t.fetched(d.ID).isDraft(), "draft should still be true")
	})
	s.clause("DUU-005", func(t *spec) {
		d := t.draft()
		t.refusedUpload(t.post(d.UploadURL, newForm().image(noisePNG(11<<20))))
		t.demand(t.fetched(d.ID).isDraft(), "draft should still be true")
	})
	for _, f := range formats() {
		s.row("DUU-006", f.name, func(t *spec) {
			d, sent := t.draft(), f.make(t.run.pictures.Add(1))
			t.ok(t.post(d.UploadURL, newForm().image(sent)))
			t.eventually(func(t *spec) { t.holds(d.ID, sent) })
		})
	}
	s.row("DUU-006", "200 kB", func(t *spec) {
		d, sent := t.draft(), noisePNG(200<<10)
		t.ok(t.post(d.UploadURL, newForm().image(sent)))
		t.eventually(func(t *spec) { t.holds(d.ID, sent) })
	})
	s.row("DUU-006", "9.5 MB", func(t *spec) {
		d, sent := t.draft(), noisePNG(9_500_000)
		t.ok(t.post(d.UploadURL, newForm().image(sent)))
		t.eventually(func(t *spec) { t.holds(d.ID, sent) })
	}, needHeavy)
	uploadURLs(s)
}

func uploadURLs(s *suite) {
	s.clause("DUU-007", intruder)
	postLimits(s)
	s.clause("DUU-008", func(t *spec) {
		d := t.draft()
		wrong := withOtherID(d)
		t.refusedUpload(t.post(wrong, newForm().image(t.picture())))
		t.demand(t.fetched(d.ID).isDraft(), "draft should still be true")
		t.noTrace()
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
	})
	s.clause("DUU-009", func(t *spec) {
		d := t.draft()
		t.deleted(d.ID)
		t.unusable(d)
	})
	s.clause("DUU-010", func(t *spec) {
		d := t.draft()
		r := t.do(request{method: "GET", url: d.UploadURL, anonymous: true})
		t.demand(r.status/100 == 4, "the status should be 4xx and is %d", r.status)
		t.demand(t.fetched(d.ID).isDraft(), "draft should still be true")
	})
	s.clause("DUU-011", func(t *spec) {
		d := t.draft("metadata", `{"secret":"yes"}`)
		made := t.imageOf(t.post(d.UploadURL, newForm().image(t.picture())))
		if len(made.Meta) == 0 || string(made.Meta) == "null" {
			t.record("the uploader is not shown the metadata")
			return
		}
		t.record("the uploader is shown the metadata")
		t.Expect(made.Meta).To(gomega.MatchJSON(`{"secret":"yes"}`), "the metadata in the answer")
	})
	s.clause("DUU-012", func(t *spec) {
		const many = 8
		d := t.draft()
		pictures := make([]sample, many)
		for i := range pictures {
			pictures[i] = t.picture()
		}
		replies := t.atOnce(many, func(i int) request { return posting(d.UploadURL, newForm().image(pictures[i])) })
		winner := t.onlySuccess(replies)
		t.eventually(func(t *spec) { t.holds(d.ID, pictures[winner]) })
	})
}

// finishes posts a file to a draft, which is an image then.
func (t *spec) finishes(d draft) {
	made := t.imageOf(t.post(d.UploadURL, newForm().image(t.picture())))
	t.Expect(made.ID).To(gomega.Equal(d.ID), "the id in the answer")
	t.demand(!made.isDraft(), "the image should be no draft any more")
	t.eventually(func(t *spec) {
		t.demand(!t.fetched(d.ID).isDraft(), "the image should be no draft any more")
		for _, path := range t.lists() {
			t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.ConsistOf(d.ID), "the list")
		}
	})
}

// refusedUpload demands that a post to an upload URL is refused; the host of
// such URLs may say so as text.
func (t *spec) refusedUpload(r *reply) {
	if r.isJSON() || t.target.Has(FeatureEnvelopes) {
		t.refused(r)
		return
	}
	t.demand(r.status/100 == 4, "the status should be 4xx and is %d", r.status)
}

// unusable demands that a draft's URL takes nothing and makes nothing.
func (t *spec) unusable(d draft) {
	t.refusedUpload(t.post(d.UploadURL, newForm().image(t.picture())))
	t.noTrace()
}

// withOtherID changes one character of the id in an upload URL, or the last of
// the path if the id is not there.
func withOtherID(d draft) string {
	u, err := url.Parse(d.UploadURL)
	if err != nil {
		return d.UploadURL
	}
	path := []byte(u.Path)
	at := len(path) - 1
	if i := strings.Index(u.Path, d.ID); i >= 0 {
		at = i
	}
	if path[at] == 'a' {
		path[at] = 'b'
	} else {
		path[at] = 'a'
	}
	u.Path, u.RawPath = string(path), ""
	return u.String()
}

func intruder(t *spec) {
	d, other := t.draft("metadata", `{"own":1}`), t.fresh()
	t.ledger.write(kindImage, other)
	f := newForm("id", other, "metadata", `{"own":2}`, "creator", t.name+"-thief", "requireSignedURLs", "true")
	r := t.post(d.UploadURL, f.image(t.picture()))
	if r.status/100 != 2 {
		t.refusedUpload(r)
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
	}
	t.eventually(func(t *spec) {
		got := t.fetched(d.ID)
		t.all(func(t *spec) {
			t.demand(!got.isDraft(), "the image should be finished")
			t.Expect(got.Meta).To(gomega.MatchJSON(`{"own":1}`), "the metadata")
			t.Expect(got.creator()).To(gomega.Equal(t.name), "the creator")
			t.demand(!got.private(), "the image should be public")
		})
	})
	t.notFound(t.do(get(imagePath(other))))
}

// onlySuccess demands that exactly one of the replies is a success, and
// returns which.
func (t *spec) onlySuccess(replies []*reply) int {
	winner, n := -1, 0
	for i, r := range replies {
		if r.status/100 == 2 {
			winner, n = i, n+1
			continue
		}
		t.demand(r.status/100 == 4, "the others should be refused with 4xx, not %d", r.status)
	}
	t.Expect(n).To(gomega.Equal(1), "how many of %d succeeded", len(replies))
	return winner
}
