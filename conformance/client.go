package conformance

import (
	"errors"
	"io"
	"iter"
	"time"

	"github.com/onsi/gomega"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/runtime/contract"
)

const typed = "generated client"

// api returns a generated client, whose requests are recorded like all others.
func (t *spec) api() *client.Client {
	c := worked(client.New(t.target.AccountID, client.WithToken(t.target.Token), client.WithBaseURL(t.target.BaseURL),
		client.WithHTTPClient(t.client), client.WithRetries(0)))(t)
	return c
}

// works demands that there was no error.
func (t *spec) works(err error) {
	t.Expect(err).NotTo(gomega.HaveOccurred(), "the call of the generated client")
}

// worked demands that a call has worked, and returns its result.
func worked[T any](v T, err error) func(*spec) T {
	return func(t *spec) T {
		t.works(err)
		return v
	}
}

// answers demands an error of the catalogue.
func (t *spec) answers(err error, want *contract.ErrorKind) {
	t.demand(errors.Is(err, want), "the error should be %s, and is %v", want.Name, err)
}

// uploads stores an image with the generated client.
func (t *spec) uploads(in api.ImageUpload) *api.Image {
	if in.File == nil {
		picture := t.picture()
		in.File = api.Bytes(picture.filename, picture.body)
	}
	if in.Creator == nil {
		in.Creator = &t.name
	}
	t.ledger.write(kindImage, in.ID)
	made := worked(t.api().UploadImage(t.ctx, in))(t)
	t.ledger.add(entry{kind: kindImage, id: made.ID, told: true})
	t.settled(made.ID)
	return made
}

// withClient repeats what most callers do with the client that is generated
// from the specification, against the same target.
func withClient(s *suite) {
	s.row("V1C-001", typed, func(t *spec) {
		made := t.uploads(api.ImageUpload{})
		t.Expect(made.ID).NotTo(gomega.BeEmpty(), "the id")
		t.demand(!made.Draft && !made.Uploaded.IsZero(), "the image should be finished and have a time")
	})
	s.row("V1C-008", typed, func(t *spec) {
		made := t.uploads(api.ImageUpload{Metadata: api.Meta{"n": 5, "s": "5", "deep": api.Meta{"list": []any{1.5, nil, true}}}})
		got := worked(t.api().GetImage(t.ctx, made.ID))(t)
		t.Expect([]byte(got.Meta)).To(gomega.MatchJSON(`{"n":5,"s":"5","deep":{"list":[1.5,null,true]}}`), "the metadata")
	})
	s.row("V1C-016", typed, func(t *spec) {
		made := t.uploads(api.ImageUpload{ID: t.fresh() + "/a b.png"})
		picture := t.picture()
		_, err := t.api().UploadImage(t.ctx, api.ImageUpload{ID: made.ID, File: api.Bytes(picture.filename, picture.body)})
		t.answers(err, api.ErrResourceExists)
	})
	s.row("V1G-002", typed, func(t *spec) {
		_, err := t.api().GetImage(t.ctx, t.fresh())
		t.answers(err, api.ErrImageNotFound)
	})
	s.row("V1G-006", typed, func(t *spec) {
		made := t.uploads(api.ImageUpload{ID: t.fresh() + "/日本 100%25/🐈"})
		got := worked(t.api().GetImage(t.ctx, made.ID))(t)
		t.Expect(got.ID).To(gomega.Equal(made.ID), "the id")
	})
	s.row("V1E-001", typed, func(t *spec) {
		made := t.uploads(api.ImageUpload{Metadata: api.Meta{"a": 1}})
		after := worked(t.api().EditImage(t.ctx, made.ID, api.ImageEdit{Metadata: api.Meta{"b": 2}}))(t)
		t.Expect([]byte(after.Meta)).To(gomega.MatchJSON(`{"b":2}`), "the metadata in the answer")
		t.eventually(func(t *spec) { t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(`{"b":2}`), "the metadata") })
	})
	s.row("V1D-002", typed, func(t *spec) {
		made := t.uploads(api.ImageUpload{})
		t.works(t.api().DeleteImage(t.ctx, made.ID))
		t.eventually(func(t *spec) {
			_, err := t.api().GetImage(t.ctx, made.ID)
			t.answers(err, api.ErrImageNotFound)
		})
	})
	s.row("BLB-001", typed, func(t *spec) {
		sent := t.picture()
		made := t.uploads(api.ImageUpload{File: api.Bytes(sent.filename, sent.body)})
		blob := worked(t.api().GetImageBlob(t.ctx, made.ID))(t)
		t.same(worked(io.ReadAll(blob))(t), sent.body)
		t.works(blob.Close())
	})
	listsWithClient(s)
	draftsWithClient(s)
	accountWithClient(s)
}

// ranged walks a list of the generated client to its end.
func (t *spec) ranged(list iter.Seq2[*api.Image, error]) (ids []string) {
	for img, err := range list {
		t.works(err)
		ids = append(ids, img.ID)
	}
	return ids
}

