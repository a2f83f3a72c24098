package conformance

import (
	"net/http"

	"github.com/onsi/gomega"
)

// successes checks the status of what makes, changes or removes something.
func successes(s *suite) {
	is200 := func(t *spec, r *reply) {
		t.Expect(r.status).To(gomega.Equal(http.StatusOK), "the status of %s %s", r.request.method, r.request.path)
		t.ok(r)
	}
	s.row("ENV-016", "images", func(t *spec) {
		r := t.create(t.form())
		is200(t, r)
		id := t.imageOf(r).ID
		if t.target.Window > 0 {
			t.eventually(func(t *spec) { t.fetched(id) })
		}
		is200(t, t.do(patch(imagePath(id), `{"metadata":{"a":1}}`)))
		is200(t, t.do(del(imagePath(id))))
	})
	s.row("ENV-016", "drafts", func(t *spec) {
		r := t.askDraft(t.fields())
		is200(t, r)
		is200(t, t.post(decode[draft](t, t.ok(r)).UploadURL, newForm().image(t.picture())))
	})
	s.row("ENV-016", "variants", func(t *spec) {
		id := t.plain()
		is200(t, t.makeVariant(variantOf(id)))
		if t.target.Window > 0 {
			t.eventually(func(t *spec) { t.fetchedVariant(id) })
		}
		is200(t, t.do(patch(variantPath(id), variantOf(""))))
		is200(t, t.do(del(variantPath(id))))
	}, needExclusive)
	s.row("ENV-016", "keys", func(t *spec) {
		name := t.keyName()
		is200(t, t.put(name))
		is200(t, t.put(name))
		is200(t, t.do(del(keyPath(name))))
	}, needExclusive, feature(FeatureKeys))
}
