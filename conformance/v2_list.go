package conformance

import (
	"slices"
	"strconv"

	"github.com/onsi/gomega"
)

func listByToken(s *suite) {
	s.clause("V2L-001", func(t *spec) {
		for _, q := range [][]string{nil, {"per_page", "3"}} {
			t.listed(listPath, q...)
		}
	})
	s.clause("V2L-002", func(t *spec) {
		t.several(4)
		for _, k := range []int{1, 2, 3} {
			t.eventually(func(t *spec) {
				p := t.listed(listPath, t.mine("per_page", strconv.Itoa(k))...)
				t.Expect(p.Images).To(gomega.HaveLen(k), "a full page")
				t.demand(p.more() != "", "there should be a token while there are more images")
			})
		}
	})
	s.clause("V2L-003", func(t *spec) {
		t.several(3)
		t.eventually(func(t *spec) {
			p := t.listed(listPath, t.mine("per_page", "10")...)
			t.Expect(p.Images).To(gomega.HaveLen(3), "the only page")
			t.ended(p)
			pages := t.walked(t.mine("per_page", "2")...)
			t.ended(pages[len(pages)-1])
			t.demand(len(pages) > 1, "3 images should need more than one page of 2")
		})
	})
	for _, w := range [][2]int{{5, 2}, {6, 3}, {4, 1}, {4, 4}, {3, 5}} {
		s.row("V2L-004", walkName(w), func(t *spec) { t.walkedWhole(w[0], w[1]) })
	}
	for _, w := range [][2]int{{6, 3}, {4, 2}, {2, 1}} {
		s.row("V2L-005", walkName(w), func(t *spec) {
			pages := t.walkedWhole(w[0], w[1])
			t.demand(len(pages) <= w[0]/w[1]+1, "the walk should end after %d pages at most, not %d", w[0]/w[1]+1, len(pages))
		})
	}
	s.clause("V2L-024", func(t *spec) {
		t.several(2)
		t.eventually(func(t *spec) {
			p := t.listed(listPath, t.mine("per_page", "2")...)
			t.Expect(p.Images).To(gomega.HaveLen(2), "the only page")
			t.ended(p)
		})
	})
	tokens(s)
}

func tokens(s *suite) {
	for _, wrong := range []string{"garbage", "AAAA", "null", "0"} {
		s.row("V2L-006", wrong, func(t *spec) {
			t.refused(t.do(get(listPath, t.mine("continuation_token", wrong)...)))
		})
	}
	s.clause("V2L-007", func(t *spec) {
		t.several(8)
		t.eventually(func(t *spec) {
			var met []image
			token := ""
			for n := 0; n == 0 || token != ""; n++ {
				t.demand(n <= 9, "the walk should end")
				q := get(listPath, t.mine("per_page", "1")...)
				if token != "" {
					q.query += "&continuation_token=" + everyByteEscaped(token)
				}
				p := t.pageOf(t.do(q))
				met, token = append(met, p.Images...), p.more()
			}
			t.Expect(met).To(gomega.HaveLen(8), "the images met")
			t.unique(idsOf(met), "the images met")
		})
	})
	contentByToken(s)
}

func contentByToken(s *suite) {
	order(s)
	limits(s)
	creators(s, "V2L-014", "V2L-014", listPath)
	s.clause("V2L-015", func(t *spec) {
		d := t.draft("metadata", `{"k":"a"}`)
		t.stored(t.form("metadata", `{"k":"a"}`))
		t.eventually(func(t *spec) {
			for _, q := range [][]string{t.mine(), t.mine("meta.k[eq]", "a"), t.mine("sort_order", "asc")} {
				t.Expect(idsOf(t.listed(listPath, q...).Images)).To(gomega.And(gomega.HaveLen(1), gomega.Not(gomega.ContainElement(d.ID))), "the list with a draft")
			}
			t.Expect(idsOf(t.listed(listPath).Images)).NotTo(gomega.ContainElement(d.ID), "the list of all images")
		})
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) {
			t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.And(gomega.HaveLen(2), gomega.ContainElement(d.ID)), "the list when the file has arrived")
			t.Expect(t.listed(listPath, t.mine("meta.k[eq]", "a")...).Images).To(gomega.HaveLen(2), "the filtered list when the file has arrived")
		})
	})
	changes(s)
	listAmong(s)
	s.clause("V2L-018", func(t *spec) { t.listedAsFetched(listPath) })
	filters(s)
}

func walkName(w [2]int) string { return strconv.Itoa(w[0]) + " images by " + strconv.Itoa(w[1]) }

func (t *spec) ended(p page) {
	t.demand(p.Token == nil, "the token of the last page should be null or absent")
}

// everyByteEscaped percent-encodes what needs it and what does not.
func everyByteEscaped(s string) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, 3*len(s))
	for _, c := range []byte(s) {
		out = append(out, '%', digits[c>>4], digits[c&15])
	}
	return string(out)
}

