package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestUploadByDrop drops two files, one of which is no image, and opens the other.
func TestUploadByDrop(t *testing.T) {
	s := newSite(t)
	tb := open(t, s, "uploads")
	tb.do(chromedp.SendKeys("#upload-metadata", `{"album":"dropped"}`), chromedp.SendKeys("#upload-creator", "me"))
	tb.do(chromedp.Evaluate(`(async () => {
		const canvas = new OffscreenCanvas(64, 48);
		canvas.getContext('2d').fillRect(8, 8, 20, 20);
		const files = new DataTransfer();
		files.items.add(new File([await canvas.convertToBlob({ type: 'image/png' })], 'drop & <b>.png', { type: 'image/png' }));
		files.items.add(new File(['no image'], 'notes.txt', { type: 'text/plain' }));
		const zone = document.querySelector('.zone');
		for (const type of ['dragover', 'drop']) zone.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
	})()`, nil))
	tb.until(`document.querySelectorAll('.uploads li.done').length === 1 && document.querySelectorAll('.uploads li.failed').length === 1`)
	if told := tb.text(".uploads li.failed .told"); !strings.HasPrefix(told, "5455: Uploaded image must have") {
		t.Errorf("the file that is no image: %s", told)
	}
	page, err := s.ListImages(t.Context(), api.ListImagesParams{})
	if err != nil || len(page.Images) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	img := page.Images[0]
	if img.Filename != "drop & <b>.png" || img.Meta.Map()["album"] != "dropped" || *img.Creator != "me" {
		t.Errorf("got %+v", img)
	}
	tb.press(".uploads li.done", "Open")
	tb.until(`document.querySelector('figcaption .remark')?.textContent.startsWith('64 × 48')`)
	if title := tb.text("h1"); title != img.Filename {
		t.Errorf("the title is %s", title)
	}
}

// TestFilter types a filter that holds, one that does not and one that is wrong.
func TestFilter(t *testing.T) {
	s := newSite(t)
	s.store(t, 30, landscapes(3, 40, 30))
	tb := open(t, s, "images")
	apply := func(filter, until string) {
		tb.do(chromedp.Evaluate(`document.getElementById('filter').value = ''`, nil), chromedp.SendKeys("#filter", filter+kb.Enter))
		tb.until(until)
	}
	tb.until(`document.getElementById('count').textContent === '30 images' && document.querySelectorAll('.grid img.shown').length > 5`)
	apply("meta.album[eq]=cats&meta.rating[gte:number]=3", `document.getElementById('count').textContent === '6 images'`)
	apply("meta.album[not-eq]=cats", `!document.getElementById('filter-error').hidden`)
	if told := tb.text("#filter-error"); !strings.HasPrefix(told, "5400: Unsupported metadata filter operator: 'not-eq'") {
		t.Errorf("got %s", told)
	}
	tb.until(`document.getElementById('filter').getAttribute('aria-invalid') === 'true'`)
	apply("meta.album[eq]=dogs", `document.querySelector('.empty h2')?.textContent === 'No image matches'`)
	tb.press(".empty", "Show all")
	tb.until(`document.getElementById('count').textContent === '30 images' && document.getElementById('filter-error').hidden`)
}

// TestSignAndExpire makes a link to a private image, and moves the clock past its
// end.
func TestSignAndExpire(t *testing.T) {
	s := newSite(t)
	img, err := s.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.jpg", landscapes(1, 80, 60)[0]), RequireSignedURLs: true})
	if err != nil {
		t.Fatal(err)
	}
	tb := open(t, s, "image/"+escaped(img.ID))
	tb.until(`document.querySelector('figcaption .remark')?.textContent.startsWith('80 × 60')`)
	tb.press(".view", "Try it")
	tb.until(`document.getElementById('tried').textContent.startsWith('200 · image/jpeg · private, max-age=')`)
	tb.press(".view", "Move the clock past its end")
	tb.until(`document.getElementById('tried').textContent === '403 · ERROR 9425: Image access denied: The URL has expired'`)
	if now := s.World().Now().Sub(img.Uploaded); now.Hours() < 1 {
		t.Errorf("the clock is ahead by %s", now)
	}
	tb.do(chromedp.SetValue("#link-expiry", "0"), chromedp.Evaluate(`document.getElementById('link-expiry').dispatchEvent(new Event('change'))`, nil))
	tb.press(".view", "Try it")
	tb.until(`document.getElementById('tried').textContent.startsWith('200')`)
}

