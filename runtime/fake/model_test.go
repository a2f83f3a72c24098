package fake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake"
)

// drawing is the smallest image the fake takes.
const drawing = `<svg xmlns="http://www.w3.org/2000/svg"><title>%d</title></svg>`

// kept is what the model knows of an image.
type kept struct {
	id, creator, body string
	value             int
	private, custom   bool
}

// machine compares an account with a model of it, in the order of uploads.
type machine struct {
	ctx         context.Context
	own, other  *fake.Account
	images      []kept
	gone        []string
	next        int
	creatorsFor []string
}

func (m *machine) creator(t *rapid.T) string {
	return rapid.SampledFrom(m.creatorsFor).Draw(t, "creator")
}

func (m *machine) file() (*api.File, string) {
	m.next++
	body := fmt.Sprintf(drawing, m.next)
	return api.Bytes("drawing.svg", []byte(body)), body
}

// any draws the position of an image, and uploads one if there is none.
func (m *machine) any(t *rapid.T) int {
	if len(m.images) == 0 {
		m.upload(t)
	}
	return rapid.IntRange(0, len(m.images)-1).Draw(t, "image")
}

func must[T any](v T, err error) func(*rapid.T) T {
	return func(t *rapid.T) T {
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

func (m *machine) upload(t *rapid.T) {
	k := kept{creator: m.creator(t), value: rapid.IntRange(0, 4).Draw(t, "value"), custom: rapid.Bool().Draw(t, "custom")}
	in := api.ImageUpload{Creator: &k.creator, Metadata: api.Meta{"v": k.value}}
	if in.File, k.body = m.file(); k.custom {
		in.ID = fmt.Sprintf("custom/%d", m.next)
	} else {
		k.private = rapid.Bool().Draw(t, "private")
		in.RequireSignedURLs = k.private
	}
	k.id = must(m.own.UploadImage(m.ctx, in))(t).ID
	m.images = append(m.images, k)
}

func (m *machine) edit(t *rapid.T) {
	k := &m.images[m.any(t)]
	private := rapid.Bool().Draw(t, "private")
	value := rapid.IntRange(0, 4).Draw(t, "value")
	creator := m.creator(t)
	after, err := m.own.EditImage(m.ctx, k.id, api.ImageEdit{Metadata: api.Meta{"v": value}, Creator: &creator, RequireSignedURLs: &private})
	if k.custom && private {
		if err == nil {
			t.Fatalf("a custom id became private")
		}
		return
	}
	if must(after, err)(t); (after.ID != k.id) != (private != k.private) {
		t.Fatalf("the id %s became %s, and private went from %t to %t", k.id, after.ID, k.private, private)
	}
	if after.ID != k.id {
		m.gone = append(m.gone, k.id)
	}
	k.id, k.value, k.creator, k.private = after.ID, value, creator, private
}

func (m *machine) remove(t *rapid.T) {
	at := m.any(t)
	must(0, m.own.DeleteImage(m.ctx, m.images[at].id))(t)
	m.gone = append(m.gone, m.images[at].id)
	m.images = slices.Delete(m.images, at, at+1)
}

// refused uploads what must leave nothing.
func (m *machine) refused(t *rapid.T) {
	k := m.images[m.any(t)]
	file, _ := m.file()
	if _, err := m.own.UploadImage(m.ctx, api.ImageUpload{File: file, ID: k.id, Creator: &k.creator}); !errors.Is(err, api.ErrResourceExists) && k.custom {
		t.Fatalf("a taken id is answered with %v", err)
	}
	if _, err := m.own.UploadImage(m.ctx, api.ImageUpload{File: api.Bytes("a.png", []byte("no image")), Creator: &k.creator}); err == nil {
		t.Fatalf("a text was taken for an image")
	}
}

// draft asks for an upload URL that nobody posts to.
func (m *machine) draft(t *rapid.T) {
	creator := m.creator(t)
	d := must(m.own.CreateDirectUpload(m.ctx, api.DirectUpload{Creator: &creator}))(t)
	if !must(m.own.GetImage(m.ctx, d.ID))(t).Draft {
		t.Fatalf("%s is no draft", d.ID)
	}
}

// stale uses what is gone, and what belongs to another account.
func (m *machine) stale(t *rapid.T) {
	m.any(t)
	ids := slices.Clone(m.gone)
	for _, k := range m.images {
		ids = append(ids, k.id)
	}
	at := rapid.IntRange(0, len(ids)-1).Draw(t, "id")
	account := m.own
	if at >= len(m.gone) {
		account = m.other
	}
	_, get := account.GetImage(m.ctx, ids[at])
	_, blob := account.GetImageBlob(m.ctx, ids[at])
	_, edit := account.EditImage(m.ctx, ids[at], api.ImageEdit{Metadata: api.Meta{"v": 9}})
	for _, err := range []error{get, blob, edit, account.DeleteImage(m.ctx, ids[at])} {
		if !errors.Is(err, api.ErrImageNotFound) {
			t.Fatalf("%s is answered with %v", ids[at], err)
		}
	}
}

// check demands that both accounts hold what the model says, and nothing else.
func (m *machine) check(t *rapid.T) {
	if got := must(m.own.GetStats(m.ctx))(t).Count.Current; got != int64(len(m.images)) {
		t.Fatalf("%d images are counted, not %d", got, len(m.images))
	}
	if got := must(m.other.ListImages(m.ctx, api.ListImagesParams{}))(t).Images; len(got) != 0 {
		t.Fatalf("the other account lists %d images", len(got))
	}
	for _, creator := range m.creatorsFor {
		var want, got []string
		for _, k := range m.images {
			if k.creator == creator {
				want = append(want, fmt.Sprintf(`%s {"v":%d} %t`, k.id, k.value, k.private))
			}
		}
		in := api.ListImagesParams{Creator: &creator, SortOrder: api.SortOrderAsc, PerPage: 2}
		for more := true; more; {
			page := must(m.own.ListImages(m.ctx, in))(t)
			for _, i := range page.Images {
				got = append(got, fmt.Sprintf("%s %s %t", i.ID, i.Meta, i.RequireSignedURLs))
			}
			if more = page.ContinuationToken != nil; more {
				in.ContinuationToken = *page.ContinuationToken
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("the images of %q are %v, not %v", creator, got, want)
		}
	}
	if len(m.images) > 0 {
		k := m.images[len(m.images)-1]
		blob := must(m.own.GetImageBlob(m.ctx, k.id))(t)
		if body := must(io.ReadAll(blob))(t); string(body) != k.body {
			t.Fatalf("the blob of %s is %q, not %q", k.id, body, k.body)
		}
		_ = blob.Close()
	}
}

// TestModel compares an account with a model of it, step by step. A sequence
// that goes wrong is made as short as possible.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		world := fake.New()
		m := &machine{
			ctx: context.Background(), own: world.Account("own"), other: world.Account("other"), creatorsFor: []string{"", "a", "b c"},
		}
		t.Repeat(map[string]func(*rapid.T){
			"upload": m.upload, "edit": m.edit, "remove": m.remove, "refused": m.refused, "draft": m.draft, "stale": m.stale,
			"": m.check,
		})
	})
}