// walkedWhole walks n images in pages of k by their tokens.
func (t *spec) walkedWhole(n, k int) (pages []page) {
	want := idsOf(t.several(n))
	t.eventually(func(t *spec) {
		pages = t.walked(t.mine("per_page", strconv.Itoa(k))...)
		t.Expect(idsOf(all(pages))).To(gomega.ConsistOf(want), "every image should be met once")
		for _, p := range pages {
			t.demand(len(p.Images) <= k, "a page of %d should not hold %d images", k, len(p.Images))
		}
	})
	return pages
}

// inTime uploads images whose ids sort against the time of their upload.
func (t *spec) inTime() []image {
	var images []image
	base := t.fresh()
	for _, name := range []string{"-e", "-c", "-d", "-a", "-b"} {
		images = append(images, t.stored(t.form("id", base+name)))
		t.wait()
	}
	return images
}

func order(s *suite) {
	ordered := func(id, sortOrder string, wrong func(before, after image) bool) {
		s.clause(id, func(t *spec) {
			t.inTime()
			t.eventually(func(t *spec) {
				images := all(t.walked(t.mine("sort_order", sortOrder, "per_page", "2")...))
				t.Expect(images).To(gomega.HaveLen(5), "the images met")
				for i := range images[1:] {
					t.demand(!wrong(images[i], images[i+1]), "%s follows %s, in %s order", images[i+1].Uploaded, images[i].Uploaded, sortOrder)
				}
			})
		})
	}
	ordered("V2L-008", "asc", func(before, after image) bool { return after.uploadedAt().Before(before.uploadedAt()) })
	ordered("V2L-009", "desc", func(before, after image) bool { return after.uploadedAt().After(before.uploadedAt()) })
	s.clause("V2L-010", func(t *spec) {
		want := idsOf(t.inTime())
		t.eventually(func(t *spec) {
			up := all(t.walked(t.mine("sort_order", "asc")...))
			down := all(t.walked(t.mine("sort_order", "desc")...))
			slices.Reverse(down)
			t.Expect(idsOf(up)).To(gomega.ConsistOf(want), "the images met")
			t.Expect(idsOf(down)).To(gomega.Equal(idsOf(up)), "the descending order, reversed")
		})
	})
	s.clause("V2L-011", func(t *spec) { t.refused(t.do(get(listPath, "sort_order", "sideways"))) })
}

func limits(s *suite) {
	for _, many := range []string{"1000", "1001", "5000", "10000"} {
		s.row("V2L-012", many, func(t *spec) {
			p := t.listed(listPath, "per_page", many)
			t.demand(len(p.Images) <= 1000, "a page should hold at most 1000 images, not %d", len(p.Images))
		})
	}
	s.row("V2L-012", "1001 images", func(t *spec) {
		for range 1001 {
			t.imageOf(t.create(t.form()))
		}
		t.eventually(func(t *spec) {
			p := t.listed(listPath, t.mine("per_page", "5000")...)
			t.Expect(p.Images).To(gomega.HaveLen(1000), "a page when there are 1001 images")
			t.demand(p.more() != "", "there should be a token for the last image")
			t.Expect(t.listed(listPath, t.mine()...).Images).To(gomega.HaveLen(1000), "a page without a per_page")
		})
	}, needWrites, needHeavy)
	for _, wrong := range []string{"0", "-1", "abc"} {
		s.row("V2L-013", wrong, func(t *spec) { t.refused(t.do(get(listPath, "per_page", wrong))) })
	}
}

// changes checks walks during which the list changes.
func changes(s *suite) {
	for _, sortOrder := range []string{"asc", "desc"} {
		q := []string{"sort_order", sortOrder, "per_page", "2"}
		s.row("V2L-016", sortOrder, func(t *spec) {
			images := t.several(5)
			t.eventually(func(t *spec) { t.Expect(t.listed(listPath, t.mine()...).Images).To(gomega.HaveLen(5), "all images") })
			first := t.listed(listPath, t.mine(q...)...)
			t.wait()
			added := t.stored(t.form())
			met := append(first.Images, all(t.walkedFrom(first.more(), q))...)
			t.unique(idsOf(met), "the images met")
			t.Expect(slices.DeleteFunc(idsOf(met), func(id string) bool { return id == added.ID })).
				To(gomega.ConsistOf(idsOf(images)), "the images there were before")
		})
		for at, which := range []string{"first", "last"} {
			s.row("V2L-017", sortOrder+", the "+which+" of a page", func(t *spec) {
				images := t.several(5)
				t.eventually(func(t *spec) { t.Expect(t.listed(listPath, t.mine()...).Images).To(gomega.HaveLen(5), "all images") })
				first := t.listed(listPath, t.mine(q...)...)
				t.Expect(first.Images).To(gomega.HaveLen(2), "the first page")
				t.deleted(first.Images[at].ID)
				met := append(first.Images, all(t.walkedFrom(first.more(), q))...)
				t.Expect(idsOf(met)).To(gomega.ConsistOf(idsOf(images)), "the images met")
			})
		}
	}
}

// walkedFrom walks on from a token.
func (t *spec) walkedFrom(token string, query []string) (pages []page) {
	for token != "" {
		t.demand(len(pages) < maxPages, "the walk should end")
		p := t.listed(listPath, append(t.mine(query...), "continuation_token", token)...)
		pages, token = append(pages, p), p.more()
	}
	return pages
}
