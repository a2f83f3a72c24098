// Package seed fills a mock before it is used: from a fixture, which is a JSON
// document, or from a folder of images.
//
// A fixture names everything by the API's own words:
//
//	{"accounts": {"ACCOUNT_ID": {
//	  "settings": {"flexible_variants": true, "browser_ttl": 3600},
//	  "variants": [{"id": "thumb", "options": {"fit": "cover", "width": 64, "height": 64, "metadata": "none"}}],
//	  "keys":     ["backup"],
//	  "images":   [
//	    {"id": "cats/tom", "file": "tom.png", "metadata": {"legs": 4}, "creator": "me"},
//	    {"filename": "dot.svg", "content": "PHN2Zy8+", "requireSignedURLs": true}
//	  ]
//	}}}
//
// Every member is optional. An image has either file, a path below the folder of
// the fixture, or content, its bytes in base64. It gets an id of the mock's choice
// where it names none, as images that require signed URLs must.
//
// In a folder each file is an image, and its id the path below the folder, with
// slashes. NAME.json beside an image NAME may hold an object with metadata,
// creator, requireSignedURLs and filename. Where it requires signed URLs the image
// gets an id of the mock's choice. Files and folders whose names begin with a dot
// are passed over; anything else that is no image is an error.
package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/double"
	"github.com/cfimages/cfimages/runtime/fake"
)

// Fixture is what a mock begins with. It comes from [Parse] or [Open], which check it.
type Fixture struct {
	Accounts map[string]Account `json:"accounts"`

	// dir is the folder that files are in.
	dir string
}

// Account is what an account gets, in this order.
type Account struct {
	Settings *api.ConfigEdit     `json:"settings"`
	Variants []api.VariantCreate `json:"variants"`
	Keys     []string            `json:"keys"`
	Images   []Image             `json:"images"`
}

// Image is an image to upload. It has a File or Content.
type Image struct {
	ID                string   `json:"id"`
	File              string   `json:"file"`
	Content           []byte   `json:"content"`
	Filename          string   `json:"filename"`
	Metadata          api.Meta `json:"metadata"`
	Creator           *string  `json:"creator"`
	RequireSignedURLs bool     `json:"requireSignedURLs"`
}

// Counts tell what was made.
type Counts struct {
	Accounts int `json:"accounts"`
	Variants int `json:"variants"`
	Keys     int `json:"keys"`
	Images   int `json:"images"`
}

// Apply adds all of a fixture to a world, by the rules of the API. Where something
// is refused the error names it, and the world is what it was before; so nobody
// else should write to it meanwhile.
func Apply(ctx context.Context, w *fake.World, f *Fixture) (Counts, error) {
	before, err := w.Snapshot()
	if err != nil {
		return Counts{}, err
	}
	n, err := f.apply(ctx, w)
	if err != nil {
		return Counts{}, errors.Join(err, w.Restore(before))
	}
	return n, nil
}

func (f *Fixture) apply(ctx context.Context, w *fake.World) (n Counts, err error) {
	s := seeder{counts: &n}
	if f.dir != "" {
		if s.root, err = os.OpenRoot(f.dir); err != nil {
			return n, err
		}
		defer func() { _ = s.root.Close() }()
	}
	host := double.NewHost(api.Contract)
	defer host.Close()
	host.Use(server.New(func(_ context.Context, id string) (api.Service, error) { return w.Account(id), nil },
		server.WithBasePath(host.Base()), server.WithSpool(double.Memory)))
	for _, id := range slices.Sorted(maps.Keys(f.Accounts)) {
		// The client and the server in between hold what is seeded to the
		// specification; an account by itself trusts its callers.
		s.api, err = client.New(id, client.WithHTTPClient(host.HTTPClient()), client.WithBaseURL(host.URL()),
			client.WithToken("seed"), client.WithRetries(0))
		if err != nil {
			return n, at("accounts."+id, err)
		}
		if err := s.account(ctx, "accounts."+id, f.Accounts[id]); err != nil {
			return n, err
		}
		n.Accounts++
	}
	return n, nil
}

// seeder adds what accounts get.
type seeder struct {
	api    api.Service
	root   *os.Root // nil without files
	counts *Counts
}

func (s *seeder) account(ctx context.Context, place string, a Account) error {
	if a.Settings != nil {
		if err := s.api.EditConfig(ctx, *a.Settings); err != nil {
			return at(place+".settings", err)
		}
	}
	for i, v := range a.Variants {
		if _, err := s.api.CreateVariant(ctx, v); err != nil {
			return at(item(place, "variants", i), err)
		}
		s.counts.Variants++
	}
	for i, name := range a.Keys {
		if _, err := s.api.PutSigningKey(ctx, name); err != nil {
			return at(item(place, "keys", i), err)
		}
		s.counts.Keys++
	}
	for i, img := range a.Images {
		if err := s.image(ctx, img); err != nil {
			return at(img.place(place, i), err)
		}
		s.counts.Images++
	}
	return nil
}

// place tells people which image it is, for errors: its file, if it has one.
func (img *Image) place(account string, i int) string {
	name := item(account, "images", i)
	if img.File != "" {
		name += " (" + img.File + ")"
	}
	return name
}

func (s *seeder) image(ctx context.Context, img Image) error {
	in := api.ImageUpload{ID: img.ID, Metadata: img.Metadata, Creator: img.Creator, RequireSignedURLs: img.RequireSignedURLs}
	if img.File == "" {
		in.File = api.Bytes(cmp.Or(img.Filename, img.ID), img.Content)
		_, err := s.api.UploadImage(ctx, in)
		return err
	}
	file, err := s.root.Open(img.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, errors.New("it is no regular file"))
	}
	in.File = api.Reader(cmp.Or(img.Filename, path.Base(img.File)), file)
	_, err = s.api.UploadImage(ctx, in)
	return err
}

// at says where an error is.
func at(place string, err error) error { return fmt.Errorf("%s: %w", place, err) }

func item(place, list string, i int) string { return fmt.Sprintf("%s.%s[%d]", place, list, i) }
