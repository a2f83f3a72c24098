package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/internal/admin"
	"github.com/cfimages/cfimages/runtime/sign"
)

// picture is a PNG file of a size.
func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// visit gets a URL as a browser would that takes the image as it is.
func visit(t *testing.T, url string) (status int, contentType string, body []byte) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), body
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestDelivery takes the URLs of images as the mock gives them.
func TestDelivery(t *testing.T) {
	t.Parallel()
	url := startMock(t, "--flexible-variants")
	c := must(client.New("a", client.WithToken("t"), client.WithBaseURL(url)))(t)
	ctx := t.Context()
	for _, v := range []api.VariantCreate{
		{ID: "thumb", Options: api.VariantOptions{Fit: api.VariantFitCover, Width: 40, Height: 30, Metadata: api.VariantMetadataNone}},
		{ID: "teaser", Options: api.VariantOptions{Fit: api.VariantFitPad, Width: 20, Height: 20, Metadata: api.VariantMetadataNone}, NeverRequireSignedURLs: new(true)},
	} {
		must(c.CreateVariant(ctx, v))(t)
	}
	file := picture(t, 80, 50)
	open := must(c.UploadImage(ctx, api.ImageUpload{File: api.Bytes("a.png", file), ID: "shop/50% off"}))(t)
	private := must(c.UploadImage(ctx, api.ImageUpload{File: api.Bytes("b.png", file), RequireSignedURLs: true}))(t)
	for i, want := range []image.Point{{80, 50}, {20, 20}, {40, 30}} {
		status, contentType, body := visit(t, open.Variants[i])
		size := must(png.DecodeConfig(bytes.NewReader(body)))(t)
		if status != 200 || contentType != "image/png" || size.Width != want.X || size.Height != want.Y {
			t.Errorf("%s: %d %s, %d x %d", open.Variants[i], status, contentType, size.Width, size.Height)
		}
	}
	if status, _, body := visit(t, private.Variants[0]); status != 403 || !strings.HasPrefix(string(body), "ERROR 9425: ") {
		t.Errorf("private, not signed: %d %s", status, body)
	}
	if status, _, body := visit(t, private.Variants[1]); status != 200 {
		t.Errorf("private, a variant that never requires signatures: %d %s", status, body)
	}
	flexible := strings.TrimSuffix(open.Variants[0], "public") + "w=10,f=jpeg"
	status, _, body := visit(t, flexible)
	if size := must(jpeg.DecodeConfig(bytes.NewReader(body)))(t); status != 200 || size.Width != 10 {
		t.Errorf("%s: %d, %d pixels", flexible, status, size.Width)
	}
	signedDelivery(t, c, url, private)
}

// signedDelivery follows a private image through the life of its signature.
func signedDelivery(t *testing.T, c *client.Client, url string, private *api.Image) {
	keys := must(c.ListSigningKeys(t.Context()))(t)
	signed := must(sign.Key(keys[0].Value).URL(private.Variants[2], time.Now().Add(time.Hour)))(t)
	if status, _, body := visit(t, signed); status != 200 {
		t.Errorf("signed: %d %s", status, body)
	}
	if status, _, _ := visit(t, signed+"0"); status != 403 {
		t.Errorf("a longer signature: %d", status)
	}
	forever := must(sign.Key(keys[0].Value).URL(private.Variants[2], time.Time{}))(t)
	if status, _, _ := visit(t, forever); status != 200 {
		t.Errorf("signed for ever: %d", status)
	}
	control, err := newControl(t.Context(), strings.TrimSuffix(url, "/client/v4")+admin.Path)
	if err != nil {
		t.Fatal(err)
	}
	control.advance(time.Hour + time.Second)
	if status, _, body := visit(t, signed); status != 403 || !strings.Contains(string(body), "expired") {
		t.Errorf("expired: %d %s", status, body)
	}
	must(c.PutSigningKey(t.Context(), keys[0].Name))(t)
	if status, _, _ := visit(t, forever); status != 403 {
		t.Errorf("after the key was rotated: %d", status)
	}
}

// TestExternalURL gives the address by which others reach the mock.
func TestExternalURL(t *testing.T) {
	t.Parallel()
	if url := startMock(t, "--external-url", "http://images.test:8080/"); url != "http://images.test:8080/client/v4" {
		t.Error(url)
	}
	var out buffer
	for _, wrong := range []string{"images.test", "ftp://images.test", "http://"} {
		if got := runIn(t.Context(), nil, []string{"mock", "--addr", "127.0.0.1:0", "--external-url", wrong}, &out, &out); got != usageError {
			t.Errorf("%s: exit status %d", wrong, got)
		}
	}
}
