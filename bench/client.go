package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// client does the tasks with one library. Where each is nil, nothing is done
// with an item but to count it.
type client interface {
	// get gets one image.
	get(ctx context.Context) (item, error)
	// list gets one page of 1,000.
	list(ctx context.Context, each func(item)) (int, error)
	// walk goes through 10 pages of 1,000.
	walk(ctx context.Context, each func(item)) (int, error)
	// upload sends a file.
	upload(ctx context.Context, file io.Reader) (item, error)
	// blob gets a file of 10 MiB.
	blob(ctx context.Context) (io.ReadCloser, error)
}

// item is a decoded image of some library.
type item interface{ seen() seen }

// seen is what an image says, by which libraries are compared.
type seen struct {
	ID, Filename, Creator, Album, Variants string
	Rating                                 float64
	Signed                                 bool
	Uploaded                               time.Time
}

// competitor is a library.
type competitor struct {
	name string
	make func(http.RoundTripper) (client, error)
	// lacks says of a task why the library has no figure.
	lacks map[string]string
	// blind says that it has no field for an image's creator.
	blind bool
	// chatty says that it sends an empty part of metadata beside a file.
	chatty bool
}

// competitors are in the order of the table. The first is the one that others
// are compared with.
var competitors = []competitor{
	{name: "net/http + encoding/json", make: newFloor},
	{name: "net/http + json/v2", make: newJSONv2},
	{name: "this client", make: newOurs},
	{name: "oapi-codegen 2.8.2", make: newOapi},
	{name: "ogen 1.24.0", make: newOgen, chatty: true},
	{name: "cloudflare-go 7.9.0", make: newV7, lacks: map[string]string{taskWalk: "pages to nothing"}},
	{name: "cloudflare-go 0.119.0", make: newV0, blind: true},
}

// metadata are the members that are compared.
func metadata(s *seen, meta map[string]any) {
	s.Album, _ = meta["album"].(string)
	s.Rating, _ = meta["rating"].(float64)
}

func joined(texts []string) string { return strings.Join(texts, " ") }

func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// tell gives the items to each.
func tell[T any](list []T, each func(item), as func(*T) item) int {
	if each != nil {
		for i := range list {
			each(as(&list[i]))
		}
	}
	return len(list)
}
