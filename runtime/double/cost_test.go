package double_test

import (
	"context"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

func BenchmarkProgrammedCall(b *testing.B) {
	m := mock.New()
	img := &api.Image{ID: "cat"}
	m.GetImageFunc = func(context.Context, string) (*api.Image, error) { return img, nil }
	b.ReportAllocs()
	for b.Loop() {
		if got, err := m.GetImage(b.Context(), "cat"); err != nil || got != img {
			b.Fatal(got, err)
		}
	}
}

func BenchmarkProgrammedList(b *testing.B) {
	m := mock.New()
	page := &api.ImagePage{}
	m.ListImagesFunc = func(context.Context, api.ListImagesParams) (*api.ImagePage, error) { return page, nil }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.ListImages(b.Context(), api.ListImagesParams{PerPage: 10}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var test tb
		m := mock.Start(&test)
		if m.URL() == "" {
			b.Fatal("no address")
		}
		test.end()
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if mock.New().URL() == "" {
			b.Fatal("no address")
		}
	}
}