// TestFaults switches a fault on and off.
func TestFaults(t *testing.T) {
	s := newSite(t)
	s.store(t, 2, landscapes(1, 40, 30))
	tb := open(t, s, "faults")
	tb.until(`document.querySelector('.empty h2')?.textContent === 'Everything works'`)
	tb.do(chromedp.SetValue("#fault-kind", "error"), chromedp.Evaluate(`document.getElementById('fault-kind').dispatchEvent(new Event('change'))`, nil))
	tb.do(chromedp.SetValue("#fault-operation", "ListImages"), chromedp.SendKeys("#fault-error", "Unavailabel"))
	tb.press(".view", "Add")
	tb.until(`document.querySelector('.toast.failed')?.textContent.startsWith('fault rule: error must be')`)
	tb.do(chromedp.SendKeys("#fault-error", kb.Backspace+kb.Backspace+"le"))
	tb.press(".view", "Add")
	tb.until(`document.querySelector('.rule h2')?.textContent === 'error'`)
	tb.visit("images")
	tb.until(`document.getElementById('filter-error')?.textContent === '5503: Server Unavailable'`)
	tb.visit("faults")
	tb.until(`document.querySelector('.rule .hits')?.textContent === '1'`)
	tb.press(".rule", "Remove")
	tb.until(`document.querySelector('.empty h2')?.textContent === 'Everything works'`)
	tb.visit("images")
	tb.until(`document.getElementById('count')?.textContent === '2 images'`)
}

// TestRequests watches a program's calls, and copies one.
func TestRequests(t *testing.T) {
	s := newSite(t)
	tb := open(t, s, "requests")
	tb.until(`document.querySelector('.live')?.textContent === 'live'`)
	c := s.Client()
	if _, err := c.GetStats(t.Context()); err != nil {
		t.Fatal(err)
	}
	resp, err := s.web.Client().Get(s.web.URL + "/client/v4/accounts/demo/images/v1/stats")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	tb.until(`document.querySelector('.log .what')?.textContent === 'GetStats' && document.querySelector('.log .status').textContent === '401'`)
	tb.do(chromedp.Evaluate(`document.querySelector('.log summary').click(); navigator.clipboard.writeText = async (text) => { window.copied = text; }`, nil))
	for button, want := range map[string][]string{
		"Copy as curl": {"curl -sS", `"Authorization: Bearer $CLOUDFLARE_API_TOKEN"`, "/client/v4/accounts/demo/images/v1/stats'"},
		"Copy as Go":   {`client.New("demo", client.WithToken(token)`, "stats, err := c.GetStats(ctx)"},
	} {
		tb.do(chromedp.Evaluate(`window.copied = undefined`, nil))
		tb.press(".log .more", button)
		tb.until(`window.copied !== undefined`)
		var copied string
		tb.do(chromedp.Evaluate(`window.copied`, &copied))
		for _, part := range want {
			if !strings.Contains(copied, part) {
				t.Errorf("%s: %s", button, copied)
			}
		}
	}
	tb.visit("stats")
	tb.until(`[...document.querySelectorAll('.counts th')].some((e) => e.textContent === 'GetStats')`)
}

// TestVariantsAndKeys makes, changes and deletes one of each, and changes the
// settings of the account.
func TestVariantsAndKeys(t *testing.T) {
	s := newSite(t)
	tb := open(t, s, "variants")
	tb.do(chromedp.SendKeys("#variant-id", "thumb"))
	tb.press(".variant.new", "Create")
	tb.until(`document.querySelector('[aria-label="Variant thumb"]') !== null`)
	tb.do(chromedp.SetValue(`[aria-label="Variant thumb"] select`, "pad"))
	tb.press(`[aria-label="Variant thumb"]`, "Save")
	tb.until(`document.getElementById('toasts').textContent.includes('thumb is saved')`)
	v, err := s.GetVariant(t.Context(), "thumb")
	if err != nil || v.Options.Fit != api.VariantFitPad || v.Options.Width != 320 {
		t.Errorf("%+v, %v", v, err)
	}
	tb.do(chromedp.Click("#flexible"))
	tb.press(".settings", "Save")
	tb.until(`document.getElementById('toasts').textContent.includes('Saved')`)
	if o, _ := s.World().AccountByHash(s.World().Account("demo").Hash()); !o.Settings().FlexibleVariants {
		t.Error("flexible variants are off")
	}
	tb.press(`[aria-label="Variant thumb"]`, "Delete")
	tb.press("dialog", "Delete")
	tb.until(`document.querySelector('[aria-label="Variant thumb"]') === null`)
	tb.visit("keys")
	tb.until(`document.getElementById('key-name') !== null`)
	tb.do(chromedp.SendKeys("#key-name", "second"))
	tb.press(".new", "Create")
	tb.until(`document.querySelector('[aria-label="Key second"]') !== null`)
	tb.press(`[aria-label="Key default"]`, "Delete")
	tb.press("dialog", "Delete")
	tb.until(`document.querySelector('[aria-label="Key default"]') === null`)
	if keys, err := s.ListSigningKeys(t.Context()); err != nil || len(keys) != 1 || keys[0].Name != "second" {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

// TestKeyboard filters, chooses an image and comes back without a mouse.
func TestKeyboard(t *testing.T) {
	s := newSite(t)
	s.store(t, 30, landscapes(3, 40, 30))
	tb := open(t, s, "images")
	tb.until(`document.querySelectorAll('.grid a').length > 5`)
	tb.do(chromedp.KeyEvent(kb.Tab))
	tb.until(`document.activeElement.className === 'skip'`)
	tb.do(chromedp.KeyEvent(kb.Enter))
	tb.until(`document.activeElement.id === 'main'`)
	tabTo(tb, `document.activeElement.id === 'filter'`)
	tb.do(chromedp.KeyEvent("meta.album[eq]=studio"), chromedp.KeyEvent(kb.Enter))
	tb.until(`document.getElementById('count').textContent === '10 images'`)
	tabTo(tb, `document.activeElement.closest('.grid') !== null`)
	tb.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.ArrowLeft))
	tb.until(`document.activeElement.closest('li').dataset.index === '8'`)
	tb.do(chromedp.KeyEvent(kb.Enter))
	tb.until(`document.querySelector('h1')?.textContent === 'studio-0006.jpg' && document.activeElement.id === 'main'`)
	tabTo(tb, `document.activeElement.className === 'back'`)
	tb.do(chromedp.KeyEvent(kb.Enter))
	tb.until(`location.hash === '#images' && document.getElementById('count')?.textContent === '10 images'`)
	tb.do(chromedp.Evaluate(`document.querySelector('.clock summary').focus()`, nil), chromedp.KeyEvent(kb.Enter))
	tb.until(`document.querySelector('.clock details').open`)
	tb.do(chromedp.KeyEvent(kb.Escape))
	tb.until(`!document.querySelector('.clock details').open`)
}

