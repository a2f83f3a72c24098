package conformance

import (
	"fmt"
	"net/http"

	"github.com/onsi/gomega"
)

// crowd is how many requests are sent at once.
const crowd = 20

func concurrently(s *suite) {
	s.clause("CON-001", func(t *spec) {
		id := t.fresh()
		t.ledger.write(kindImage, id)
		pictures := t.pictures(crowd)
		replies := t.atOnce(crowd, func(i int) request {
			return t.fields("id", id).image(pictures[i]).request(imagesPath)
		})
		winner := t.onlySuccess(replies)
		t.eventually(func(t *spec) {
			t.holds(id, pictures[winner])
			t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.ConsistOf(id), "the list")
		})
	})
	s.clause("CON-002", func(t *spec) {
		ids := t.uploadedAtOnce(crowd)
		t.eventually(func(t *spec) {
			t.Expect(idsOf(all(t.walked(t.mine("per_page", "7")...)))).To(gomega.ConsistOf(ids), "the list")
		})
	})
	s.clause("CON-003", func(t *spec) {
		made := t.stored(t.form("metadata", `{"first":true}`))
		written := func(i int) string { return fmt.Sprintf(`{"writer":%d,"only%d":"%d"}`, i, i, i) }
		replies := t.atOnce(crowd, func(i int) request {
			return patch(imagePath(made.ID), map[string]any{"metadata": map[string]any{
				"writer": i, fmt.Sprintf("only%d", i): fmt.Sprint(i),
			}})
		})
		for _, r := range replies {
			t.ok(r)
		}
		t.eventually(func(t *spec) {
			got := t.fetched(made.ID).Meta
			who := decode[struct{ Writer *int }](t, got).Writer
			t.demand(who != nil, "the metadata should be that of one of the writers, not %s", got)
			t.Expect(got).To(gomega.MatchJSON(written(*who)), "the metadata of writer %d", *who)
		})
	})
	apartAtOnce(s)
	sharedAtOnce(s)
}

// apartAtOnce checks drafts of one id, and edits of two fields of one image.
func apartAtOnce(s *suite) {
	s.row("CON-001", "drafts", func(t *spec) {
		id := t.fresh()
		t.ledger.write(kindImage, id)
		t.onlySuccess(t.atOnce(8, func(int) request { return t.fields("id", id).request(directPath) }))
		t.eventually(func(t *spec) { t.demand(t.fetched(id).isDraft(), "draft should be true") })
	})
	s.clause("CON-007", func(t *spec) {
		made := t.stored(t.form("metadata", `{"n":0}`))
		creator, tries := t.name+"-new", 12
		for n := range tries {
			replies := t.atOnce(2, func(i int) request {
				if i == 0 {
					return patch(imagePath(made.ID), map[string]any{"creator": creator + fmt.Sprint(n)})
				}
				return patch(imagePath(made.ID), map[string]any{"metadata": map[string]int{"n": n + 1}})
			})
			for _, r := range replies {
				t.ok(r)
			}
			t.eventually(func(t *spec) {
				got := t.fetched(made.ID)
				t.Expect(got.creator()).To(gomega.Equal(creator+fmt.Sprint(n)), "the creator")
				t.Expect(got.Meta).To(gomega.MatchJSON(fmt.Sprintf(`{"n":%d}`, n+1)), "the metadata")
			})
		}
	})
}

func sharedAtOnce(s *suite) {
	s.clause("CON-004", func(t *spec) {
		made := t.stored(t.form())
		replies := t.atOnce(8, func(int) request { return del(imagePath(made.ID)) })
		n := 0
		for _, r := range replies {
			if r.status == http.StatusOK {
				n++
				continue
			}
			t.notFound(r)
		}
		t.Expect(n).To(gomega.Equal(1), "how many of the deletions succeeded")
		t.gone(made.ID)
	})
	s.clause("CON-005", func(t *spec) {
		before := t.counts().Current
		t.uploadedAtOnce(crowd)
		t.countIs(before + crowd)
	}, feature(FeatureKeys), needThrowaway)
	s.clause("CON-006", func(t *spec) {
		name := t.keyName()
		t.ledger.write(kindKey, name)
		before := t.keys()
		replies := t.atOnce(10, func(int) request { return request{method: "PUT", path: keyPath(name)} })
		for _, r := range replies {
			t.keysOf(r)
		}
		t.eventually(func(t *spec) {
			after := t.keys()
			t.Expect(keyNames(after)).To(gomega.ConsistOf(append(keyNames(before), name)), "the names of the keys")
			t.sameKeys(without(after, name), before, "the list")
		})
	}, feature(FeatureKeys), needThrowaway)
}

func (t *spec) pictures(n int) []sample {
	list := make([]sample, n)
	for i := range list {
		list[i] = t.picture()
	}
	return list
}

// uploadedAtOnce uploads n images at the same time and returns their ids.
func (t *spec) uploadedAtOnce(n int) []string {
	replies := t.atOnce(n, func(int) request { return t.form().request(imagesPath) })
	ids := make([]string, n)
	for i, r := range replies {
		ids[i] = t.imageOf(r).ID
	}
	t.unique(ids, "the ids")
	return ids
}
