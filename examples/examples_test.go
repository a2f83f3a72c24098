package examples

// The snippets of README.md as tests: each runs against the mock, and a test
// compares the texts.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/sign"
)

// picture writes a PNG and moves to its folder.
func picture(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("cat.png", b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUploadAndList(t *testing.T) {
	picture(t)
	ctx := t.Context()
	m := mock.Start(t)
	c, err := client.New("account", client.WithToken("token"), client.WithBaseURL(m.URL()))
	if err != nil {
		t.Fatal(err)
	}
	list := func() error {
		// snippet: upload
		img, err := c.UploadImage(ctx, api.ImageUpload{
			File:     api.OpenFile("cat.png"),
			Metadata: api.Meta{"album": "cats", "rating": 5},
		})
		if err != nil {
			return err
		}
		fmt.Println(img.ID, img.Variants)

		for img, err := range c.AllImages(ctx, api.ListImagesParams{
			Filter: filter.All(filter.Eq("album", "cats"), filter.Gte("rating", 3)),
		}) {
			if err != nil {
				return err
			}
			fmt.Println(img.ID, img.Meta)
		}
		// end
		return nil
	}
	if err := list(); err != nil {
		t.Fatal(err)
	}
}

func TestEditAndErrors(t *testing.T) {
	picture(t)
	ctx := t.Context()
	c := mock.Start(t).Client()
	img, err := c.UploadImage(ctx, api.ImageUpload{File: api.OpenFile("cat.png"), ID: "shop/cat.png"})
	if err != nil {
		t.Fatal(err)
	}
	edit := func() error {
		// snippet: edit
		_, err := c.EditImage(ctx, img.ID, api.ImageEdit{RequireSignedURLs: new(true)})
		if errors.Is(err, api.ErrCustomIDCannotBePrivate) {
			err = c.DeleteImage(ctx, img.ID) // and upload it again under a generated id
		}
		if e, ok := errors.AsType[*api.Error](err); ok {
			fmt.Println(e.Status, e.Messages, e.RayID)
		}
		// end
		return err
	}
	if err := edit(); err != nil {
		t.Fatal(err)
	}
}

func TestSignedURL(t *testing.T) {
	picture(t)
	ctx := t.Context()
	c := mock.Start(t).Client()
	img, err := c.UploadImage(ctx, api.ImageUpload{File: api.OpenFile("cat.png"), RequireSignedURLs: true})
	if err != nil {
		t.Fatal(err)
	}
	signed := func() (string, error) {
		// snippet: sign
		keys, err := c.ListSigningKeys(ctx)
		if err != nil {
			return "", err
		}
		return sign.Key(keys[0].Value).URL(img.Variants[0], time.Now().Add(time.Hour))
		// end
	}
	u, err := signed()
	if err != nil || !strings.Contains(u, "&sig=") {
		t.Fatal(u, err)
	}
}

// gallery is a program to test: it wants any service.
type gallery struct{ images api.Service }

func (g gallery) add(ctx context.Context, path string) error {
	_, err := g.images.UploadImage(ctx, api.ImageUpload{File: api.OpenFile(path)})
	if errors.Is(err, api.ErrRateLimited) {
		_, err = g.images.UploadImage(ctx, api.ImageUpload{File: api.OpenFile(path)})
	}
	return err
}

func TestMock(t *testing.T) {
	picture(t)
	// snippet: mock
	m := mock.Start(t)                                // an HTTP server, closed when the test ends
	m.FailNext(api.OpUploadImage, api.ErrRateLimited) // one call; the rest stays stateful
	g := gallery{images: m.Client()}                  // or m itself: both are an api.Service

	if err := g.add(t.Context(), "cat.png"); err != nil {
		t.Fatal(err)
	}
	if calls := m.Calls(api.OpUploadImage); len(calls) != 2 {
		t.Errorf("%d uploads", len(calls))
	}
	// end
}

// statsOnly implements a part of the service.
type statsOnly struct{ api.Unimplemented }

// snippet: server
func (statsOnly) GetStats(context.Context) (*api.Stats, error) {
	return &api.Stats{Count: api.StatsCount{Current: 1, Allowed: 100000}}, nil
}

func handler() http.Handler {
	return server.New(server.For(statsOnly{}), server.WithBasePath("/client/v4"))
}

// end

func TestServer(t *testing.T) {
	t.Parallel()
	if handler() == nil {
		t.Fatal("no handler")
	}
}

// TestReadme compares README.md's Go with the snippets above.
func TestReadme(t *testing.T) {
	t.Parallel()
	source := read(t, "examples_test.go")
	snippets := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)// snippet: (\w+)\n(.*?)\n\s*// end\n`).FindAllStringSubmatch(source, -1) {
		snippets[m[1]] = dedent(m[2])
	}
	readme := read(t, filepath.Join("..", "README.md"))
	for _, m := range regexp.MustCompile("(?s)<!-- example: (\\w+) -->\n```go\n(.*?)\n```").FindAllStringSubmatch(readme, -1) {
		if want, ok := snippets[m[1]]; !ok || m[2] != want {
			t.Errorf("README's %s is\n%s\nthe example is\n%s", m[1], m[2], want)
		}
		delete(snippets, m[1])
	}
	for name := range snippets {
		t.Errorf("README does not show %s", name)
	}
	if n := strings.Count(readme, "```go"); n < 5 {
		t.Errorf("README shows %d pieces of Go", n)
	}
	if n := strings.Count(readme, "\n"); n >= 150 {
		t.Errorf("README has %d lines", n)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dedent removes the first line's indentation from all lines.
func dedent(text string) string {
	indent := text[:len(text)-len(strings.TrimLeft(text, "\t"))]
	return strings.ReplaceAll(strings.TrimPrefix(text, indent), "\n"+indent, "\n")
}
