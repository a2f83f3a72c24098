package conformance

import (
	"net/http"

	"github.com/onsi/gomega"
)

func editImage(s *suite) {
	s.clause("V1E-001", func(t *spec) {
		made := t.stored(t.form("metadata", `{"old":1,"kept":2,"deep":{"a":1,"b":2}}`))
		want := `{"new":[1,"1",{"x":null}],"kept":3,"deep":{"a":3},"null":null,"none":[]}`
		t.Expect(t.edited(made.ID, `{"metadata":`+want+`}`).Meta).To(gomega.MatchJSON(want), "the metadata in the answer")
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(want), "the metadata")
		})
	})
	s.clause("V1E-002", func(t *spec) {
		made := t.stored(t.form("metadata", `{"kept":{"deep":1}}`))
		t.edited(made.ID, map[string]any{"creator": t.name + "-b"})
		t.eventually(func(t *spec) {
			got := t.fetched(made.ID)
			t.all(func(t *spec) {
				t.Expect(got.creator()).To(gomega.Equal(t.name+"-b"), "the creator")
				t.Expect(got.Meta).To(gomega.MatchJSON(`{"kept":{"deep":1}}`), "the metadata")
			})
		})
	})
	s.clause("V1E-003", func(t *spec) {
		made := t.stored(t.form("metadata", `{"a":1}`, "requireSignedURLs", "true"))
		t.edited(made.ID, `{"metadata":{"a":2}}`)
		t.eventually(func(t *spec) {
			got := t.fetched(made.ID)
			t.all(func(t *spec) {
				t.Expect(got.Meta).To(gomega.MatchJSON(`{"a":2}`), "the metadata")
				t.Expect(got.creator()).To(gomega.Equal(t.name), "the creator")
				t.demand(got.private(), "the image should still be private")
			})
		})
	})
	s.clause("V1E-004", func(t *spec) {
		made, creator := t.stored(t.form()), t.name+"-new"
		t.Expect(t.edited(made.ID, map[string]any{"creator": creator}).creator()).To(gomega.Equal(creator), "the creator in the answer")
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(made.ID).creator()).To(gomega.Equal(creator), "the creator")
			for _, path := range t.lists() {
				t.Expect(idsOf(t.listed(path, "creator", creator).Images)).To(gomega.ConsistOf(made.ID), "the images of the new creator")
				t.Expect(idsOf(t.listed(path, t.mine()...).Images)).To(gomega.BeEmpty(), "the images of the old creator")
			}
		})
	})
	s.row("V1E-004", "1024 characters", func(t *spec) {
		made, creator := t.stored(t.form()), t.padded("x", 1024)
		t.edited(made.ID, map[string]any{"creator": creator})
		t.eventually(func(t *spec) { t.Expect(t.fetched(made.ID).creator()).To(gomega.Equal(creator), "the creator") })
	})
	editPrivacy(s)
	editRefusals(s)
	editEffects(s)
	editKeeps(s)
}

// editKeeps checks what no edit changes.
func editKeeps(s *suite) {
	s.clause("V1E-012", func(t *spec) {
		sent := t.picture()
		made := t.stored(t.fields("metadata", `{"a":1}`).image(sent))
		t.wait()
		id := made.ID
		for _, body := range []string{`{"metadata":{"a":2}}`, `{"creator":"` + t.name + `"}`, `{"requireSignedURLs":true}`} {
			id = t.edited(id, body).ID
			t.eventually(func(t *spec) {
				got := t.fetched(id)
				t.all(func(t *spec) {
					t.Expect(got.Uploaded).To(gomega.Equal(made.Uploaded), "the upload time")
					t.Expect(got.Filename).To(gomega.Equal(made.Filename), "the filename")
				})
				t.holds(id, sent)
			})
		}
	})
	s.clause("V1E-013", func(t *spec) {
		made := t.stored(t.form())
		before, other := t.fetched(made.ID), t.fresh()
		t.ledger.write(kindImage, other)
		for name, value := range map[string]any{
			"id": other, "uploaded": "2001-01-01T00:00:00Z", "filename": "other.png", "variants": []string{"https://target.invalid/x/y/z"},
		} {
			r := t.do(patch(imagePath(made.ID), map[string]any{name: value}))
			if r.status != http.StatusOK {
				t.refused(r)
			}
			t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(before.raw), "the image after an edit of %s", name)
		}
		t.notFound(t.do(get(imagePath(other))))
	})
	s.clause("V1E-015", func(t *spec) { t.filterFollowsEdit(`"red"`, `"blue"`, "meta.colour[eq]", "red", "blue") })
}

