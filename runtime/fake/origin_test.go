package fake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
	"github.com/cfimages/cfimages/runtime/sign"
)

// TestOrigin looks at an account as delivery does.
func TestOrigin(t *testing.T) {
	t.Parallel()
	w := New(WithClock(func() time.Time { return time.Unix(1893456000, 0) }), WithFlexibleVariants(), WithBrowserTTL(time.Hour))
	a := w.Account("one")
	file := pixel(1)
	open := ok(a.UploadImage(t.Context(), api.ImageUpload{File: fileOf("a.png", file)}))(t)
	private := ok(a.UploadImage(t.Context(), api.ImageUpload{File: fileOf("a.png", file), RequireSignedURLs: true}))(t)
	draft := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	account, known := w.AccountByHash(a.Hash())
	if !known {
		t.Fatal("the account is not known by its hash")
	}
	if _, known := w.AccountByHash(a.ID()); known {
		t.Error("the account is known by its id")
	}
	equal(t, "time", w.Now().Unix(), 1893456000)
	equal(t, "settings", account.Settings(), origin.Settings{FlexibleVariants: true, BrowserTTL: time.Hour})
	for id, want := range map[string]bool{open.ID: false, private.ID: true} {
		img := ok(account.Image(t.Context(), id))(t)
		data := ok(io.ReadAll(ok(img.Open())(t)))(t)
		if img.Private != want || img.Sum != sha256.Sum256(file) || !bytes.Equal(data, file) {
			t.Errorf("%+v, %d bytes", img, len(data))
		}
	}
	for _, id := range []string{draft.ID, "nosuch"} {
		if _, err := account.Image(t.Context(), id); !errors.Is(err, origin.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := account.Image(gone, open.ID); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	before := account.SigningKeys()
	keys := ok(a.PutSigningKey(t.Context(), defaultKey))(t)
	if after := account.SigningKeys(); len(after) != 1 || after[0] == before[0] || after[0] != sign.Key(keys[0].Value) {
		t.Error("the key is not the rotated one")
	}
	if v, known := account.Variant(publicVariant); !known || v.Options.Width != 1366 {
		t.Errorf("%+v, %t", v, known)
	}
	if _, known := account.Variant("nosuch"); known {
		t.Error("a variant is known that does not exist")
	}
}
