package conformance

import (
	"github.com/onsi/gomega"
)

// editEffects checks what an edit changes, and where it is seen.
func editEffects(s *suite) {
	s.row("V1E-001", "nothing", func(t *spec) {
		made := t.stored(t.form("metadata", `{"old":1}`))
		none := gomega.BeElementOf("", "null", "{}")
		t.Expect(string(t.edited(made.ID, `{"metadata":{}}`).Meta)).To(none, "the metadata in the answer")
		t.eventually(func(t *spec) { t.Expect(string(t.fetched(made.ID).Meta)).To(none, "the metadata") })
	})
	s.row("V1E-001", "texts and numbers", func(t *spec) {
		made := t.stored(t.form("metadata", `{"old":1}`))
		want := `{"a":" both ","b":"<é🐈>","c":"","d":-1.5,"e":16777217,"f":{"g":[false,null,"1",1]},"Aa":1,"aA":2}`
		t.Expect(t.edited(made.ID, `{"metadata":`+want+`}`).Meta).To(gomega.MatchJSON(want), "the metadata in the answer")
		t.eventually(func(t *spec) { t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(want), "the metadata") })
	})
	editIdentity(s)
	editFields(s)
}

// editIdentity checks edits after which an image may have another id.
func editIdentity(s *suite) {
	s.clause("V1E-018", func(t *spec) {
		made := t.stored(t.form())
		if after := t.edited(made.ID, `{"requireSignedURLs":true}`); after.ID != made.ID {
			t.gone(made.ID)
			t.eventually(func(t *spec) { t.notFound(t.do(get(blobPath(made.ID)))) })
		}
	})
	s.row("V1G-010", "after a change of privacy", func(t *spec) {
		made := t.stored(t.form())
		after := t.edited(made.ID, `{"requireSignedURLs":true}`)
		t.eventually(func(t *spec) {
			for _, got := range []image{after, t.fetched(after.ID)} {
				t.Expect(got.Variants).To(gomega.HaveLen(len(made.Variants)), "the variant URLs")
				for _, u := range got.Variants {
					t.Expect(u).To(gomega.ContainSubstring("/"+after.ID+"/"), "a variant URL")
				}
			}
		})
	})
	s.clause("V1E-019", func(t *spec) {
		made := t.stored(t.form("metadata", `{"kept":{"deep":[1]}}`))
		id := made.ID
		for _, value := range []string{"true", "false"} {
			id = t.edited(id, `{"requireSignedURLs":`+value+`}`).ID
			t.eventually(func(t *spec) {
				got := t.fetched(id)
				t.Expect(got.creator()).To(gomega.Equal(t.name), "the creator")
				t.Expect(got.Meta).To(gomega.MatchJSON(`{"kept":{"deep":[1]}}`), "the metadata")
			})
		}
	})
}

// editFields checks edits of one field, of several, and one after the other.
func editFields(s *suite) {
	s.clause("V1E-023", func(t *spec) {
		made := t.stored(t.form("requireSignedURLs", "true"))
		t.Expect(t.edited(made.ID, map[string]any{"creator": t.name + "-b"}).ID).To(gomega.Equal(made.ID), "the id in the answer")
		t.eventually(func(t *spec) {
			got := t.fetched(made.ID)
			t.Expect(got.creator()).To(gomega.Equal(t.name+"-b"), "the creator")
			t.demand(got.private(), "the image should still be private")
		})
	})
	s.clause("V1E-020", func(t *spec) {
		made, creator := t.stored(t.form("metadata", `{"old":1}`)), t.name+"-new"
		after := t.edited(made.ID, map[string]any{"creator": creator, "metadata": map[string]any{"new": 1}, "requireSignedURLs": true})
		t.eventually(func(t *spec) {
			for _, got := range []image{after, t.fetched(after.ID)} {
				t.Expect(got.creator()).To(gomega.Equal(creator), "the creator")
				t.Expect(got.Meta).To(gomega.MatchJSON(`{"new":1}`), "the metadata")
				t.demand(got.private(), "the image should be private")
			}
		})
	})
	s.clause("V1E-021", func(t *spec) {
		made := t.stored(t.form("metadata", `{"n":0}`))
		for _, text := range []string{`{"n":1}`, `{"n":2}`, `{"n":1}`, `{"m":1}`} {
			t.Expect(t.edited(made.ID, `{"metadata":`+text+`}`).Meta).To(gomega.MatchJSON(text), "the metadata in the answer")
			t.eventually(func(t *spec) { t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(text), "the metadata") })
		}
	})
	s.clause("V1E-022", func(t *spec) {
		made := t.stored(t.form("metadata", `{"old":1}`))
		t.eventually(func(t *spec) {
			for _, path := range t.lists() {
				t.Expect(t.listed(path, t.mine()...).Images).To(gomega.HaveLen(1), "the list")
			}
		})
		t.edited(made.ID, `{"metadata":{"new":2}}`)
		t.eventually(func(t *spec) {
			for _, path := range t.lists() {
				images := t.listed(path, t.mine()...).Images
				t.Expect(images).To(gomega.HaveLen(1), "the list")
				t.Expect(images[0].raw).To(gomega.MatchJSON(t.fetched(made.ID).raw), "the image in the list")
			}
		})
	})
}

// deleteEffects checks deletions of every kind of image, and what comes after.
func deleteEffects(s *suite) {
	s.row("V1D-001", "private", func(t *spec) {
		made := t.stored(t.form("requireSignedURLs", "true"))
		t.ok(t.do(del(imagePath(made.ID))))
		t.gone(made.ID)
	})
	s.clause("V1D-010", func(t *spec) {
		id := t.fresh()
		t.draft("id", id)
		t.deleted(id)
		t.eventually(func(t *spec) { t.ok(t.askDraft(t.fields("id", id))) })
		t.deleted(id)
		t.eventually(func(t *spec) { t.imageOf(t.create(t.form("id", id))) })
	})
	for _, body := range []string{"{}", ""} {
		s.row("V1D-011", body, func(t *spec) {
			made := t.stored(t.form())
			t.ok(t.do(withJSON("DELETE", imagePath(made.ID), body)))
			t.gone(made.ID)
		})
	}
	s.row("BLB-006", "finished draft", func(t *spec) {
		d := t.draft()
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.eventually(func(t *spec) { t.blob(d.ID) })
		t.deleted(d.ID)
		t.eventually(func(t *spec) { t.notFound(t.do(get(blobPath(d.ID)))) })
	})
	for _, suffix := range []string{"-größe 日本", "-🐈", "-100%", "-a%2Fb", " a+b"} {
		s.row("BLB-011", suffix, func(t *spec) {
			sent, id := t.picture(), t.fresh()+suffix
			t.stored(t.fields("id", id).image(sent))
			t.holds(id, sent)
		})
	}
}