func tabTo(tb *tab, there string) {
	tb.t.Helper()
	for range 30 {
		tb.do(chromedp.KeyEvent(kb.Tab))
		var found bool
		if tb.do(chromedp.Evaluate(there, &found)); found {
			return
		}
	}
	tb.t.Fatalf("no way by the keyboard to where %s", there)
}

// TestManyImages scrolls through 10,000 images; few of them are elements at a time.
func TestManyImages(t *testing.T) {
	s := newSite(t)
	s.store(t, 10_000, landscapes(3, 40, 30))
	tb := open(t, s, "images")
	tb.until(`document.getElementById('count').textContent === '500+ images'`)
	var most int
	tb.do(chromedp.Evaluate(`(async () => {
		let most = 0;
		const count = document.getElementById('count');
		while (count.textContent !== '10,000 images' || scrollY + innerHeight < document.documentElement.scrollHeight - 1) {
			scrollBy(0, 20000);
			await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
			most = Math.max(most, document.querySelectorAll('.grid li').length);
		}
		return most;
	})()`, &most, awaited))
	tb.until(`document.querySelector('.grid li:last-child')?.dataset.index === '9999'`)
	tb.until(`[...document.querySelectorAll('.grid img.shown')].some((e) => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; })`)
	if most > 150 {
		t.Errorf("%d images were elements at a time", most)
	}
	t.Logf("at most %d of 10,000 images were elements at a time", most)
}

// TestAccounts looks at another account, and back.
func TestAccounts(t *testing.T) {
	s := newSite(t)
	s.store(t, 2, landscapes(1, 40, 30))
	tb := open(t, s, "images")
	tb.until(`document.getElementById('count')?.textContent === '2 images'`)
	choose := func(id string) {
		tb.do(chromedp.SetValue("#account", id), chromedp.Evaluate(`document.getElementById('account').dispatchEvent(new Event('change'))`, nil))
	}
	choose("other")
	tb.until(`document.querySelector('.empty h2')?.textContent === 'No images yet'`)
	choose("demo")
	tb.until(`document.getElementById('count')?.textContent === '2 images'`)
}

// TestSignatures holds the page's own HMAC against package sign's vectors.
func TestSignatures(t *testing.T) {
	tb := open(t, newSite(t), "images")
	for _, v := range []struct{ key, text, want string }{
		{"k3y-for-tests-0123456789abcdefgh", "/testHash_AbC-123/0f8fad5b-d9cb-469f-a165-70867728950e/thumb?exp=1893456000", "2329ba84a4112c9ddd9795b6100b7c65a4ff619c0ea6b8b7c2546cadb202c21d"},
		{"k3y-for-tests-0123456789abcdefgh", "/testHash_AbC-123/0f8fad5b-d9cb-469f-a165-70867728950e/thumb", "3b3ed820aecfc44445a77a1dd88e3fb77b34b8cc3fa823422e546df4e4613209"},
		{"Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXU=", "/testHash_AbC-123/0f8fad5b-d9cb-469f-a165-70867728950e/public?exp=1893456000", "31d6f341bca6478faecb49f7adb8785d246aefb6edaea482a34b425ad8471f5d"},
	} {
		var got string
		tb.do(chromedp.Evaluate(fmt.Sprintf(`import('/_inspector/sign.js').then((m) => m.hmac(%q, %q))`, v.key, v.text), &got, awaited))
		if got != v.want {
			t.Errorf("%s: %s", v.text, got)
		}
	}
}
