package browser

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fault"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the screenshots in docs anew")

// TestScreens shows every section on a desk and on a phone, dark and light: none is
// wider than the screen. With -update it writes the pictures of docs.
func TestScreens(t *testing.T) {
	s := newSite(t)
	for _, v := range []api.VariantCreate{
		{ID: "thumb", Options: api.VariantOptions{Fit: api.VariantFitCover, Width: 320, Height: 240, Metadata: api.VariantMetadataNone}, NeverRequireSignedURLs: new(true)},
		{ID: "banner", Options: api.VariantOptions{Fit: api.VariantFitCrop, Width: 640, Height: 200, Metadata: api.VariantMetadataNone}},
		{ID: "card", Options: api.VariantOptions{Fit: api.VariantFitPad, Width: 300, Height: 300, Metadata: api.VariantMetadataCopyright}},
	} {
		if _, err := s.CreateVariant(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	s.store(t, 48, landscapes(24, 640, 480))
	page, err := s.ListImages(t.Context(), api.ListImagesParams{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Faults().Add(fault.Rule{ID: "busy", Kind: "error", Error: "Unavailable", Operation: "EditConfig", Times: 3, Description: "A bad afternoon"}); err != nil {
		t.Fatal(err)
	}
	image := "image/" + escaped(page.Images[1].ID)
	sections := map[string]string{"images": "images", "uploads": "uploads", "variants": "variants", "keys": "keys", "requests": "requests", "faults": "faults", "stats": "stats", "image": image}
	kept := map[string]bool{"images-desk-light": true, "images-phone-dark": true, "image-desk-dark": true, "image-phone-light": true, "requests-desk-light": true, "variants-desk-dark": true}
	tb := open(t, s, "images")
	for _, look := range []struct {
		name, scheme  string
		width, height int64
	}{{"desk-light", "light", 1280, 860}, {"desk-dark", "dark", 1280, 860}, {"phone-light", "light", 390, 844}, {"phone-dark", "dark", 390, 844}} {
		tb.do(emulation.SetDeviceMetricsOverride(look.width, look.height, 1, look.width < 500),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}))
		for name, hash := range sections {
			tb.visit(hash)
			tb.until(fmt.Sprintf(ready, name, map[string]int{"images": 4, "image": 4}[name]))
			var wide int
			if tb.do(chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &wide)); wide > 0 {
				t.Errorf("%s, %s: %d pixels too wide", name, look.name, wide)
			}
			if *update {
				tb.picture(name+"-"+look.name, kept[name+"-"+look.name])
			}
		}
	}
}

// ready tells that a section is complete: its images, of which there are at least so
// many, are there as far as they are in sight.
const ready = `(() => {
	const view = document.querySelector('main .view.%s');
	const images = [...view?.querySelectorAll('img') ?? []];
	const seen = (e) => { const b = e.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0; };
	return view?.querySelector('h1') && images.length >= %d && images.filter(seen).every((e) => e.classList.contains('shown'));
})()`

// picture writes what is shown; those that the documentation does not keep go
// beside the test's other files.
func (tb *tab) picture(name string, keep bool) {
	tb.t.Helper()
	var png []byte
	tb.do(chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.Poll(`document.getAnimations().length === 0`, nil), chromedp.CaptureScreenshot(&png))
	dir := filepath.Join(os.TempDir(), "cfimages-screens")
	if keep {
		dir = "../../../docs/inspector"
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		tb.t.Fatal(err)
	}
}
