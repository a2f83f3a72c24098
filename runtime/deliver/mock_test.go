package deliver_test

import (
	"bytes"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/deliver"
	"github.com/cfimages/cfimages/runtime/fake"
)

// TestMocksDeliver takes the URLs of a mock as they stand, and switches options on
// as the API does.
func TestMocksDeliver(t *testing.T) {
	t.Parallel()
	m := mock.Start(t, deliver.Beside())
	c := m.Client()
	img, err := c.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", picturePNG(t, 60, 40))})
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(url string) (int, []byte) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, body
	}
	if status, _ := fetch(img.Variants[0]); status != http.StatusOK || !strings.HasPrefix(img.Variants[0], "http://127.0.0.1:") {
		t.Errorf("%s answers %d", img.Variants[0], status)
	}
	flexible := strings.TrimSuffix(img.Variants[0], "public") + "w=30,f=jpeg"
	if status, body := fetch(flexible); status != http.StatusForbidden || !strings.HasPrefix(string(body), "ERROR 9429") {
		t.Errorf("before options are switched on: %d %s", status, body)
	}
	if err := c.EditConfig(t.Context(), api.ConfigEdit{FlexibleVariants: new(true)}); err != nil {
		t.Fatal(err)
	}
	status, body := fetch(flexible)
	if size, err := jpeg.DecodeConfig(bytes.NewReader(body)); status != http.StatusOK || err != nil || size.Width != 30 {
		t.Errorf("%d, %d pixels, %v", status, size.Width, err)
	}
	if status, _ := fetch(m.URL() + "/accounts/mock/images/v1/none"); status != http.StatusUnauthorized {
		t.Errorf("the API beside it answers %d", status)
	}
}

// TestMocksOfADomain is the form of delivery URLs on a domain of one's own.
func TestMocksOfADomain(t *testing.T) {
	t.Parallel()
	m := mock.New(deliver.Beside(), fake.WithDeliveryURL("https://shop.example/cdn-cgi/imagedelivery"))
	img, err := m.Client().UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", picturePNG(t, 6, 4)), ID: "cats/1.png"})
	if err != nil {
		t.Fatal(err)
	}
	want := "https://shop.example/cdn-cgi/imagedelivery/" + m.World().Account("mock").Hash() + "/cats/1.png/public"
	if img.Variants[0] != want {
		t.Errorf("got %s, want %s", img.Variants[0], want)
	}
	if w := get(m.Handler(), img.Variants[0]); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestMocksThatDoNotDeliver answer as the API does what is none of its URLs.
func TestMocksThatDoNotDeliver(t *testing.T) {
	t.Parallel()
	m := mock.New()
	img, err := m.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", picturePNG(t, 6, 4))})
	if err != nil {
		t.Fatal(err)
	}
	if w := get(m.Handler(), img.Variants[0]); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}
