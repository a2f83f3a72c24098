package conformance

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

func uploadForms(s *suite) {
	s.row("V1C-022", "fields only", func(t *spec) { t.rejects(t.fields("metadata", `{}`)) })
	s.row("V1C-022", "no parts", func(t *spec) { t.rejects(newForm()) })
	s.row("V1C-022", "no body", func(t *spec) {
		t.refused(t.made("", request{method: "POST", path: imagesPath}))
		t.refused(t.made("", request{method: "POST", path: imagesPath, contentType: formType, body: []byte{}}))
	})
	s.clause("V1C-023", func(t *spec) { t.rejects(t.form("url", "https://target.invalid/picture.png")) })
	s.clause("V1C-024", func(t *spec) {
		for _, contentType := range []string{"image/png", "application/octet-stream", "application/json"} {
			r := t.made("", request{method: "POST", path: imagesPath, contentType: contentType, body: t.picture().body})
			t.refused(r, codeNotMultipart, codeBadRequest)
		}
	})
	s.clause("V1C-025", func(t *spec) {
		picture := t.picture()
		t.rejects(t.fields().file("image", picture.filename, picture.contentType, picture.body))
	})
	s.row("V1C-026", "9.5 MB", func(t *spec) {
		t.stored(t.fields().image(noisePNG(9_500_000)))
	})
	s.row("V1C-026", "11 MiB", func(t *spec) {
		t.rejects(t.fields().image(noisePNG(11<<20)), codeTooLarge, codeEntityTooLarge)
	})
	s.clause("V1C-027", func(t *spec) { t.rejects(t.fields().file("file", "empty.png", "image/png", nil)) })
	s.row("V1C-036", "file first", func(t *spec) {
		picture := t.picture()
		t.inOrder(newForm().image(picture).text("metadata", `{"o":1}`).text("creator", t.name).text("requireSignedURLs", "true"), picture)
	})
	s.row("V1C-036", "file in the middle", func(t *spec) {
		picture := t.picture()
		t.inOrder(newForm("requireSignedURLs", "true").image(picture).text("creator", t.name).text("metadata", `{"o":1}`), picture)
	})
	s.clause("V1C-037", func(t *spec) {
		picture := t.picture()
		q := t.fields().image(picture).request(imagesPath)
		q.chunked = true
		made := t.imageOf(t.made("", q))
		t.eventually(func(t *spec) { t.holds(made.ID, picture) })
	})
	for _, keep := range []int{40, 60, 90, 98} {
		s.row("V1C-038", fmt.Sprintf("%d%%", keep), func(t *spec) {
			q := t.form("id", t.fresh()).request(imagesPath)
			q.body = q.body[:len(q.body)*keep/100]
			t.refused(t.made("", q))
			t.noTrace()
		})
	}
	s.clause("V1C-040", useUp, needAllowance)
	s.row("V1C-039", "10000 x 10000", func(t *spec) {
		t.stored(t.fields().image(flatPNG(10000, 10000)))
	}, needThrowaway)
	for _, side := range [][2]int{{12001, 1}, {10001, 10000}} {
		s.row("V1C-039", fmt.Sprintf("%d x %d", side[0], side[1]), func(t *spec) { t.rejects(t.fields().image(flatPNG(side[0], side[1]))) }, needThrowaway)
	}
}

// useUp fills the account and uploads once more.
func useUp(t *spec) {
	for range t.target.Allowance - t.counts().Current {
		t.imageOf(t.create(t.form()))
	}
	t.countIs(t.target.Allowance)
	before := len(all(t.walked(t.mine()...)))
	t.refused(t.create(t.form()), codeLimit)
	t.countIs(t.target.Allowance)
	t.Expect(all(t.walked(t.mine()...))).To(gomega.HaveLen(before), "the list after the refusal")
}

// inOrder demands that every part of the form counts.
func (t *spec) inOrder(f *form, picture sample) {
	made := t.stored(f)
	got := t.fetched(made.ID)
	t.all(func(t *spec) {
		t.Expect(got.Meta).To(gomega.MatchJSON(`{"o":1}`), "the metadata")
		t.Expect(got.creator()).To(gomega.Equal(t.name), "the creator")
		t.demand(got.private(), "the image should be private")
		t.Expect(got.Filename).To(gomega.HaveValue(gomega.Equal(picture.filename)), "the filename")
	})
	t.holds(made.ID, picture)
}

func uploadSources(s *suite) {
	s.clause("V1C-028", func(t *spec) {
		picture := t.picture()
		host := t.host(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", picture.contentType)
			_, _ = w.Write(picture.body)
		})
		made := t.stored(t.fields("url", host+"/folder/cat.png"))
		t.holds(made.ID, picture)
	}, needFetches)
	s.row("V1C-029", "404", func(t *spec) {
		t.rejects(t.fields("url", t.host(http.NotFound)+"/cat.png"), codeFetchFailed)
	}, needFetches)
	s.row("V1C-029", "nobody", func(t *spec) {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		t.rejects(t.fields("url", server.URL+"/cat.png"), codeFetchFailed)
	}, needFetches)
	s.row("V1C-029", "cut off", func(t *spec) {
		picture := t.picture()
		host := t.host(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(picture.body[:20])
		})
		t.rejects(t.fields("url", host+"/cat.png"))
	}, needFetches)
	s.row("V1C-030", "HTML", func(t *spec) {
		host := t.host(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><title>cat</title><p>no cat"))
		})
		t.rejects(t.fields("url", host+"/cat.png"))
	}, needFetches)
	s.row("V1C-030", "11 MiB", func(t *spec) {
		big := noisePNG(11 << 20)
		host := t.host(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(big.body)
		})
		t.rejects(t.fields("url", host+"/cat.png"))
	}, needFetches)
	for _, source := range []string{"file:///etc/hostname", "ftp://target.invalid/cat.png", "data:image/png;base64,iVBORw0KGgo=", "gopher://target.invalid/"} {
		scheme, _, _ := strings.Cut(source, ":")
		s.row("V1C-031", scheme, func(t *spec) { t.rejects(t.fields("url", source)) })
	}
}

// host starts a server that the target can fetch from, for this clause.
func (t *spec) host(handle http.HandlerFunc) string {
	server := httptest.NewServer(http.TimeoutHandler(handle, 20*time.Second, ""))
	ginkgo.DeferCleanup(server.Close)
	return server.URL
}
