package conformance

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/onsi/gomega"
)

func ptr[T any](v T) *T { return &v }

func createVariant(s *suite) {
	s.clause("VRC-001", func(t *spec) {
		want := variantBody{t.plain() + "Ab9", &options{"pad", 321, 123, "copyright"}, ptr(true)}
		made := t.newVariant(want)
		t.Expect(made).To(gomega.Equal(variant{want.ID, *want.Options, true}), "the variant in the answer")
		t.eventually(func(t *spec) { t.Expect(t.fetchedVariant(want.ID)).To(gomega.Equal(made), "the variant") })
	})
	s.row("VRC-001", "99 characters", func(t *spec) {
		id := t.plain()
		id += strings.Repeat("x", 99-len(id))
		made := t.newVariant(variantBody{id, &options{"contain", 1, 1, "keep"}, ptr(false)})
		t.Expect(made.ID).To(gomega.Equal(id), "the id in the answer")
		t.eventually(func(t *spec) { t.Expect(t.fetchedVariant(id)).To(gomega.Equal(made), "the variant") })
		t.Expect(t.editedVariant(id, variantOf("")).ID).To(gomega.Equal(id), "the id in the answer to an edit")
		t.deletedVariant(id)
	})
	for _, fit := range []string{"scale-down", "contain", "cover", "crop", "pad"} {
		s.row("VRC-002", fit, func(t *spec) { t.keepsOptions(options{fit, 40, 30, "none"}) })
	}
	for _, metadata := range []string{"keep", "copyright", "none"} {
		s.row("VRC-003", metadata, func(t *spec) { t.keepsOptions(options{"cover", 40, 30, metadata}) })
	}
	s.clause("VRC-004", func(t *spec) {
		made := t.newVariant(variantOf(t.plain()))
		t.demand(!made.Never, "neverRequireSignedURLs should be false in the answer")
		t.eventually(func(t *spec) {
			t.demand(!t.fetchedVariant(made.ID).Never, "neverRequireSignedURLs should be false")
		})
	})
	for _, missing := range []string{"id", "options", "fit", "width", "height", "metadata"} {
		s.row("VRC-005", missing, func(t *spec) {
			id := t.plain()
			t.rejectsVariant(id, variantJSON(id, missing, ""))
		})
	}
	wrong := func(clause, member, value string) {
		s.row(clause, member+" "+value, func(t *spec) {
			id := t.plain()
			t.rejectsVariant(id, variantJSON(id, member, value))
		})
	}
	wrong("VRC-006", "fit", `"stretch"`)
	wrong("VRC-006", "metadata", `"all"`)
	for _, member := range []string{"width", "height"} {
		for _, value := range []string{"0", "-1", `"abc"`, `"100"`, "true"} {
			wrong("VRC-007", member, value)
		}
	}
	wrong("VRC-014", "width", "0.5")
	wrong("VRC-014", "height", "0.99")
	variantLimits(s)
	variantNames(s)
}

func variantNames(s *suite) {
	s.clause("VRC-008", func(t *spec) {
		first := t.newVariant(variantOf(t.plain()))
		again := variantBody{first.ID, &options{"pad", 5, 6, "keep"}, ptr(true)}
		t.refusedAs(t.makeVariant(again), http.StatusConflict, codeExists)
		t.Expect(t.fetchedVariant(first.ID)).To(gomega.Equal(first), "the first variant")
	})
	for _, with := range []string{"-", "_", " ", "/"} {
		s.row("VRC-009", with, func(t *spec) {
			id := t.plain() + with + "b"
			t.refused(t.makeVariant(variantOf(id)), codeBadRequest)
			t.Expect(t.variants()).NotTo(gomega.HaveKey(id), "the variants")
		}, feature(FeaturePlainVariants))
	}
	s.clause("VRC-010", tooManyVariants, needThrowaway)
	s.clause("VRC-011", func(t *spec) {
		kept := t.stored(t.form())
		made := t.newVariant(variantOf(t.plain()))
		t.eventually(func(t *spec) {
			t.demand(t.fetched(kept.ID).has(made.ID), "the image should have the URL of the new variant")
			for _, path := range t.lists() {
				images := t.listed(path, t.mine()...).Images
				t.demand(len(images) == 1 && images[0].has(made.ID), "the listed image should have the URL of the new variant")
			}
		})
		t.demand(t.stored(t.form()).has(made.ID), "the answer to an upload should have the URL of the new variant")
	})
}

// keepsOptions makes a variant and demands its options back.
func (t *spec) keepsOptions(want options) {
	made := t.newVariant(variantBody{ID: t.plain(), Options: &want})
	t.Expect(made.Options).To(gomega.Equal(want), "the options in the answer")
	t.eventually(func(t *spec) { t.Expect(t.fetchedVariant(made.ID).Options).To(gomega.Equal(want), "the options") })
}

// variantJSON is a variant whose member has another value, or is left out if
// the value is empty.
func variantJSON(id, member, value string) string {
	members := []struct{ name, value string }{
		{"fit", `"cover"`}, {"width", "160"}, {"height", "120"}, {"metadata", `"none"`},
	}
	opts := ""
	for _, m := range members {
		if m.name == member {
			m.value = value
		}
		if m.value != "" {
			opts += fmt.Sprintf(",%q:%s", m.name, m.value)
		}
	}
	body := ""
	if member != "id" {
		body += fmt.Sprintf(`,"id":%q`, id)
	}
	if member != "options" {
		body += `,"options":{` + opts[1:] + `}`
	}
	return "{" + body[1:] + "}"
}

