package conformance

import (
	"strconv"
	"strings"

	"github.com/onsi/gomega"
)

func listByNumber(s *suite) {
	v1 := feature(FeatureV1List)
	s.clause("V1L-001", func(t *spec) { t.listed(imagesPath) }, v1)
	s.clause("V1L-001", func(t *spec) { t.listed(imagesPath, "per_page", "3") }, v1)
	s.clause("V1L-002", func(t *spec) {
		for _, k := range []int{1, 2, 10} {
			p := t.listed(imagesPath, "per_page", strconv.Itoa(k))
			t.demand(len(p.Images) <= k, "a page of %d should not hold %d images", k, len(p.Images))
		}
	}, v1)
	s.clause("V1L-003", func(t *spec) {
		t.several(4)
		for _, k := range []int{1, 2, 3, 4} {
			t.eventually(func(t *spec) {
				t.Expect(t.listed(imagesPath, t.mine("per_page", strconv.Itoa(k))...).Images).To(gomega.HaveLen(k), "a full page")
			})
		}
	}, v1)
	s.clause("V1L-004", func(t *spec) {
		t.several(4)
		t.eventually(func(t *spec) {
			first := idsOf(t.listed(imagesPath, t.mine("per_page", "2", "page", "1")...).Images)
			second := idsOf(t.listed(imagesPath, t.mine("per_page", "2", "page", "2")...).Images)
			t.Expect(first).To(gomega.HaveLen(2), "the first page")
			t.Expect(second).To(gomega.HaveLen(2), "the second page")
			t.Expect(first).NotTo(gomega.ContainElements(second[0]), "the pages should share nothing")
			t.Expect(first).NotTo(gomega.ContainElements(second[1]), "the pages should share nothing")
		})
	}, v1)
	s.row("V1L-005", "5 images by 2", func(t *spec) { t.countedWhole(5, 2) }, v1)
	s.row("V1L-005", "7 images by 3", func(t *spec) { t.countedWhole(7, 3) }, v1)
	s.row("V1L-006", "6 images by 3", func(t *spec) { t.countedWhole(6, 3) }, v1)
	s.row("V1L-006", "4 images by 1", func(t *spec) { t.countedWhole(4, 1) }, v1)
	pagesOutOfRange(s)
}

func pagesOutOfRange(s *suite) {
	v1 := feature(FeatureV1List)
	s.clause("V1L-007", func(t *spec) {
		t.Expect(t.listed(imagesPath, "per_page", "100", "page", "100000").Images).To(gomega.BeEmpty(), "a page past the end")
	}, v1)
	s.row("V1L-007", "own images", func(t *spec) {
		t.several(3)
		t.eventually(func(t *spec) {
			t.Expect(t.listed(imagesPath, t.mine()...).Images).To(gomega.HaveLen(3), "the first page")
			for _, q := range [][]string{{"page", "2"}, {"page", "4", "per_page", "1"}, {"page", "50", "per_page", "2"}} {
				t.Expect(t.listed(imagesPath, t.mine(q...)...).Images).To(gomega.BeEmpty(), "a page past the end")
			}
		})
	}, v1, needWrites)
	for _, wrong := range []string{"0", "-1", "abc"} {
		s.row("V1L-008", wrong, func(t *spec) { t.refused(t.do(get(imagesPath, "per_page", wrong))) }, v1)
		s.row("V1L-010", wrong, func(t *spec) {
			r := t.do(get(imagesPath, t.mine("page", wrong)...))
			if r.status == 200 {
				t.Expect(idsOf(t.pageOf(r).Images)).To(gomega.Equal(idsOf(t.listed(imagesPath, t.mine()...).Images)), "it should be the first page")
				return
			}
			t.refused(r)
		}, v1)
	}
	for _, many := range []string{"101", "1000", "10000"} {
		s.row("V1L-009", many, func(t *spec) {
			p := t.listed(imagesPath, "per_page", many)
			t.demand(len(p.Images) <= 100, "a page should hold at most 100 images, not %d", len(p.Images))
		}, v1)
	}
	s.row("V1L-009", "101 images", func(t *spec) {
		for range 101 {
			t.imageOf(t.create(t.form()))
		}
		t.eventually(func(t *spec) {
			t.Expect(t.listed(imagesPath, t.mine("per_page", "1000")...).Images).To(gomega.HaveLen(100), "a page when there are 101 images")
			t.Expect(t.listed(imagesPath, t.mine("per_page", "1000", "page", "2")...).Images).To(gomega.HaveLen(1), "the page after it")
		})
	}, v1, needWrites)
	contentByNumber(s)
}

