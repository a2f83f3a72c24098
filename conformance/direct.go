package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/onsi/gomega"
)

func createDirectUpload(s *suite) {
	s.row("DUC-001", "no body", func(t *spec) {
		t.isDraft(decode[draft](t, t.ok(t.made("", request{method: "POST", path: directPath}))))
	})
	s.row("DUC-001", "a form", func(t *spec) { t.isDraft(t.anyDraft(t.fields())) })
	s.row("DUC-001", "an id", func(t *spec) { t.isDraft(t.draft()) })
	s.clause("DUC-002", func(t *spec) {
		first, second := t.anyDraft(t.fields()), t.anyDraft(t.fields())
		t.Expect(second.ID).NotTo(gomega.Equal(first.ID), "the ids of two drafts")
		t.Expect(second.UploadURL).NotTo(gomega.Equal(first.UploadURL), "the URLs of two drafts")
	})
	s.clause("DUC-003", func(t *spec) {
		id := t.fresh() + "/custom.png"
		t.Expect(t.draft("id", id).ID).To(gomega.Equal(id), "the id in the answer")
		t.demand(t.fetched(id).isDraft(), "draft should be true")
	})
	s.clause("DUC-004", func(t *spec) {
		d := t.anyDraft(t.fields("metadata", `{"from":{"draft":[1]}}`, "requireSignedURLs", "true"))
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) {
			got := t.fetched(d.ID)
			t.all(func(t *spec) {
				t.Expect(got.Meta).To(gomega.MatchJSON(`{"from":{"draft":[1]}}`), "the metadata")
				t.Expect(got.creator()).To(gomega.Equal(t.name), "the creator")
				t.demand(got.private(), "the image should be private")
			})
		})
	})
	s.row("DUC-004", "at the limits", func(t *spec) {
		id, creator, metadata := t.padded("x", 1024), t.padded("x", 1024), metadataOf(1024)
		d := t.draft("id", id, "creator", creator, "metadata", metadata, "requireSignedURLs", "false")
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) {
			got := t.fetched(d.ID)
			t.all(func(t *spec) {
				t.Expect(got.ID).To(gomega.Equal(id), "the id")
				t.Expect(got.Meta).To(gomega.MatchJSON(metadata), "the metadata")
				t.Expect(got.creator()).To(gomega.Equal(creator), "the creator")
				t.demand(!got.private(), "the image should be public")
			})
		})
	})
	for _, d := range []time.Duration{-time.Hour, 0, time.Minute, 110 * time.Second, 6*time.Hour + 2*time.Minute, 48 * time.Hour} {
		s.row("DUC-005", d.String(), func(t *spec) {
			t.refused(t.askDraft(t.named("expiry", t.in(d))))
		})
	}
	for _, d := range []time.Duration{3 * time.Minute, time.Hour, 5*time.Hour + 59*time.Minute} {
		s.row("DUC-006", d.String(), func(t *spec) { t.isDraft(t.draft("expiry", t.in(d))) })
	}
	for _, wrong := range []string{"tomorrow", "3600", "2026-13-45T00:00:00Z"} {
		s.row("DUC-007", wrong, func(t *spec) { t.refused(t.askDraft(t.named("expiry", wrong))) })
	}
	draftRules(s)
}

func draftRules(s *suite) {
	takenDrafts(s)
	draftLimits(s)
	s.clause("DUC-009", func(t *spec) {
		id := t.fresh()
		t.refused(t.askDraft(t.fields("id", id, "requireSignedURLs", "true")))
		t.notFound(t.do(get(imagePath(id))))
	})
	refused := func(row string, id func(t *spec) string) {
		s.row("DUC-010", row, func(t *spec) {
			t.refused(t.askDraft(t.fields("id", id(t))), codeBadID, codeBadRequest)
		})
	}
	refused("UUID", uuid)
	refused("UUID in upper case", func(t *spec) string { return strings.ToUpper(uuid(t)) })
	refused("UUID of version 1", func(t *spec) string { return uuidOf(t, "1", "c") })
	refused("leading slash", func(t *spec) string { return "/" + t.fresh() })
	refused("trailing slash", func(t *spec) string { return t.fresh() + "/" })
	refused("1025 characters", func(t *spec) string { return t.padded("x", 1025) })
	s.clause("DUC-011", func(t *spec) { t.refused(t.askDraft(t.named("metadata", metadataOf(1025)))) })
	s.row("DUC-012", "29 minutes", func(t *spec) {
		d := t.draft()
		t.advance(29 * time.Minute)
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
	}, needClock)
	s.row("DUC-012", "31 minutes", func(t *spec) {
		d := t.draft()
		t.advance(31 * time.Minute)
		t.unusable(d)
	}, needClock)
}

// in is a time from now by the target's clock.
func (t *spec) in(d time.Duration) string {
	return t.now().Add(d).UTC().Format(time.RFC3339)
}

// now is the time of the target.
func (t *spec) now() time.Time {
	return t.serverTime(t.do(get(listPath, t.mine("per_page", "1")...)))
}

// advance moves the target's clock.
func (t *spec) advance(d time.Duration) {
	t.target.Advance(d)
	t.run.ahead.Add(int64(d))
}

func (t *spec) isDraft(d draft) {
	u, err := url.Parse(d.UploadURL)
	t.demand(err == nil && u.IsAbs() && u.Host != "", "uploadURL should be absolute, and is %q", d.UploadURL)
	t.eventually(func(t *spec) { t.demand(t.fetched(d.ID).isDraft(), "draft should be true") })
}

func takenDrafts(s *suite) {
	s.row("DUC-008", "image", func(t *spec) {
		id, sent := t.fresh(), t.picture()
		t.stored(t.fields("id", id, "metadata", `{"first":true}`).image(sent))
		before := t.fetched(id)
		t.refusedAs(t.askDraft(t.fields("id", id, "metadata", `{"first":false}`)), http.StatusConflict, codeExists)
		t.Expect(t.fetched(id).raw).To(gomega.MatchJSON(before.raw), "the first image")
		t.holds(id, sent)
	})
	s.row("DUC-008", "draft", func(t *spec) {
		id := t.fresh()
		first := t.draft("id", id, "metadata", `{"first":true}`)
		t.refusedAs(t.askDraft(t.fields("id", id, "metadata", `{"first":false}`)), http.StatusConflict, codeExists)
		t.ok(t.post(first.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) { t.Expect(t.fetched(id).Meta).To(gomega.MatchJSON(`{"first":true}`), "the metadata") })
	})
}
