package conformance

import (
	"bytes"
	stdimage "image"
	"strconv"
	"strings"

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
		announced := r.header.Get("Content-Length")
		t.demand(announced == "" || announced == strconv.Itoa(len(r.body)), "the Content-Length is %s and the body has %d bytes", announced, len(r.body))
	})
	s.clause("BLB-004", func(t *spec) {
		r := t.do(get(blobPath(t.fresh())))
		t.notFound(r)
		t.demand(!strings.HasPrefix(r.header.Get("Content-Type"), "image/"), "the answer should not be an image")
	})
	s.clause("BLB-005", func(t *spec) { t.notFound(t.do(get(blobPath(t.draft().ID)))) })
	blobAccess(s)
}

func blobAccess(s *suite) {
	s.clause("BLB-006", func(t *spec) {
		made := t.stored(t.form())
		t.blob(made.ID)
		t.ok(t.do(del(imagePath(made.ID))))
		t.eventually(func(t *spec) { t.notFound(t.do(get(blobPath(made.ID)))) })
	})
	s.clause("BLB-007", func(t *spec) {
		sent := t.picture()
		made := t.stored(t.fields("requireSignedURLs", "true").image(sent))
		t.holds(made.ID, sent)
		q := get(blobPath(made.ID))
		q.anonymous = true
		r := t.do(q)
		t.refusesLogin(r)
		t.demand(!bytes.Contains(r.body, sent.body), "the image should not be given away")
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
		want, _, err := stdimage.DecodeConfig(bytes.NewReader(sent.body))
		t.Expect(err).NotTo(gomega.HaveOccurred(), "the sample")
		blob := t.blob(t.stored(t.fields().image(sent)).ID).body
		if bytes.Equal(blob, sent.body) {
			return
		}
		got, _, err := stdimage.Decode(bytes.NewReader(blob))
		t.Expect(err).NotTo(gomega.HaveOccurred(), "the blob should be a whole image")
		t.Expect(got.Bounds().Size()).To(gomega.Equal(stdimage.Pt(want.Width, want.Height)), "width and height")
	})
}