func contentByNumber(s *suite) {
	v1 := feature(FeatureV1List)
	creators(s, "V1L-011", "V1L-012", imagesPath, v1)
	s.clause("V1L-013", func(t *spec) {
		d := t.draft()
		made := t.stored(t.form())
		t.eventually(func(t *spec) {
			ids := idsOf(t.listed(imagesPath, t.mine()...).Images)
			t.Expect(ids).To(gomega.ContainElement(made.ID), "the image should be listed")
			t.Expect(ids).NotTo(gomega.ContainElement(d.ID), "the draft should not be listed")
			t.Expect(idsOf(t.listed(imagesPath).Images)).NotTo(gomega.ContainElement(d.ID), "the draft should not be listed among all images")
		})
	}, v1)
	s.clause("V1L-014", func(t *spec) { t.unlistedAfterDelete(imagesPath) }, v1)
	s.clause("V1L-015", func(t *spec) { t.listedAsFetched(imagesPath) }, v1)
	s.clause("V1L-016", func(t *spec) {
		t.several(5)
		t.eventually(func(t *spec) {
			first := idsOf(t.listed(imagesPath, t.mine()...).Images)
			t.Expect(first).To(gomega.HaveLen(5), "all images should be listed")
			for range 3 {
				t.Expect(idsOf(t.listed(imagesPath, t.mine()...).Images)).To(gomega.Equal(first), "the order of the same page")
			}
		})
	}, v1)
	s.clause("V1L-017", func(t *spec) {
		r := t.do(get(imagesPath, "per_page", "1"))
		t.record("the deprecated list answers %d", r.status)
		if r.status == 404 || r.status == 410 {
			return
		}
		t.pageOf(r)
	})
}

// countedWhole walks n images in pages of k.
func (t *spec) countedWhole(n, k int) {
	want := idsOf(t.several(n))
	t.eventually(func(t *spec) {
		pages := t.counted(t.mine("per_page", strconv.Itoa(k))...)
		t.Expect(idsOf(all(pages))).To(gomega.ConsistOf(want), "every image should be met once")
		t.Expect(pages).To(gomega.HaveLen((n+k-1)/k), "pages that are not empty")
	})
}

// creators checks the creator filter of a list.
func creators(s *suite, exact, none, path string, needs ...need) {
	s.row(exact, "exactly", func(t *spec) {
		own := t.stored(t.form())
		t.stored(t.form("creator", t.name+"y"))
		t.stored(t.form("creator", "X"+t.name))
		t.stored(t.form("creator", "CFC"+t.name[3:]))
		t.stored(t.nobodys())
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.ConsistOf(own.ID), "the images of one creator")
		})
	}, needs...)
	s.row(exact, "any characters", func(t *spec) {
		name := t.name + "+a b/ü&c=%2B"
		own := t.stored(t.form("creator", name))
		t.stored(t.form("creator", strings.ReplaceAll(name, "+", " ")))
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(path, "creator", name).Images)).To(gomega.ConsistOf(own.ID), "the images of one creator")
		})
	}, needs...)
	s.row(exact, "1024 characters", func(t *spec) {
		name := t.padded("x", 1024)
		own := t.stored(t.form("creator", name))
		t.stored(t.form("creator", name[:1023]))
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(path, "creator", name).Images)).To(gomega.ConsistOf(own.ID), "the images of one creator")
		})
	}, needs...)
	s.row(exact, "spaces", func(t *spec) {
		own := t.stored(t.form())
		spaced := t.stored(t.form("creator", t.name+" "))
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.ConsistOf(own.ID), "the images of one creator")
			t.Expect(idsOf(t.listed(path, "creator", t.name+" ").Images)).To(gomega.ConsistOf(spaced.ID), "the images of the creator with a space")
		})
	}, needs...)
	s.row(exact, "comma", func(t *spec) {
		own := t.stored(t.form("creator", t.name+",x"))
		t.stored(t.form())
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(path, "creator", t.name+",x").Images)).To(gomega.ConsistOf(own.ID), "the images of the creator with a comma")
		})
	}, needs...)
	s.row(none, "none", func(t *spec) {
		t.stored(t.form())
		own := t.stored(t.nobodys())
		t.eventually(func(t *spec) {
			images := t.listed(path, "creator", "").Images
			for i := range images {
				t.demand(images[i].creator() == "", "an image of the creator %q should not be listed", images[i].creator())
			}
			t.Expect(idsOf(images)).To(gomega.ContainElement(own.ID), "the image without creator should be listed")
		})
	}, needs...)
}

func (t *spec) unlistedAfterDelete(path string) {
	images := t.several(2)
	t.eventually(func(t *spec) {
		t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.ConsistOf(images[0].ID, images[1].ID), "both images should be listed")
	})
	t.deleted(images[0].ID)
	t.eventually(func(t *spec) {
		t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.ConsistOf(images[1].ID), "only the other image should be listed")
	})
}

// listedAsFetched compares images of every kind in a list with what their GET
// answers.
func (t *spec) listedAsFetched(path string) {
	d := t.draft("metadata", `{"from":"draft"}`)
	made := []string{
		t.stored(t.form("metadata", `{"deep":{"er":[1,"2",null]}}`)).ID, t.stored(t.form()).ID,
		t.stored(t.form("requireSignedURLs", "true")).ID, t.stored(t.form("id", t.fresh()+"/own id.png")).ID,
		d.ID,
	}
	t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
	t.eventually(func(t *spec) {
		images := t.listed(path, t.mine()...).Images
		t.Expect(idsOf(images)).To(gomega.ConsistOf(made), "all images should be listed")
		for _, listed := range images {
			t.Expect(listed.raw).To(gomega.MatchJSON(t.fetched(listed.ID).raw), "an image should be listed as it is fetched")
		}
	})
}
