package conformance

import (
	"encoding/json"
	"strings"

	"github.com/onsi/gomega"
)

// variantOf is a variant to create.
func variantOf(id string) variantBody {
	return variantBody{ID: id, Options: &options{"cover", 160, 120, "none"}}
}

// variants gets all variants and checks their form.
func (t *spec) variants() map[string]json.RawMessage {
	list := decode[struct {
		Variants map[string]json.RawMessage `json:"variants"`
	}](t, t.ok(t.do(get(variantsPath)))).Variants
	t.demand(list != nil, "variants should be an object")
	for id, text := range list {
		t.Expect(t.variantIn(text).ID).To(gomega.Equal(id), "the id of the variant listed as %s", id)
	}
	return list
}

// variantIn reads a variant, which must have all that is required.
func (t *spec) variantIn(text json.RawMessage) variant {
	v := decode[struct {
		ID      *string          `json:"id"`
		Options *json.RawMessage `json:"options"`
		Never   *bool            `json:"neverRequireSignedURLs"`
	}](t, text)
	t.demand(v.ID != nil && v.Options != nil && strings.HasPrefix(string(*v.Options), "{") && v.Never != nil,
		"a variant should have an id, an object options and a boolean neverRequireSignedURLs, not %s", text)
	return decode[variant](t, text)
}

// variantOf demands a success with a variant.
func (t *spec) variantOf(r *reply) variant { return t.variantIn(t.rawVariant(r)) }

func (t *spec) rawVariant(r *reply) json.RawMessage {
	result := decode[map[string]json.RawMessage](t, t.ok(r))
	t.demand(result["variant"] != nil, "the result should have the member variant")
	return result["variant"]
}

// makeVariant posts a variant, whose id is written down first.
func (t *spec) makeVariant(v variantBody) *reply {
	t.ledger.write(kindVariant, v.ID)
	return t.do(withJSON("POST", variantsPath, marshal(v)))
}

// newVariant makes a variant and waits until it can be fetched.
func (t *spec) newVariant(v variantBody) variant {
	made := t.variantOf(t.makeVariant(v))
	if t.target.Window > 0 {
		t.eventually(func(t *spec) { t.fetchedVariant(made.ID) })
	}
	return made
}

func (t *spec) fetchedVariant(id string) variant { return t.variantOf(t.do(get(variantPath(id)))) }

func (t *spec) editedVariant(id string, v variantBody) variant {
	return t.variantOf(t.do(patch(variantPath(id), v)))
}

// deletedVariant deletes a variant and waits until it is gone.
func (t *spec) deletedVariant(id string) {
	t.ok(t.do(del(variantPath(id))))
	t.eventually(func(t *spec) { t.noVariant(t.do(get(variantPath(id)))) })
}

func listVariants(s *suite) {
	s.clause("VRL-001", func(t *spec) { t.Expect(t.variants()).NotTo(gomega.BeEmpty(), "the variants") })
	s.clause("VRL-002", func(t *spec) { t.Expect(t.variants()).To(gomega.HaveKey("public"), "the variants") })
	s.clause("VRL-003", func(t *spec) {
		made := t.newVariant(variantOf(t.plain()))
		t.eventually(func(t *spec) {
			list := t.variants()
			t.Expect(list).To(gomega.HaveKey(made.ID), "the variants")
			t.Expect(t.variantIn(list[made.ID])).To(gomega.Equal(made), "the variant in the list")
		})
		t.deletedVariant(made.ID)
		t.eventually(func(t *spec) { t.Expect(t.variants()).NotTo(gomega.HaveKey(made.ID), "the variants") })
	})
	s.clause("VRL-004", func(t *spec) {
		for id, text := range t.variants() {
			t.Expect(t.rawVariant(t.do(get(variantPath(id))))).To(gomega.MatchJSON(text), "the variant %s, beside the list", id)
		}
	})
}

