package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/internal/inspector"
	"github.com/cfimages/cfimages/internal/standalone"
)

// TestInspector gets the page and what it is told. The page itself is tested in a
// browser, by a module of its own.
func TestInspector(t *testing.T) {
	t.Parallel()
	url := startMock(t, "--account", "a:t")
	root := strings.TrimSuffix(url, standalone.BasePath())
	if status, contentType, body := visit(t, root+"/"); status != 200 || contentType != "text/html; charset=utf-8" || !strings.Contains(string(body), `data-api="/client/v4"`) {
		t.Errorf("%d %s %s", status, contentType, body)
	}
	c := must(client.New("a", client.WithToken("t"), client.WithBaseURL(url)))(t)
	if err := c.EditConfig(t.Context(), api.ConfigEdit{FlexibleVariants: new(true), BrowserTTL: new(int64(7200))}); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Accounts []inspector.Account
		Open     bool
	}
	_, _, body := visit(t, root+inspector.Files+"session")
	if err := json.Unmarshal(body, &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Accounts) == 0 || told.Open {
		t.Fatalf("got %s", body)
	}
	a := told.Accounts[0]
	if a.ID != "a" || a.Token != "t" || len(a.Hash) != 22 || !a.FlexibleVariants || a.BrowserTTL != 7200 {
		t.Errorf("got %s", body)
	}
}

// TestURLsFollowTheHost asks by another name of the same machine.
func TestURLsFollowTheHost(t *testing.T) {
	t.Parallel()
	url := strings.Replace(startMock(t), "127.0.0.1", "localhost", 1)
	c := must(client.New("a", client.WithToken("t"), client.WithBaseURL(url)))(t)
	up := must(c.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	if root := strings.TrimSuffix(url, standalone.BasePath()); !strings.HasPrefix(up.UploadURL, root+"/upload/") {
		t.Errorf("asked as %s: %s", root, up.UploadURL)
	}
	img := must(client.UploadTo(t.Context(), up.UploadURL, api.Bytes("a.png", picture(t, 4, 4))))(t)
	if status, _, body := visit(t, img.Variants[0]); status != 200 {
		t.Errorf("%s: %d %s", img.Variants[0], status, body)
	}
}
