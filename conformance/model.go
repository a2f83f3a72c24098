package conformance

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// image is an image as it is answered.
type image struct {
	ID                string          `json:"id"`
	Filename          *string         `json:"filename"`
	Creator           *string         `json:"creator"`
	Meta              json.RawMessage `json:"meta"`
	RequireSignedURLs *bool           `json:"requireSignedURLs"`
	Uploaded          string          `json:"uploaded"`
	Variants          []string        `json:"variants"`
	Draft             *bool           `json:"draft"`
	// raw is the image as JSON.
	raw json.RawMessage
}

// UnmarshalJSON keeps the text as well.
func (i *image) UnmarshalJSON(b []byte) error {
	type plain image
	i.raw = append(json.RawMessage(nil), b...)
	return json.Unmarshal(b, (*plain)(i))
}

// problems tells all that is wrong with an image.
func (i image) problems() (problems []string) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if i.ID == "" {
		wrong("id should be a string that is not empty")
	}
	if _, err := time.Parse(time.RFC3339, i.Uploaded); err != nil {
		wrong("uploaded should be a time in RFC 3339 and is %q", i.Uploaded)
	}
	if i.RequireSignedURLs == nil {
		wrong("requireSignedURLs should be true or false")
	}
	if i.Variants == nil {
		wrong("variants should be an array")
	}
	for _, v := range i.Variants {
		if u, err := url.Parse(v); err != nil || !u.IsAbs() || u.Host == "" {
			wrong("variants should have absolute URLs only, not %q", v)
		}
	}
	return problems
}

// GomegaString is how assertions show an image: as it was answered.
func (i image) GomegaString() string { return string(i.raw) }

func (i image) private() bool { return i.RequireSignedURLs != nil && *i.RequireSignedURLs }

func (i image) isDraft() bool { return i.Draft != nil && *i.Draft }

func (i image) creator() string {
	if i.Creator == nil {
		return ""
	}
	return *i.Creator
}

// uploadedAt returns the time of the upload.
func (i image) uploadedAt() time.Time {
	at, _ := time.Parse(time.RFC3339, i.Uploaded)
	return at
}

// page is a page of either list.
type page struct {
	Images []image         `json:"images"`
	Token  *string         `json:"continuation_token"`
	Raw    json.RawMessage `json:"-"`
}

// more returns the token of the next page, empty on the last.
func (p *page) more() string {
	if p.Token == nil {
		return ""
	}
	return *p.Token
}

func idsOf(images []image) []string {
	ids := make([]string, len(images))
	for i := range images {
		ids[i] = images[i].ID
	}
	return ids
}

// draft is the answer to a request for an upload URL.
type draft struct {
	ID        string `json:"id"`
	UploadURL string `json:"uploadURL"`
}

type signingKey struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type options struct {
	Fit      string `json:"fit"`
	Width    int64  `json:"width"`
	Height   int64  `json:"height"`
	Metadata string `json:"metadata"`
}

type variant struct {
	ID      string  `json:"id"`
	Options options `json:"options"`
	Never   bool    `json:"neverRequireSignedURLs"`
}

type variantBody struct {
	ID      string   `json:"id,omitempty"`
	Options *options `json:"options,omitempty"`
	Never   *bool    `json:"neverRequireSignedURLs,omitempty"`
}

type counts struct {
	Current int64 `json:"current"`
	Allowed int64 `json:"allowed"`
}
