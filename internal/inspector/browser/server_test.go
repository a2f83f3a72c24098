package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http/httptest"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/standalone"
	"github.com/cfimages/cfimages/runtime/fake"
)

const token = "secret-token"

// site is a mock with the page, as the command serves it.
type site struct {
	web *httptest.Server
	*mock.Mock
}

func newSite(t *testing.T) *site {
	t.Helper()
	service, err := standalone.New(standalone.Config{
		Accounts: standalone.Accounts{{ID: "demo", Token: token}, {ID: "other", Token: token}}, Local: true,
		Options: []mock.Option{fake.WithSeed(1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(service)
	t.Cleanup(func() {
		service.Close() // streams of calls have no end of their own
		web.CloseClientConnections()
		web.Close()
	})
	return &site{web, service.Mock.Account("demo")}
}

// store uploads pictures, whose metadata has an album and a rating.
func (s *site) store(t *testing.T, n int, pictures [][]byte) {
	t.Helper()
	albums := []string{"cats", "harbour", "studio"}
	for i := range n {
		_, err := s.UploadImage(t.Context(), api.ImageUpload{
			File:     api.Bytes(fmt.Sprintf("%s-%04d.jpg", albums[i%3], i+1), pictures[i%len(pictures)]),
			Metadata: api.Meta{"album": albums[i%3], "rating": i%5 + 1}, RequireSignedURLs: i%7 == 3,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// landscapes are pictures of hills that differ in colour and form.
func landscapes(n, w, h int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				img.SetRGBA(x, y, hills(i, float64(x)/float64(w), float64(y)/float64(h)))
			}
		}
		var b bytes.Buffer
		_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 88}) // into memory, which does not fail
		out[i] = b.Bytes()
	}
	return out
}

func hills(i int, x, y float64) color.RGBA {
	a := float64(i)
	sky := [3]float64{0.62 + 0.3*math.Sin(a*0.9), 0.66 + 0.12*math.Sin(a*1.7+1), 0.74 + 0.2*math.Cos(a*1.1)}
	shade := 1 - 0.35*y
	if dx, dy := x-0.2-0.6*math.Abs(math.Sin(a)), (y-0.24)*0.75; dx*dx+dy*dy < 0.006 {
		return color.RGBA{255, 236, 196, 255}
	}
	for k := range 4 {
		f := float64(k)
		top := 0.4 + 0.14*f + 0.09*math.Sin(3.1*x*(1+0.3*f)+a*(1.3+f)) + 0.03*math.Sin(11*x+a+f)
		if y > top {
			shade = 0.78 - 0.19*f
			sky = [3]float64{sky[0]*0.55 + 0.1, sky[1]*0.7 + 0.1, sky[2]*0.6 + 0.12}
		}
	}
	c := func(v float64) uint8 { return uint8(255 * min(max(v*shade, 0), 1)) }
	return color.RGBA{c(sky[0]), c(sky[1]), c(sky[2]), 255}
}
