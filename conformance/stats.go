package conformance

import (
	"net/http"

	"github.com/onsi/gomega"
)

// counts gets the statistics.
func (t *spec) counts() counts {
	c := decode[struct {
		Count *struct{ Current, Allowed *int64 }
	}](t, t.ok(t.do(get(statsPath)))).Count
	t.demand(c != nil && c.Current != nil && c.Allowed != nil, "count should have the numbers current and allowed")
	return counts{*c.Current, *c.Allowed}
}

func statistics(s *suite) {
	keys := feature(FeatureKeys)
	s.clause("STA-001", func(t *spec) {
		c := t.counts()
		t.demand(0 <= c.Current && c.Current <= c.Allowed, "current should be from 0 to allowed, and is %d of %d", c.Current, c.Allowed)
	}, keys)
	s.clause("STA-002", func(t *spec) {
		before := t.counts().Current
		t.stored(t.form())
		t.countIs(before + 1)
	}, keys)
	s.row("STA-002", "finished draft", func(t *spec) {
		before := t.counts().Current
		d := t.draft()
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.countIs(before + 1)
		t.deleted(d.ID)
		t.countIs(before)
	}, keys)
	s.row("STA-003", "unknown and deleted images", func(t *spec) {
		made := t.stored(t.form())
		before := t.counts().Current
		t.notFound(t.do(del(imagePath(t.fresh()))))
		t.countIs(before)
		t.deleted(made.ID)
		t.notFound(t.do(del(imagePath(made.ID))))
		t.countIs(before - 1)
	}, keys)
	s.clause("STA-007", func(t *spec) {
		id := t.stored(t.form()).ID
		before := t.counts().Current
		for _, body := range []string{`{"metadata":{"a":1}}`, `{"requireSignedURLs":true}`, `{"requireSignedURLs":false}`} {
			id = t.edited(id, body).ID
			t.countIs(before)
		}
	}, keys)
	s.row("STA-004", "taken id", func(t *spec) {
		id := t.stored(t.form("id", t.fresh())).ID
		before := t.counts().Current
		t.refusedAs(t.create(t.form("id", id)), http.StatusConflict, codeExists)
		t.countIs(before)
	}, keys)
	s.clause("STA-003", func(t *spec) {
		before := t.counts().Current
		made := t.stored(t.form())
		t.countIs(before + 1)
		t.deleted(made.ID)
		t.countIs(before)
	}, keys)
	s.row("STA-004", "draft", func(t *spec) {
		before := t.counts().Current
		t.draft()
		t.countIs(before)
	}, keys)
	s.row("STA-004", "refused", func(t *spec) {
		before := t.counts().Current
		t.refused(t.create(t.fields().image(textSample())))
		t.countIs(before)
	}, keys)
	s.clause("STA-005", func(t *spec) {
		t.several(3)
		t.eventually(func(t *spec) {
			images := all(t.walked())
			t.Expect(t.counts().Current).To(gomega.Equal(int64(len(images))), "current, beside the number of listed images")
		})
	}, keys)
	s.row("STA-005", "102 images", func(t *spec) {
		before := t.counts().Current
		for range 102 {
			t.imageOf(t.create(t.form()))
		}
		t.countIs(before + 102)
	}, keys)
	s.clause("STA-006", func(t *spec) {
		allowed := t.counts().Allowed
		made := t.stored(t.form())
		t.Expect(t.counts().Allowed).To(gomega.Equal(allowed), "allowed after an upload")
		t.deleted(made.ID)
		t.Expect(t.counts().Allowed).To(gomega.Equal(allowed), "allowed after a deletion")
	}, keys)
}

// countIs waits until the statistics count so many images.
func (t *spec) countIs(want int64) {
	t.eventually(func(t *spec) { t.Expect(t.counts().Current).To(gomega.Equal(want), "the count of images") })
}
