package conformance

import (
	"github.com/onsi/gomega"
)

func deleteImage(s *suite) {
	s.clause("V1D-001", func(t *spec) {
		made := t.stored(t.form())
		t.ok(t.do(del(imagePath(made.ID))))
	})
	s.clause("V1D-002", func(t *spec) {
		made := t.stored(t.form())
		t.ok(t.do(del(imagePath(made.ID))))
		t.eventually(func(t *spec) {
			t.notFound(t.do(get(imagePath(made.ID))))
			t.notFound(t.do(get(blobPath(made.ID))))
			t.notFound(t.do(patch(imagePath(made.ID), `{"metadata":{"a":1}}`)))
		})
	})
	s.clause("V1D-003", func(t *spec) {
		images := []image{t.stored(t.form("metadata", `{"k":"a"}`)), t.stored(t.form("metadata", `{"k":"a"}`))}
		t.eventually(func(t *spec) {
			for _, path := range t.lists() {
				t.Expect(t.listed(path, t.mine()...).Images).To(gomega.HaveLen(2), "both images should be listed")
			}
		})
		t.finds(map[string]string{images[0].ID: "first", images[1].ID: "second"}, []string{"meta.k[eq]", "a"}, "first", "second")
		t.deleted(images[0].ID)
		t.eventually(func(t *spec) {
			for _, path := range t.lists() {
				t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.ConsistOf(images[1].ID), "the images that are left")
			}
			t.Expect(idsOf(t.listed(listPath, t.mine("meta.k[eq]", "a")...).Images)).To(gomega.ConsistOf(images[1].ID), "the images that are left and match a filter")
		})
	})
	s.clause("V1D-004", func(t *spec) {
		made := t.stored(t.form())
		t.deleted(made.ID)
		t.notFound(t.do(del(imagePath(made.ID))))
	})
	s.clause("V1D-005", func(t *spec) {
		for _, id := range []string{t.fresh(), t.fresh() + "/sub", uuid(t)} {
			t.notFound(t.do(del(imagePath(id))))
		}
	})
	deleteOthers(s)
}

func deleteOthers(s *suite) {
	s.clause("V1D-006", func(t *spec) {
		base := t.fresh()
		sent := map[string]sample{}
		for _, id := range []string{base, base + "/a", base + "/ab", base + "/a/b"} {
			sent[id] = t.picture()
			t.stored(t.fields("id", id).image(sent[id]))
		}
		t.deleted(base + "/a")
		for _, id := range []string{base, base + "/ab", base + "/a/b"} {
			t.fetched(id)
			t.holds(id, sent[id])
		}
	})
	for _, suffix := range []string{"/b", " b", "%2Fb", "🐈b"} {
		s.row("V1D-007", suffix, func(t *spec) {
			base := t.fresh()
			kept := []string{base, base + "/b/b", base + "%2Fbb", base + "x"}
			for _, id := range append(kept, base+suffix) {
				t.stored(t.form("id", id))
			}
			t.deleted(base + suffix)
			for _, id := range kept {
				t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "another id")
			}
		})
	}
	s.clause("V1D-008", func(t *spec) {
		d := t.draft()
		t.demand(t.fetched(d.ID).isDraft(), "draft should be true")
		t.ok(t.do(del(imagePath(d.ID))))
		t.gone(d.ID)
	})
	deleteEffects(s)
	s.clause("V1D-009", func(t *spec) {
		id, second := t.fresh(), t.picture()
		t.stored(t.form("id", id, "metadata", `{"first":true}`))
		t.deleted(id)
		t.eventually(func(t *spec) {
			t.imageOf(t.create(t.fields("id", id, "metadata", `{"second":true}`).image(second)))
		})
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(id).Meta).To(gomega.MatchJSON(`{"second":true}`), "the metadata")
			t.holds(id, second)
			for _, path := range t.lists() {
				images := t.listed(path, t.mine()...).Images
				t.Expect(idsOf(images)).To(gomega.ConsistOf(id), "the list")
				t.Expect(images[0].Meta).To(gomega.MatchJSON(`{"second":true}`), "the metadata in the list")
			}
		})
	})
}
