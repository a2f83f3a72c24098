// Command service is an image service that keeps its images in a folder. It has a
// part of the API; the rest answers that it is not implemented.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/contract"
)

// folder is the images of one account.
type folder struct {
	api.Unimplemented
	dir    string
	images sync.Map // id -> *api.Image, which is never changed
}

// path is where an image lies. An id may look like a path and is not used as one.
func (f *folder) path(id string) string {
	return filepath.Join(f.dir, fmt.Sprintf("%x", sha256.Sum256([]byte(id))))
}

func mediaType(file io.ReaderAt) string {
	head := make([]byte, 512)
	n, _ := file.ReadAt(head, 0)
	return contract.DetectType(head[:n])
}

// UploadImage stores a file once it is whole. One that breaks off or is too large
// fails to be read, and leaves nothing behind.
func (f *folder) UploadImage(_ context.Context, in api.ImageUpload) (*api.Image, error) {
	switch {
	case in.File == nil:
		return nil, api.ErrFetchFailed.With("this service fetches nothing")
	case in.ID != "" && in.RequireSignedURLs:
		return nil, api.ErrCustomIDCannotBePrivate
	}
	dst, err := os.CreateTemp(f.dir, "new-*")
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = dst.Close(), os.Remove(dst.Name()) }()
	if _, err := in.File.WriteTo(dst); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(mediaType(dst), "image/") {
		return nil, api.ErrUnsupportedImage
	}
	img := &api.Image{ID: cmp.Or(in.ID, rand.Text()), Filename: in.File.Name(), Creator: in.Creator, Uploaded: time.Now().UTC()}
	img.RequireSignedURLs = in.RequireSignedURLs
	if in.Metadata != nil {
		img.Meta, _ = in.Metadata.MarshalJSON() // never fails: it was JSON
	}
	if err := os.Link(dst.Name(), f.path(img.ID)); err != nil { // unless it is there
		return nil, api.ErrResourceExists
	}
	f.images.Store(img.ID, img)
	return img, nil
}

// GetImage tells about an image.
func (f *folder) GetImage(_ context.Context, id string) (*api.Image, error) {
	if img, ok := f.images.Load(id); ok {
		return img.(*api.Image), nil
	}
	return nil, api.ErrImageNotFound
}

// GetImageBlob opens an image, of which the server then answers ranges, too.
func (f *folder) GetImageBlob(_ context.Context, id string) (*api.Stream, error) {
	file, err := os.Open(f.path(id))
	if err != nil {
		return nil, api.ErrImageNotFound
	}
	return &api.Stream{ReadCloser: file, ContentType: mediaType(file)}, nil
}

// DeleteImage removes an image.
func (f *folder) DeleteImage(_ context.Context, id string) error {
	if _, ok := f.images.LoadAndDelete(id); !ok {
		return api.ErrImageNotFound
	}
	return os.Remove(f.path(id))
}

// ListImages answers everything at once that is selected.
func (f *folder) ListImages(_ context.Context, in api.ListImagesParams) (*api.ImagePage, error) {
	page := &api.ImagePage{}
	for _, v := range f.images.Range {
		img := v.(*api.Image)
		if (in.Creator == nil || img.Creator != nil && *img.Creator == *in.Creator) && in.Filter.MatchJSON(img.Meta) {
			page.Images = append(page.Images, *img)
		}
	}
	return page, nil
}

func handler(dir, account, token string) http.Handler {
	return server.New(server.For(&folder{dir: dir}), server.WithBasePath("/client/v4"),
		server.WithLogins(server.Token(token, account)))
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:8788", handler(os.Getenv("DIR"), "demo", os.Getenv("TOKEN"))))
}
