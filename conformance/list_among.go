package conformance

import (
	"slices"
	"strconv"

	"github.com/onsi/gomega"
)

// among uploads three images of this clause, between which there are others.
func (t *spec) among() []image {
	images := make([]image, 3)
	for i := range images {
		t.stored(t.form("creator", t.name+"-other"))
		images[i] = t.stored(t.form())
	}
	return images
}

// listAmong checks both lists where others have images, too.
func listAmong(s *suite) {
	v1 := feature(FeatureV1List)
	s.row("V1L-003", "among others", func(t *spec) {
		t.among()
		t.eventually(func(t *spec) {
			t.Expect(t.listed(imagesPath, t.mine("per_page", "2")...).Images).To(gomega.HaveLen(2), "a full page")
		})
	}, v1)
	s.row("V1L-005", "among others", func(t *spec) {
		want := idsOf(t.among())
		t.eventually(func(t *spec) {
			pages := t.counted(t.mine("per_page", "2")...)
			t.Expect(idsOf(all(pages))).To(gomega.ConsistOf(want), "every image should be met once")
			t.Expect(pages).To(gomega.HaveLen(2), "pages that are not empty")
		})
	}, v1)
	s.row("V2L-002", "among others", func(t *spec) {
		t.among()
		t.eventually(func(t *spec) {
			p := t.listed(listPath, t.mine("per_page", "2")...)
			t.Expect(p.Images).To(gomega.HaveLen(2), "a full page")
			t.demand(p.more() != "", "there should be a token while there are more images")
		})
	})
	s.row("V2L-004", "among others", func(t *spec) {
		want := idsOf(t.among())
		t.eventually(func(t *spec) {
			pages := t.walked(t.mine("per_page", "2")...)
			t.Expect(idsOf(all(pages))).To(gomega.ConsistOf(want), "every image should be met once")
		})
	})
	s.clause("V1L-018", func(t *spec) { t.fullByDefault(imagesPath, 101, 100) }, v1)
	s.clause("V2L-020", func(t *spec) { t.fullByDefault(listPath, 101, 101) })
	s.clause("V2L-023", func(t *spec) {
		t.several(3)
		t.eventually(func(t *spec) {
			first := t.listed(listPath, t.mine("per_page", "2")...)
			q := t.mine("per_page", "2", "continuation_token", first.more())
			again := t.listed(listPath, q...)
			t.Expect(again.Images).To(gomega.HaveLen(1), "the second page")
			t.Expect(t.listed(listPath, q...).Raw).To(gomega.MatchJSON(again.Raw), "the second page, asked for again")
		})
	})
	editedLists(s)
}

// fullByDefault makes n images and lists them without a per_page.
func (t *spec) fullByDefault(path string, n, want int) {
	for range n {
		t.imageOf(t.create(t.form()))
	}
	t.eventually(func(t *spec) {
		t.Expect(t.listed(path, t.mine()...).Images).To(gomega.HaveLen(want), "a page when there are %d images", n)
	})
}

func editedLists(s *suite) {
	s.clause("V2L-021", func(t *spec) {
		images := t.inTime()
		t.edited(images[0].ID, `{"metadata":{"edited":1}}`)
		t.edited(images[2].ID, map[string]any{"creator": t.name + "-gone"})
		t.edited(images[2].ID, map[string]any{"creator": t.name})
		want := idsOf(images)
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(listPath, t.mine("sort_order", "asc")...).Images)).To(gomega.Equal(want), "the ascending order")
			down := idsOf(t.listed(listPath, t.mine("sort_order", "desc")...).Images)
			slices.Reverse(down)
			t.Expect(down).To(gomega.Equal(want), "the descending order, reversed")
		})
	})
	s.row("V2L-022", "asc", func(t *spec) { t.editsDuringWalk(`{"requireSignedURLs":true}`, "asc") })
	s.row("V2L-022", "desc", func(t *spec) { t.editsDuringWalk(`{"metadata":{"met":true},"requireSignedURLs":true}`, "desc") })
	s.clause("V1E-017", func(t *spec) {
		made := t.stored(t.form())
		after := t.edited(made.ID, `{"requireSignedURLs":true}`)
		t.eventually(func(t *spec) {
			for _, path := range t.lists() {
				images := t.listed(path, t.mine()...).Images
				t.Expect(idsOf(images)).To(gomega.ConsistOf(after.ID), "the list")
				t.demand(images[0].private(), "the image should be listed as private")
			}
		})
		again := t.edited(after.ID, `{"requireSignedURLs":false}`)
		t.eventually(func(t *spec) {
			for _, path := range t.lists() {
				images := t.listed(path, t.mine()...).Images
				t.Expect(idsOf(images)).To(gomega.ConsistOf(again.ID), "the list")
				t.demand(!images[0].private(), "the image should be listed as public")
			}
		})
	})
}

// editsDuringWalk edits the last image of the first page, then walks on.
func (t *spec) editsDuringWalk(body, sortOrder string) {
	images := t.several(5)
	q := []string{"sort_order", sortOrder, "per_page", "2"}
	t.eventually(func(t *spec) { t.Expect(t.listed(listPath, t.mine()...).Images).To(gomega.HaveLen(5), "all images") })
	first := t.listed(listPath, t.mine(q...)...)
	t.Expect(first.Images).To(gomega.HaveLen(2), "the first page")
	after := t.edited(first.Images[1].ID, body)
	met := append(idsOf(first.Images), idsOf(all(t.walkedFrom(first.more(), q)))...)
	want := idsOf(images)
	if slices.Contains(met[2:], after.ID) {
		t.failf("the image %s of page 1, which was edited to %s, is on page %s", first.Images[1].ID, after.ID, strconv.Itoa(2+slices.Index(met[2:], after.ID)/2))
	}
	t.Expect(met).To(gomega.ConsistOf(want), "the images met")
}
