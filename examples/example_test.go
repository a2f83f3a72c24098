package examples_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/bulk"
	"github.com/cfimages/cfimages/runtime/sign"
)

// cat is a picture.
var cat = []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>`)

// stored returns a client of a mock that holds three images.
func stored() *client.Client {
	c := mock.New().Client()
	for i, id := range []string{"pets/tom.svg", "pets/kitty.svg", "pets/old-tom.svg"} {
		in := api.ImageUpload{File: api.Bytes("a.svg", cat), ID: id, Metadata: api.Meta{"album": "cats", "rating": i + 3}}
		if _, err := c.UploadImage(context.Background(), in); err != nil {
			panic(err)
		}
	}
	return c
}

// The file may be any reader. A program of its own makes its client with
// client.New or client.FromEnv.
func Example_upload() {
	ctx, c := context.Background(), mock.New().Client()

	img, err := c.UploadImage(ctx, api.ImageUpload{
		File: api.Bytes("tom.svg", cat).WithProgress(func(sent, total int64) {
			fmt.Printf("%d of %d bytes\n", sent, total)
		}),
		ID:       "pets/tom.svg",
		Metadata: api.Meta{"album": "cats", "rating": 5},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.ID, img.Filename, img.Meta)
	// Output:
	// 62 of 62 bytes
	// pets/tom.svg tom.svg {"album":"cats","rating":5}
}

// The loop fetches one page after the other. An error comes once, and last.
func Example_list() {
	ctx, c := context.Background(), stored()

	for img, err := range c.AllImages(ctx, api.ListImagesParams{
		Filter:    filter.All(filter.Eq("album", "cats"), filter.Gte("rating", 4)),
		SortOrder: api.SortOrderAsc,
		PerPage:   1,
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(img.ID)
	}
	// Output:
	// pets/kitty.svg
	// pets/old-tom.svg
}

// What is left out stays as it is, and false and "" are values like any other.
func Example_edit() {
	ctx, c := context.Background(), stored()

	img, err := c.EditImage(ctx, "pets/tom.svg", api.ImageEdit{
		Metadata: api.Meta{"album": "portraits"},
		Creator:  new("user-42"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.ID, img.Meta, *img.Creator)
	// Output: pets/tom.svg {"album":"portraits"} user-42
}

// A failed call tells what the API said, and errors.Is finds it in the catalogue.
func Example_errors() {
	ctx, c := context.Background(), stored()

	_, err := c.UploadImage(ctx, api.ImageUpload{File: api.Bytes("a.svg", cat), ID: "pets/tom.svg"})
	if errors.Is(err, api.ErrResourceExists) {
		fmt.Println("it is there already")
	}
	if e, ok := errors.AsType[*api.Error](err); ok {
		fmt.Println(e.Operation, e.Status, e.Code(), e.Messages[0].Message)
	}

	_, err = c.UploadImage(ctx, api.ImageUpload{File: api.Bytes("a.svg", cat), Metadata: api.Meta{"text": strings.Repeat("x", 2000)}})
	fmt.Println(err) // was not sent
	// Output:
	// it is there already
	// UploadImage 409 5409 Resource already exists
	// UploadImage: 5400 metadata: must be at most 1024 bytes of JSON, not 2011
}

// Reads, puts and deletes are tried again when the service is busy or the
// connection is lost; an upload never is.
func Example_retry() {
	ctx, m := context.Background(), mock.New()
	c := m.Client(client.WithRetries(3), client.WithMaxWait(time.Millisecond), client.WithAttemptTimeout(time.Minute))

	m.FailNext(api.OpGetStats, api.ErrUnavailable, api.ErrUnavailable)
	stats, err := c.GetStats(ctx)
	fmt.Println(stats.Count.Current, err, len(m.Calls(api.OpGetStats)))

	m.FailNext(api.OpUploadImage, api.ErrUnavailable)
	_, err = c.UploadImage(ctx, api.ImageUpload{File: api.Bytes("a.svg", cat)})
	fmt.Println(err, len(m.Calls(api.OpUploadImage)))
	// Output:
	// 0 <nil> 3
	// UploadImage: HTTP 503: 5503 Server Unavailable 1
}

// Four uploads run at a time. What exists already may fail, be left or be replaced.
func Example_bulk() {
	ctx, c := context.Background(), stored()
	uploads := []api.ImageUpload{
		{ID: "pets/tom.svg", File: api.Bytes("tom.svg", cat)},
		{ID: "pets/felix.svg", File: api.Bytes("felix.svg", cat)},
		{ID: "/felix.svg", File: api.Bytes("felix.svg", cat)},
	}

	outcomes := make([]string, len(uploads))
	for r, err := range bulk.UploadAll(ctx, c, slices.Values(uploads), bulk.Options{Exists: bulk.Skip}) {
		outcomes[r.Index] = string(r.Outcome)
		if errors.Is(err, api.ErrInvalidCustomID) {
			outcomes[r.Index] = "not an id"
		}
	}
	fmt.Println(strings.Join(outcomes, ", "))
	// Output: skipped, uploaded, not an id
}

// Private images are delivered by signed URLs, which are made without the service.
func Example_signedURL() {
	key := sign.Key("k3y-for-tests-0123456789abcdefgh") // a value of ListSigningKeys
	image := "https://imagedelivery.net/testHash_AbC-123/0f8fad5b-d9cb-469f-a165-70867728950e/thumb"

	signed, err := key.URL(image, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	fmt.Println(strings.TrimPrefix(signed, image), err)
	fmt.Println(sign.Verify(signed, time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), "another key", key))
	fmt.Println(sign.Verify(signed, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), key))
	// Output:
	// ?exp=1893456000&sig=2329ba84a4112c9ddd9795b6100b7c65a4ff619c0ea6b8b7c2546cadb202c21d <nil>
	// <nil>
	// sign: the URL has expired
}

// shop is a program to test. It takes any service.
type shop struct{ images api.Service }

func (s shop) remove(ctx context.Context, id string) error {
	if err := s.images.DeleteImage(ctx, id); !errors.Is(err, api.ErrImageNotFound) {
		return err
	}
	return nil // somebody else was faster
}

// The mock remembers what was done to it, and fails when it is told to.
func Example_mock() {
	ctx, m := context.Background(), mock.New() // in a test, mock.Start(t) serves HTTP until it ends
	s := shop{images: m}

	fmt.Println(s.remove(ctx, "pets/tom.svg"))
	m.FailNext(api.OpDeleteImage, api.ErrNotEntitled)
	fmt.Println(errors.Is(s.remove(ctx, "pets/tom.svg"), api.ErrNotEntitled))
	fmt.Println(len(m.Calls(api.OpDeleteImage)), "deletions")
	// Output:
	// <nil>
	// true
	// 2 deletions
}

// Example_calls looks at what was called: typed, by a wait, and by an assertion,
// whose failure names the calls that came nearest and the fields that differ.
func Example_calls() {
	ctx, m := context.Background(), mock.New()
	before, err := m.Snapshot()
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _, _ = m.EditImage(ctx, "tom", api.ImageEdit{Creator: new("anna")}) }()
	fmt.Println(m.WaitFor(api.OpEditImage, 1, time.Minute))
	edit := m.EditImageCalls()[0]
	fmt.Println(edit.ImageID, *edit.In.Creator, errors.Is(edit.Err, api.ErrImageNotFound))
	m.AssertCalled(printer{}, api.OpEditImage, "tom", api.ImageEdit{Creator: new("ben")})
	fmt.Println(m.Restore(before), len(m.Calls()))
	// Output:
	// <nil>
	// tom anna true
	// mock: no call EditImage("tom", {Creator: "ben"})
	// call 1 comes near:
	//   argument 2.Creator is "anna", want "ben"
	// the calls were:
	//   1. EditImage("tom", {Creator: "anna"}): EditImage: HTTP 404: 5404 Image not found
	// <nil> 0
}

// printer stands for the test, which an example has not.
type printer struct{ testing.TB }

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