func getVariant(s *suite) {
	s.clause("VRG-001", func(t *spec) {
		made := t.newVariant(variantOf(t.plain()))
		t.eventually(func(t *spec) { t.Expect(t.fetchedVariant(made.ID)).To(gomega.Equal(made), "the variant") })
	})
	s.clause("VRG-002", func(t *spec) { t.noVariant(t.do(get(variantPath(t.plain())))) })
	s.clause("VRG-003", func(t *spec) {
		long := t.newVariant(variantOf(t.plain() + "X"))
		t.noVariant(t.do(get(variantPath(strings.TrimSuffix(long.ID, "X")))))
		t.noVariant(t.do(get(variantPath(long.ID + "Y"))))
		short := variantPath(strings.TrimSuffix(long.ID, "X"))
		t.noVariant(t.do(patch(short, variantBody{Options: &options{"pad", 7, 9, "keep"}})))
		t.noVariant(t.do(del(short)))
		t.Expect(t.fetchedVariant(long.ID)).To(gomega.Equal(long), "the variant with the longer id")
	})
}

func deleteVariant(s *suite) {
	s.clause("VRD-001", func(t *spec) {
		made := t.newVariant(variantOf(t.plain()))
		t.fetchedVariant(made.ID)
		t.ok(t.do(del(variantPath(made.ID))))
		t.eventually(func(t *spec) {
			t.noVariant(t.do(get(variantPath(made.ID))))
			t.Expect(t.variants()).NotTo(gomega.HaveKey(made.ID), "the variants")
		})
	})
	s.clause("VRD-002", func(t *spec) { t.noVariant(t.do(del(variantPath(t.plain())))) })
	s.clause("VRD-003", func(t *spec) {
		kept, made := t.fetched(t.stored(t.form("metadata", `{"kept":1}`)).ID), t.newVariant(variantOf(t.plain()))
		other := t.newVariant(variantOf(made.ID + "b"))
		before := t.variants()
		t.deletedVariant(made.ID)
		delete(before, made.ID)
		t.eventually(func(t *spec) {
			after := t.variants()
			t.Expect(after).To(gomega.HaveLen(len(before)), "the variants that are left")
			for id := range before {
				t.Expect(after[id]).To(gomega.MatchJSON(before[id]), "the variant %s", id)
			}
		})
		t.Expect(t.fetchedVariant(other.ID)).To(gomega.Equal(other), "the other variant")
		t.deletedVariant(other.ID)
		t.eventually(func(t *spec) {
			t.Expect(t.fetched(kept.ID).raw).To(gomega.MatchJSON(kept.raw), "an image, as it was before the variants were made")
		})
	})
	s.clause("VRD-004", func(t *spec) {
		made, image := t.newVariant(variantOf(t.plain())), t.stored(t.form())
		t.eventually(func(t *spec) { t.demand(t.fetched(image.ID).has(made.ID), "the image should have the variant's URL") })
		t.deletedVariant(made.ID)
		t.eventually(func(t *spec) {
			t.demand(!t.fetched(image.ID).has(made.ID), "the image should not have the variant's URL")
		})
	})
	s.clause("VRD-005", func(t *spec) {
		before := t.variants()["public"]
		t.permitted[kindVariant] = "public"
		r := t.do(del(variantPath("public")))
		left := t.variants()
		if _, ok := left["public"]; !ok {
			t.ok(r)
			t.record("the variant public can be deleted")
			t.ok(t.do(withJSON("POST", variantsPath, string(before))))
			return
		}
		t.record("deleting the variant public answers %d, and it survives", r.status)
		t.Expect(left["public"]).To(gomega.MatchJSON(before), "the variant public")
	}, needThrowaway)
}

// has reports whether the image has the URL of a variant.
func (i image) has(variant string) bool {
	for _, u := range i.Variants {
		if strings.HasSuffix(u, "/"+variant) {
			return true
		}
	}
	return false
}
