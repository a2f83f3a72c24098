package conformance

import (
	"bytes"
	stdimage "image"

	"github.com/onsi/gomega"
)

func downloadImage(s *suite) {
	for _, f := range formats() {
		s.row("BLB-001", f.name, func(t *spec) {
			sent := f.make(t.run.pictures.Add(1))
			made := t.stored(t.fields().image(sent))
			t.holds(made.ID, sent)
		})
		s.row("BLB-002", f.name, func(t *spec) {
			sent := f.make(t.run.pictures.Add(1))
			r := t.blob(t.stored(t.fields().image(sent)).ID)
			t.Expect(r.header.Get("Content-Type")).To(gomega.HavePrefix(sent.contentType), "the Content-Type of the blob")
		})
	}
	s.clause("BLB-003", func(t *spec) {
		r := t.blob(t.stored(t.form()).ID)
		t.demand(r.length < 0 || r.length == int64(len(r.body)), "the Content-Length is %d and the body has %d bytes", r.length, len(r.body))
	})
	s.clause("BLB-004", func(t *spec) {
		t.notFound(t.do(get(blobPath(t.fresh()))))
	})
	s.clause("BLB-005", func(t *spec) { t.notFound(t.do(get(blobPath(t.draft().ID)))) })
	blobAccess(s)
}

func blobAccess(s *suite) {
	s.clause("BLB-006", func(t *spec) {
		made := t.stored(t.form())
		t.ok(t.do(del(imagePath(made.ID))))
		t.eventually(func(t *spec) { t.notFound(t.do(get(blobPath(made.ID)))) })
	})
	s.clause("BLB-007", func(t *spec) {
		sent := t.picture()
		made := t.stored(t.fields("requireSignedURLs", "true").image(sent))
		t.holds(made.ID, sent)
		q := get(blobPath(made.ID))
		q.anonymous = true
		t.refusesLogin(t.do(q))
	})
	s.clause("BLB-008", func(t *spec) {
		sent, id := t.picture(), t.fresh()+"/a/b.png"
		t.stored(t.fields("id", id).image(sent))
		t.holds(id, sent)
	})
	s.clause("BLB-009", func(t *spec) {
		id, x, below := t.fresh(), t.picture(), t.picture()
		t.stored(t.fields("id", id).image(x))
		t.stored(t.fields("id", id+"/blob").image(below))
		t.Expect(t.fetched(id+"/blob").ID).To(gomega.Equal(id+"/blob"), "the id of the image below")
		t.holds(id, x)
		t.holds(id+"/blob", below)
	})
	s.clause("BLB-010", func(t *spec) {
		sent := noisePNG(9_500_000)
		blob := t.blob(t.stored(t.fields().image(sent)).ID).body
		t.demand(bytes.Equal(blob, sent.body) || sizeOf(blob) == sizeOf(sent.body), "the blob should be a whole image of the same size")
	})
}

// sizeOf is the width and height of a whole image, 0 of anything else.
func sizeOf(file []byte) stdimage.Point {
	if decoded, _, err := stdimage.Decode(bytes.NewReader(file)); err == nil {
		return decoded.Bounds().Size()
	}
	return stdimage.Point{}
}
