package conformance

// successes checks the status of what makes, changes or removes something.
func successes(s *suite) {
	s.row("ENV-016", "images", func(t *spec) {
		made := t.stored(t.form())
		t.ok(t.do(patch(imagePath(made.ID), `{"metadata":{"a":1}}`)))
		t.ok(t.do(del(imagePath(made.ID))))
	})
	s.row("ENV-016", "drafts", func(t *spec) {
		t.ok(t.post(t.anyDraft(t.fields()).UploadURL, newForm().image(t.picture())))
	})
	s.row("ENV-016", "variants", func(t *spec) {
		made := t.newVariant(variantOf(t.plain()))
		t.ok(t.do(patch(variantPath(made.ID), variantOf(""))))
		t.ok(t.do(del(variantPath(made.ID))))
	}, needExclusive)
	s.row("ENV-016", "keys", func(t *spec) {
		name := t.keyName()
		t.ok(t.put(name))
		t.ok(t.put(name))
		t.ok(t.do(del(keyPath(name))))
	}, needExclusive, feature(FeatureKeys))
}
