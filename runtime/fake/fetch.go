package fake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"syscall"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// Limits of the default fetcher. [assumed] An upload by URL is given up after 10
// seconds or 5 redirects.
const (
	fetchTimeout   = 10 * time.Second
	fetchRedirects = 5
)

// receiveURL fetches the image of an upload by URL.
func (w *World) receiveURL(ctx context.Context, rawURL string) (string, store.Content, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", nil, api.ErrBadRequest.At("url", "url: must be an http or https URL") // [assumed] A URL that is neither http nor https is a bad request.
	}
	name, _, body, err := w.fetch(ctx, rawURL)
	if err != nil {
		return "", nil, fetchFailed(ctx, err)
	}
	defer func() { _ = body.Close() }()
	data, err := readImage(ctx, body, -1)
	if errors.Is(err, api.ErrUploadFailed) {
		return "", nil, fetchFailed(ctx, errors.Unwrap(err))
	}
	if err != nil {
		return "", nil, err
	}
	c, err := w.keep(data)
	return shorten(name, maxFilename), c, err
}

// fetchFailed says why a URL could not be fetched.
//
// [observed] The message of a failed fetch carries the reason.
func fetchFailed(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := contract.AsError(cause); ok {
		return e
	}
	e := api.ErrFetchFailed.With("%s: %s", api.ErrFetchFailed.Message, cause)
	e.Err = cause
	return e
}

// shorten cuts a text to so many characters.
func shorten(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}

// newFetcher returns the default fetcher. It keeps no connection open.
func newFetcher(private bool) Fetcher {
	dialer := &net.Dialer{Timeout: fetchTimeout}
	if !private {
		dialer.Control = refusePrivate
	}
	client := &http.Client{
		Timeout:       fetchTimeout, // until the last byte of the body
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			DialContext:       dialer.DialContext,
			DisableKeepAlives: true,
		},
	}
	return func(ctx context.Context, rawURL string) (string, string, io.ReadCloser, error) {
		return fetchHTTP(ctx, client, rawURL)
	}
}

func checkRedirect(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) > fetchRedirects:
		return fmt.Errorf("more than %d redirects", fetchRedirects)
	case r.URL.Scheme != "http" && r.URL.Scheme != "https":
		return errors.New("redirect to a URL that is not http or https")
	default:
		return nil
	}
}

// fetchHTTP requests an image.
//
// [documented] The URL of an upload may carry a user and a password. [sdk] The
// filename of an upload by URL is the last piece of the path.
func fetchHTTP(ctx context.Context, client *http.Client, rawURL string) (string, string, io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return "", "", nil, errors.New("the URL is malformed")
	}
	resp, err := client.Do(req)
	if err != nil {
		// The outer error repeats the URL, which may hold a token.
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err
		}
		return "", "", nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return "", "", nil, fmt.Errorf("the origin answered %d", resp.StatusCode)
	}
	name := path.Base(req.URL.Path)
	if name == "/" || name == "." {
		name = "" // [assumed] A URL without a path gives no filename.
	}
	return name, resp.Header.Get("Content-Type"), resp.Body, nil
}

var errPrivate = errors.New("the URL leads to an address that is not public")

// notPublic are the networks besides those that [netip.Addr] knows by name.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), // holds IPv4 addresses, as the next two do
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// refusePrivate stops a connection to an address that is not public. It is
// asked for the address a name resolved to, so no name can hide one.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) {
		return errPrivate
	}
	return nil
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsGlobalUnicast() && !a.IsPrivate() &&
		!slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}