func (t *spec) rejectsVariant(id, body string) {
	before := len(t.variants())
	t.ledger.write(kindVariant, id)
	t.refused(t.do(withJSON("POST", variantsPath, body)))
	after := t.variants()
	t.Expect(after).NotTo(gomega.HaveKey(id), "the variants")
	if t.target.Profile.allows(Account) && t.target.Window == 0 { // or what was deleted before may go meanwhile
		t.Expect(after).To(gomega.HaveLen(before), "the variants")
	}
}

func tooManyVariants(t *spec) {
	for n := len(t.variants()); n < 100; n = len(t.variants()) {
		for ; n < 99; n++ {
			t.variantOf(t.makeVariant(variantOf(t.plain())))
		}
		t.newVariant(variantOf(t.plain())) // a list after it is no older
	}
	t.eventually(func(t *spec) { t.Expect(t.variants()).To(gomega.HaveLen(100), "the variants") })
	id := t.plain()
	t.refused(t.makeVariant(variantOf(id)))
	t.Expect(t.variants()).To(gomega.HaveLen(100), "the variants")
	t.Expect(t.variants()).NotTo(gomega.HaveKey(id), "the variants")
}

func editVariant(s *suite) {
	for _, want := range []variantBody{
		{"", &options{"pad", 7, 9, "keep"}, ptr(true)},
		{"", &options{"crop", 8, 9, "copyright"}, ptr(false)},
		{"", &options{"scale-down", 160, 121, "none"}, ptr(true)},
		{"", &options{"contain", 161, 120, "none"}, ptr(false)},
	} {
		s.row("VRE-001", want.Options.Fit, func(t *spec) {
			made := t.newVariant(variantOf(t.plain()))
			after := variant{made.ID, *want.Options, *want.Never}
			t.Expect(t.editedVariant(made.ID, want)).To(gomega.Equal(after), "the variant in the answer")
			t.eventually(func(t *spec) {
				t.Expect(t.fetchedVariant(made.ID)).To(gomega.Equal(after), "the variant")
				t.Expect(t.variantIn(t.variants()[made.ID])).To(gomega.Equal(after), "the variant in the list")
			})
		})
	}
	s.clause("VRE-002", func(t *spec) {
		id := t.plain()
		t.ledger.write(kindVariant, id)
		t.noVariant(t.do(patch(variantPath(id), variantBody{Options: &options{"pad", 7, 9, "keep"}})))
		t.Expect(t.variants()).NotTo(gomega.HaveKey(id), "the variants")
	})
	for _, body := range []string{
		`{}`, `{"neverRequireSignedURLs":true}`, `{"options":{"fit":"stretch","width":7,"height":9,"metadata":"keep"}}`,
		`{"options":{"fit":"pad","width":7,"height":9,"metadata":"all"}}`, `{"options":{"fit":"pad","width":0,"height":9,"metadata":"keep"}}`,
		`{"options":{"fit":"pad","width":7,"height":-1,"metadata":"keep"}}`, `{"options":{"fit":"pad","width":7,"height":0,"metadata":"keep"}}`,
		`{"options":{"fit":"pad","width":"7","height":9,"metadata":"keep"}}`,
	} {
		s.row("VRE-003", body, func(t *spec) {
			made := t.newVariant(variantOf(t.plain()))
			t.refused(t.do(patch(variantPath(made.ID), body)))
			t.Expect(t.fetchedVariant(made.ID)).To(gomega.Equal(made), "the variant")
		})
	}
	s.clause("VRE-004", func(t *spec) {
		made := t.newVariant(variantOf(t.plain()))
		other := t.newVariant(variantOf(made.ID + "b"))
		before := t.variants()
		t.editedVariant(made.ID, variantBody{Options: &options{"pad", 7, 9, "keep"}, Never: ptr(true)})
		t.Expect(t.fetchedVariant(other.ID)).To(gomega.Equal(other), "the other variant")
		t.Expect(t.variants()["public"]).To(gomega.MatchJSON(before["public"]), "the variant public")
	})
	s.clause("VRE-005", func(t *spec) {
		made, other := t.newVariant(variantOf(t.plain())), t.plain()
		t.ledger.write(kindVariant, other)
		r := t.do(patch(variantPath(made.ID), variantBody{ID: other, Options: &options{"pad", 7, 9, "keep"}}))
		if r.status != http.StatusOK {
			t.refused(r)
		}
		t.Expect(t.fetchedVariant(made.ID).ID).To(gomega.Equal(made.ID), "the id")
		t.noVariant(t.do(get(variantPath(other))))
		t.Expect(t.variants()).NotTo(gomega.HaveKey(other), "the variants")
	})
	s.clause("VRE-006", func(t *spec) {
		made := t.newVariant(variantBody{t.plain(), &options{"cover", 160, 120, "none"}, ptr(true)})
		t.demand(t.editedVariant(made.ID, variantBody{Options: &options{"pad", 7, 9, "keep"}}).Never, "neverRequireSignedURLs should stay true in the answer")
		t.eventually(func(t *spec) {
			t.demand(t.fetchedVariant(made.ID).Never, "neverRequireSignedURLs should stay true")
		})
	})
}