// lists are the paths of both lists, or of the one the target has.
func (t *spec) lists() []string {
	if t.target.Has(FeatureV1List) {
		return []string{listPath, imagesPath}
	}
	return []string{listPath}
}

func editPrivacy(s *suite) {
	s.clause("V1E-005", func(t *spec) {
		made := t.stored(t.form())
		after := t.edited(made.ID, `{"requireSignedURLs":true}`)
		t.demand(after.private(), "the answer should say that the image is private")
		t.eventually(func(t *spec) { t.demand(t.fetched(after.ID).private(), "the image should be private") })
	})
	s.clause("V1E-006", func(t *spec) {
		made := t.stored(t.form())
		after := t.edited(made.ID, `{"requireSignedURLs":true}`)
		if after.ID == made.ID {
			t.record("a changed requireSignedURLs keeps the id")
			return
		}
		t.eventually(func(t *spec) { t.Expect(t.fetched(after.ID).ID).To(gomega.Equal(after.ID), "the new id") })
		r := t.do(get(imagePath(made.ID)))
		t.record("a changed requireSignedURLs gives a new id, and the old one answers %d", r.status)
		t.Expect(r.status).To(gomega.BeElementOf(200, 404), "the status under the old id")
	})
	s.clause("V1E-007", func(t *spec) {
		made := t.stored(t.form("requireSignedURLs", "true"))
		after := t.edited(made.ID, `{"requireSignedURLs":false}`)
		t.demand(!after.private(), "the answer should say that the image is public")
		t.eventually(func(t *spec) { t.demand(!t.fetched(after.ID).private(), "the image should be public") })
	})
	s.clause("V1E-008", func(t *spec) {
		made := t.stored(t.form("id", t.fresh()))
		t.refused(t.do(patch(imagePath(made.ID), `{"requireSignedURLs":true}`)), codePrivateCustomID, codeBadRequest)
		t.demand(!t.fetched(made.ID).private(), "the image should be public")
	})
	s.clause("V1E-016", func(t *spec) {
		for _, value := range []string{"false", "true"} {
			made := t.stored(t.form("requireSignedURLs", value))
			after := t.edited(made.ID, `{"requireSignedURLs":`+value+`,"metadata":{"same":true}}`)
			t.Expect(after.ID).To(gomega.Equal(made.ID), "the id in the answer")
			t.eventually(func(t *spec) {
				t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(`{"same":true}`), "the metadata under the id")
			})
		}
	})
}

func editRefusals(s *suite) {
	s.clause("V1E-009", func(t *spec) {
		made := t.fetched(t.stored(t.form("metadata", `{"a":1}`)).ID)
		t.Expect(t.edited(made.ID, `{}`).raw).To(gomega.MatchJSON(made.raw), "the answer")
		t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image")
	})
	s.clause("V1E-010", func(t *spec) {
		id := t.fresh()
		t.notFound(t.made(id, patch(imagePath(id), `{"metadata":{"a":1}}`)))
		t.notFound(t.do(get(imagePath(id))))
	})
	s.clause("V1E-011", func(t *spec) {
		made := t.stored(t.form("metadata", `{"old":1}`))
		t.refused(t.do(patch(imagePath(made.ID), `{"metadata":`+metadataOf(1025)+`}`)))
		t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(`{"old":1}`), "the metadata")
		t.edited(made.ID, `{"metadata":`+metadataOf(1024)+`}`)
	})
	for _, body := range []string{`{"requireSignedURLs":"yes"}`, `{"requireSignedURLs":1}`, `{"metadata":7}`, `{"metadata":"{}"}`, `{"metadata":[1]}`, `{"creator":{}}`, `{"creator":7}`} {
		s.row("V1E-014", body, func(t *spec) {
			made := t.fetched(t.stored(t.form("metadata", `{"old":1}`)).ID)
			r := t.do(patch(imagePath(made.ID), body))
			t.refused(r)
			t.Expect(t.fetched(made.ID).raw).To(gomega.MatchJSON(made.raw), "the image")
		})
	}
}
