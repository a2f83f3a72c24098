package conformance

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"
)

func uploadIDs(s *suite) {
	for _, suffix := range []string{"/shop/2026/hat.png", "/Shop/HAT"} {
		s.row("V1C-015", suffix, func(t *spec) {
			id := t.fresh() + suffix
			made := t.stored(t.form("id", id))
			t.Expect(made.ID).To(gomega.Equal(id), "the id in the answer")
			t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the id")
		})
	}
	s.row("V1C-016", "draft", func(t *spec) {
		id, sent := t.fresh(), t.picture()
		d := t.draft("id", id, "metadata", `{"first":true}`)
		t.refusedAs(t.create(t.form("id", id, "metadata", `{"first":false}`)), http.StatusConflict, codeExists)
		t.demand(t.fetched(id).isDraft(), "draft should still be true")
		t.ok(t.post(d.UploadURL, newForm().image(sent)))
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(id).Meta).To(gomega.MatchJSON(`{"first":true}`), "the metadata")
			t.holds(id, sent)
		})
	})
	s.clause("V1C-016", func(t *spec) {
		id, sent := t.fresh(), t.picture()
		t.stored(t.fields("id", id, "metadata", `{"first":true}`).image(sent))
		before := t.fetched(id)
		t.refusedAs(t.create(t.form("id", id, "metadata", `{"first":false}`)), http.StatusConflict, codeExists)
		t.Expect(t.fetched(id).raw).To(gomega.MatchJSON(before.raw), "the first image")
		t.holds(id, sent)
	})
	refused := func(clause, row string, id func(t *spec) string) {
		s.row(clause, row, func(t *spec) { t.rejects(t.form("id", id(t)), codeBadID, codeBadRequest) })
	}
	refused("V1C-017", "lower case", uuid)
	refused("V1C-017", "upper case", func(t *spec) string { return strings.ToUpper(uuid(t)) })
	refused("V1C-017", "version 1", func(t *spec) string { return uuidOf(t, "1", "c") })
	refused("V1C-017", "no version", func(t *spec) string { return uuidOf(t, "0", "0") })
	refused("V1C-018", "leading slash", func(t *spec) string { return "/" + t.fresh() })
	refused("V1C-018", "trailing slash", func(t *spec) string { return t.fresh() + "/" })
	s.row("V1C-019", "1024 characters", func(t *spec) {
		id, sent := t.padded("x", 1024), t.picture()
		t.Expect(t.stored(t.fields("id", id).image(sent)).ID).To(gomega.Equal(id), "the id in the answer")
		t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the id")
		t.holds(id, sent)
		t.Expect(t.edited(id, `{"metadata":{"a":1}}`).ID).To(gomega.Equal(id), "the id in the answer to an edit")
		t.deleted(id)
	})
	refused("V1C-019", "1025 characters", func(t *spec) string { return t.padded("x", 1025) })
	s.clause("V1C-020", func(t *spec) {
		id := t.padded("é", 1024)
		t.Expect(t.stored(t.form("id", id)).ID).To(gomega.Equal(id), "the id in the answer")
		t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the id")
	})
	s.row("V1C-020", "short", func(t *spec) {
		id := t.fresh() + "/日本/e\u0301"
		t.Expect(t.stored(t.form("id", id)).ID).To(gomega.Equal(id), "the id in the answer")
	})
	s.clause("V1C-021", func(t *spec) {
		t.rejects(t.form("id", t.fresh(), "requireSignedURLs", "true"))
	})
}

// uuid returns a UUID that belongs to this clause.
func uuid(t *spec) string {
	hex := ""
	for _, c := range t.plain() {
		hex += string("0123456789abcdef"[int(c)%16])
	}
	hex = (hex + strings.Repeat("0", 32))[:32]
	return t.coin(hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-a" + hex[17:20] + "-" + hex[20:])
}

// uuidOf returns a UUID of a version and a variant.
func uuidOf(t *spec, version, variant string) string {
	id := uuid(t)
	return t.coin(id[:14] + version + id[15:19] + variant + id[20:])
}

// padded returns a fresh id of n characters.
func (t *spec) padded(with string, n int) string {
	id := t.fresh() + "-"
	return id + strings.Repeat(with, n-len(id))
}
