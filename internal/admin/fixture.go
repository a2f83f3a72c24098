package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake"
)

// Fixture is what a mock may begin with.
type Fixture struct {
	// Accounts are by id.
	Accounts map[string]FixtureAccount `json:"accounts"`
}

// FixtureAccount is what is added to an account, variants first.
type FixtureAccount struct {
	Variants []api.VariantCreate `json:"variants"`
	Images   []FixtureImage      `json:"images"`
}

// FixtureImage is an image. Content is in base64 in JSON; an empty id is made up.
type FixtureImage struct {
	ID                string   `json:"id"`
	Filename          string   `json:"filename"`
	Content           []byte   `json:"content"`
	Metadata          api.Meta `json:"metadata"`
	Creator           *string  `json:"creator"`
	RequireSignedURLs bool     `json:"requireSignedURLs"`
}

// Seed adds all of a fixture. Where something of it is refused nothing is added:
// the world returns to what it was, so nobody else should write meanwhile. It
// returns how many images there are in the fixture.
func Seed(ctx context.Context, w *fake.World, f Fixture) (int, error) {
	before, err := w.Snapshot()
	if err != nil {
		return 0, err
	}
	images := 0
	for id, account := range f.Accounts {
		if id == "" || len(id) > 32 {
			err = fmt.Errorf("an account's id must have 1 to 32 bytes")
		} else {
			err = seedAccount(ctx, w.Account(id), account)
		}
		if err != nil {
			if back := w.Restore(before); back != nil {
				return 0, back
			}
			return 0, bad(fmt.Sprintf("account %q: %s", id, err))
		}
		images += len(account.Images)
	}
	return images, nil
}

func seedAccount(ctx context.Context, a api.Service, f FixtureAccount) error {
	for _, v := range f.Variants {
		if _, err := a.CreateVariant(ctx, v); err != nil {
			return fmt.Errorf("variant %q: %w", v.ID, err)
		}
	}
	for i, img := range f.Images {
		name := img.Filename
		if name == "" {
			name = img.ID
		}
		_, err := a.UploadImage(ctx, api.ImageUpload{
			File: api.Bytes(name, slices.Clone(img.Content)), ID: img.ID, Metadata: img.Metadata,
			Creator: img.Creator, RequireSignedURLs: img.RequireSignedURLs,
		})
		if err != nil {
			return fmt.Errorf("image %d (%q): %w", i, img.ID, err)
		}
	}
	return nil
}

// seed adds the images and variants of a fixture.
func (a *control) seed(w http.ResponseWriter, r *http.Request) (any, error) {
	var f Fixture
	if err := readOrder(w, r, &f, maxFixture, false); err != nil {
		return nil, err
	}
	n, err := Seed(r.Context(), a.World, f)
	if err != nil {
		return nil, err
	}
	return map[string]int{"images": n}, nil
}