func listsWithClient(s *suite) {
	s.row("V2L-004", typed, func(t *spec) {
		want := idsOf(t.several(5))
		t.eventually(func(t *spec) {
			ids := t.ranged(t.api().AllImages(t.ctx, api.ListImagesParams{Creator: &t.name, PerPage: 2}))
			t.Expect(ids).To(gomega.ConsistOf(want), "every image should be met once")
		})
	})
	s.row("V2L-042", typed, func(t *spec) {
		both := t.uploads(api.ImageUpload{Metadata: api.Meta{"album": "cats", "rating": 5, "done": true}})
		t.uploads(api.ImageUpload{Metadata: api.Meta{"album": "cats", "rating": "5", "done": true}})
		t.uploads(api.ImageUpload{Metadata: api.Meta{"album": "dogs", "rating": 5, "done": true}})
		t.eventually(func(t *spec) {
			p := worked(t.api().ListImages(t.ctx, api.ListImagesParams{Creator: &t.name, Filter: filter.All(
				filter.Eq("album", "cats"), filter.In("rating", 4, 5), filter.Eq("done", true))}))(t)
			t.Expect(p.Images).To(gomega.HaveExactElements(gomega.HaveField("ID", both.ID)), "the images that match")
		})
	})
	s.row("V1L-005", typed, func(t *spec) {
		want := idsOf(t.several(5))
		t.eventually(func(t *spec) {
			//nolint:staticcheck // the deprecated list is what the clause is about
			ids := t.ranged(t.api().AllImagesV1(t.ctx, api.ListImagesV1Params{Creator: &t.name, PerPage: 2}))
			t.Expect(ids).To(gomega.ConsistOf(want), "every image should be met once")
		})
	}, feature(FeatureV1List))
	s.row("V2L-060", typed, func(t *spec) {
		t.uploads(api.ImageUpload{Metadata: api.Meta{"n": 2}})
		three := t.uploads(api.ImageUpload{Metadata: api.Meta{"n": 3}})
		t.eventually(func(t *spec) {
			p := worked(t.api().ListImages(t.ctx, api.ListImagesParams{Creator: &t.name, Filter: filter.All(filter.Gt("n", 2), filter.Lte("n", 3))}))(t)
			t.Expect(p.Images).To(gomega.HaveExactElements(gomega.HaveField("ID", three.ID)), "the images that match")
		})
	}, feature(FeatureRanges))
}

func draftsWithClient(s *suite) {
	s.row("DUU-001", typed, func(t *spec) {
		up := worked(t.api().CreateDirectUpload(t.ctx, api.DirectUpload{ID: t.fresh(), Creator: &t.name, Expiry: t.now().Add(time.Hour)}))(t)
		t.ledger.add(entry{kind: kindImage, id: up.ID, told: true})
		t.eventually(func(t *spec) { t.demand(t.fetched(up.ID).isDraft(), "draft should be true") })
		sent := t.picture()
		made := worked(client.UploadTo(t.ctx, up.UploadURL, api.Bytes(sent.filename, sent.body), client.WithHTTPClient(t.client)))(t)
		t.Expect(made.ID).To(gomega.Equal(up.ID), "the id")
		t.eventually(func(t *spec) { t.holds(up.ID, sent) })
	})
}

func accountWithClient(s *suite) {
	s.row("VRL-002", typed, func(t *spec) {
		list := worked(t.api().ListVariants(t.ctx))(t)
		t.Expect(list).To(gomega.HaveKeyWithValue("public", gomega.HaveField("ID", "public")), "the variants")
	})
	s.row("VRE-001", typed, func(t *spec) {
		id := t.plain()
		t.ledger.write(kindVariant, id)
		opts := api.VariantOptions{Fit: api.VariantFitCover, Width: 20, Height: 10, Metadata: api.VariantMetadataNone}
		worked(t.api().CreateVariant(t.ctx, api.VariantCreate{ID: id, Options: opts, NeverRequireSignedURLs: ptr(true)}))(t)
		opts.Width = 30
		after := worked(t.api().EditVariant(t.ctx, id, api.VariantEdit{Options: opts}))(t)
		t.Expect(after.Options.Width).To(gomega.Equal(int64(30)), "the width in the answer")
		t.demand(after.NeverRequireSignedURLs, "neverRequireSignedURLs should stay true")
		t.eventually(func(t *spec) { t.Expect(t.fetchedVariant(id).Options.Width).To(gomega.Equal(int64(30)), "the width") })
		t.works(t.api().DeleteVariant(t.ctx, id))
		t.eventually(func(t *spec) {
			_, err := t.api().GetVariant(t.ctx, id)
			plain := err != nil && !t.target.Has(FeatureEnvelopes)
			t.demand(plain || errors.Is(err, api.ErrVariantNotFound), "the variant should not be found any more, and the error is %v", err)
		})
	})
	s.row("KYD-001", typed, func(t *spec) {
		name := t.keyName()
		t.ledger.write(kindKey, name)
		all := worked(t.api().PutSigningKey(t.ctx, name))(t)
		left := worked(t.api().DeleteSigningKey(t.ctx, name))(t)
		t.Expect(left).To(gomega.HaveLen(len(all)-1), "the keys that are left")
	}, feature(FeatureKeys))
	s.row("STA-001", typed, func(t *spec) {
		got := worked(t.api().GetStats(t.ctx))(t).Count
		t.Expect(got.Allowed).To(gomega.Equal(t.counts().Allowed), "what is allowed")
	}, feature(FeatureKeys))
}
