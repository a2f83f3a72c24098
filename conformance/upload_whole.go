package conformance

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"
)

// uploadWhole checks that uploads which differ in one thing are alike in all
// others.
func uploadWhole(s *suite) {
	for _, suffix := range []string{"?a=1&b", "#part", "-5%25%2F", " and +plus", "=;,@:$!'()*", `"quoted"\back`, "/a//b"} {
		s.row("V1C-041", suffix, func(t *spec) { t.reached(t.fresh() + suffix) })
	}
	s.clause("V1G-013", func(t *spec) { t.reached(t.padded("x", 1024)) })
	for _, extension := range []string{".txt", "/sub/archive.zip"} {
		s.row("V1C-042", extension, func(t *spec) { t.rejects(t.form("id", t.fresh()+extension), codeBadID, codeBadRequest) })
	}
	s.row("V1C-045", "private", func(t *spec) {
		sent := t.picture()
		made := t.stored(t.fields("requireSignedURLs", "true", "metadata", `{"whole":1}`).image(sent))
		t.isWhole(made.ID, sent, true)
	})
	s.row("V1C-045", "own id", func(t *spec) {
		sent := t.picture()
		made := t.stored(t.fields("id", t.fresh()+"/own", "metadata", `{"whole":1}`, "requireSignedURLs", "false").image(sent))
		t.isWhole(made.ID, sent, false)
	})
	uploadLengths(s)
	uploadFromURL(s)
}

// reached demands that every operation finds an image under an id, and that
// its neighbour stays.
func (t *spec) reached(id string) {
	sent := t.picture()
	made := t.stored(t.fields("id", id).image(sent))
	t.Expect(made.ID).To(gomega.Equal(id), "the id in the answer")
	t.Expect(t.fetched(id).ID).To(gomega.Equal(id), "the id of the image found")
	t.holds(id, sent)
	t.Expect(t.edited(id, `{"metadata":{"edited":true}}`).ID).To(gomega.Equal(id), "the id of the image edited")
	t.eventually(func(t *spec) {
		images := t.listed(listPath, t.mine()...).Images
		t.Expect(idsOf(images)).To(gomega.ConsistOf(id), "the list")
		t.Expect(images[0].Meta).To(gomega.MatchJSON(`{"edited":true}`), "the metadata")
	})
	t.deleted(id)
}

// isWhole demands all that an upload said of an image.
func (t *spec) isWhole(id string, sent sample, private bool) {
	got := t.fetched(id)
	t.Expect(got.Meta).To(gomega.MatchJSON(`{"whole":1}`), "the metadata")
	t.Expect(got.creator()).To(gomega.Equal(t.name), "the creator")
	t.Expect(got.Filename).To(gomega.HaveValue(gomega.Equal(sent.filename)), "the filename")
	t.Expect(got.private()).To(gomega.Equal(private), "whether the image is private")
	t.holds(id, sent)
}

func uploadLengths(s *suite) {
	creator := func(t *spec, with string, n int) string {
		return t.name + "-" + strings.Repeat(with, n-len(t.name)-1)
	}
	for _, with := range []string{"x", "é"} {
		s.row("V1C-050", "1024 characters "+with, func(t *spec) {
			want := creator(t, with, 1024)
			made := t.stored(t.form("creator", want))
			t.Expect(made.creator()).To(gomega.Equal(want), "the creator in the answer")
			t.Expect(t.fetched(made.ID).creator()).To(gomega.Equal(want), "the creator")
			t.eventually(func(t *spec) {
				t.Expect(idsOf(t.listed(listPath, "creator", want).Images)).To(gomega.ConsistOf(made.ID), "the images of the creator")
			})
		})
	}
	s.row("V1C-050", "1025 characters", func(t *spec) {
		id := t.fresh()
		t.rejects(t.form("id", id, "creator", creator(t, "x", 1025)))
		t.Expect(t.listed(listPath, "creator", creator(t, "x", 1024)).Images).To(gomega.BeEmpty(), "the images of the creator that was cut")
	})
	s.clause("V1C-051", func(t *spec) {
		sent := t.picture()
		sent.filename = strings.Repeat("n", 255-len(".png")) + ".png"
		made := t.stored(t.fields().image(sent))
		t.Expect(t.fetched(made.ID).Filename).To(gomega.HaveValue(gomega.Equal(sent.filename)), "the filename")
	})
}

func uploadFromURL(s *suite) {
	serve := func(t *spec, sent sample) string {
		return t.host(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", sent.contentType)
			_, _ = w.Write(sent.body)
		})
	}
	s.row("V1C-046", "own id", func(t *spec) {
		sent, id := t.picture(), t.fresh()+"/fetched"
		sent.filename = "cat.png"
		made := t.stored(t.fields("url", serve(t, sent)+"/cat.png", "id", id, "metadata", `{"whole":1}`))
		t.Expect(made.ID).To(gomega.Equal(id), "the id in the answer")
		t.isWhole(id, sent, false)
	}, needFetches)
	s.row("V1C-046", "private", func(t *spec) {
		sent := t.picture()
		sent.filename = "cat.png"
		made := t.stored(t.fields("url", serve(t, sent)+"/cat.png", "requireSignedURLs", "true", "metadata", `{"whole":1}`))
		t.demand(made.private(), "the answer should say that the image is private")
		t.isWhole(made.ID, sent, true)
	}, needFetches)
	s.clause("V1C-047", func(t *spec) {
		made := t.stored(t.fields("url", serve(t, t.picture())+"/some/folder/black-cat.png?size=1"))
		t.Expect(made.Filename).To(gomega.HaveValue(gomega.Equal("black-cat.png")), "the filename in the answer")
		t.Expect(t.fetched(made.ID).Filename).To(gomega.HaveValue(gomega.Equal("black-cat.png")), "the filename")
	}, needFetches)
	s.clause("V1C-048", func(t *spec) {
		sent := t.picture()
		host := t.host(func(w http.ResponseWriter, r *http.Request) {
			if user, password, ok := r.BasicAuth(); !ok || user != "reader" || password != "pass" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = w.Write(sent.body)
		})
		t.rejects(t.fields("url", host+"/cat.png"))
		made := t.stored(t.fields("url", strings.Replace(host, "://", "://reader:pass@", 1)+"/cat.png"))
		t.holds(made.ID, sent)
	}, needFetches)
}
