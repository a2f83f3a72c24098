package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fault"
)

const dot = `<svg xmlns="http://www.w3.org/2000/svg"/>`

func file() *api.File { return api.Bytes("dot.svg", []byte(dot)) }

// fill gives a mock the images cat, dog and eel.
func fill(t *testing.T, m *mock.Mock) {
	t.Helper()
	for _, id := range []string{"cat", "dog", "eel"} {
		if _, err := m.World().Account("mock").UploadImage(t.Context(), api.ImageUpload{ID: id, File: file(), Metadata: api.Meta{"n": 1}}); err != nil {
			t.Fatal(err)
		}
	}
}

// user is a client with the HTTP client that it uses.
type user struct {
	*client.Client
	http *http.Client
}

// calls are what is tried with a client, by name.
var calls = map[string]func(context.Context, user) (string, error){
	"get": func(ctx context.Context, c user) (string, error) {
		img, err := c.GetImage(ctx, "cat")
		if err != nil || img == nil {
			return "nothing", err
		}
		return img.ID + " " + img.Filename, nil
	},
	"blob": func(ctx context.Context, c user) (string, error) {
		s, err := c.GetImageBlob(ctx, "cat")
		if err != nil {
			return "", err
		}
		defer func() { _ = s.Close() }()
		b, err := io.ReadAll(s)
		return string(b), err
	},
	"list": func(ctx context.Context, c user) (string, error) {
		seen := ""
		for img, err := range c.AllImages(ctx, api.ListImagesParams{PerPage: 2}) {
			if err != nil {
				return seen, err
			}
			seen += img.ID + " "
		}
		return seen, nil
	},
	"create": func(ctx context.Context, c user) (string, error) {
		img, err := c.UploadImage(ctx, api.ImageUpload{ID: "fox", File: file()})
		if err != nil {
			return "", err
		}
		return img.ID, nil
	},
	"draft": func(ctx context.Context, c user) (string, error) {
		target, err := c.CreateDirectUpload(ctx, api.DirectUpload{ID: "gnu"})
		if err != nil {
			return "", err
		}
		if _, err := client.UploadTo(ctx, target.UploadURL, file(), client.WithHTTPClient(c.http)); err != nil {
			return "", err
		}
		img, err := c.GetImage(ctx, "gnu")
		if err != nil {
			return "", err
		}
		if !img.Draft {
			return "finished", nil
		}
		return img.ID + " still a draft", nil
	},
	"reread": func(ctx context.Context, c user) (string, error) {
		seen := ""
		for _, owner := range []string{"ann", "bob"} {
			if _, err := c.EditImage(ctx, "cat", api.ImageEdit{Creator: &owner}); err != nil {
				return "", err
			}
			img, err := c.GetImage(ctx, "cat")
			if err != nil {
				return seen, err
			}
			seen += *img.Creator + " "
		}
		return seen, nil
	},
}

// verdict tells what a client made of a call: "HTTP status code", "lost" where
// there was no answer, "garbled status" where it was not understood, or what it
// returned.
func verdict(got string, err error) string {
	if err == nil {
		return "ok: " + got
	}
	e, ok := errors.AsType[*contract.Error](err)
	switch {
	case !ok:
		return "error: " + err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, client.ErrRepeatedToken):
		return "endless list"
	case e.Status == 0:
		return "lost"
	case e.Status/100 == 2:
		return fmt.Sprintf("garbled %d", e.Status)
	case len(e.Messages) > 0:
		return fmt.Sprintf("HTTP %d %d", e.Status, e.Code())
	default:
		return fmt.Sprintf("HTTP %d", e.Status)
	}
}

// attempts is how often the rule fired.
func attempts(m *mock.Mock) int {
	hits := 0
	for _, s := range m.Faults().List() {
		hits += s.Hits
	}
	return hits
}

// addRule adds a rule of a kind, with short pauses.
func addRule(t *testing.T, m *mock.Mock, r fault.Rule) {
	t.Helper()
	for _, k := range fault.Kinds() {
		for _, f := range k.Fields {
			if k.Name == r.Kind && f == "interval" && r.Interval == 0 {
				r.Interval = time.Microsecond
			}
		}
	}
	if _, err := m.Faults().Add(r); err != nil {
		t.Fatal(err)
	}
}
