package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what should happen at once.
const patience = 60 * time.Second

// chromium is the browser that all tabs are of.
var chromium context.Context

func TestMain(m *testing.M) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		fmt.Fprintln(os.Stderr, "the page is NOT tested: there is no chromium")
		os.Exit(1)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 860))
	all, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(all, chromedp.WithErrorf(func(string, ...any) {})) // it reports events that it does not know
	if err := chromedp.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "chromium does not start:", err)
		os.Exit(1)
	}
	chromium = ctx
	code := m.Run()
	end()
	stop()
	os.Exit(code)
}

// tab is a page in the browser. It watches for what must never happen: errors on
// the console, requests to others than the mock, and tokens in addresses.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *site
}

func open(t *testing.T, s *site, hash string) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(chromium)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	w := &watch{own: s.web.URL + "/"}
	chromedp.ListenTarget(ctx, w.event)
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, wrong := range w.wrong {
			t.Error(wrong)
		}
	})
	tb := &tab{t, ctx, s}
	tb.do(chromedp.Navigate(s.web.URL+"/#"+hash), chromedp.WaitVisible("#nav a"))
	return tb
}

type watch struct {
	own   string
	mu    sync.Mutex
	wrong []string
}

func (w *watch) event(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		w.add("an exception: %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception)
	case *runtime.EventConsoleAPICalled:
		w.add("on the console: %s", ev.Type)
	case *log.EventEntryAdded:
		if ev.Entry.Source != log.SourceNetwork { // a refusal is told there as well, and the tests look at those
			w.add("in the browser's log: %s", ev.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		address := ev.Request.URL + ev.Request.URLFragment
		if !strings.HasPrefix(address, w.own) && !strings.HasPrefix(address, "blob:"+w.own) && !strings.HasPrefix(address, "data:") {
			w.add("something is fetched from elsewhere: %s", address)
		}
		if strings.Contains(address, token) {
			w.add("the token is in an address: %s", address)
		}
	}
}

func (w *watch) add(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func (tb *tab) do(actions ...chromedp.Action) {
	tb.t.Helper()
	if err := chromedp.Run(tb.ctx, actions...); err != nil {
		var shown string
		_ = chromedp.Run(tb.ctx, chromedp.Evaluate(`document.body.innerText.slice(0, 800)`, &shown))
		tb.t.Fatalf("%v; the page says:\n%s", err, shown)
	}
}

// text is that of the first element.
func (tb *tab) text(selector string) string {
	tb.t.Helper()
	var out string
	tb.do(chromedp.Text(selector, &out))
	return strings.TrimSpace(out)
}

// until waits for a condition in the page.
func (tb *tab) until(condition string) {
	tb.t.Helper()
	tb.do(chromedp.Poll(condition, nil, chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(patience)))
}

// press clicks the button with a text, within an element.
func (tb *tab) press(within, text string) {
	tb.t.Helper()
	tb.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.textContent.trim() === %q)`, within+" button, "+within+" a", text))
	tb.do(chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll(%q)].find((e) => e.textContent.trim() === %q).click()`, within+" button, "+within+" a", text), nil))
}

// visit goes to a section.
func (tb *tab) visit(hash string) {
	tb.t.Helper()
	tb.do(chromedp.Evaluate(fmt.Sprintf(`location.hash = %q`, hash), nil))
}

func escaped(id string) string { return url.PathEscape(id) }
