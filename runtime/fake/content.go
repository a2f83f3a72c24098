package fake

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

const (
	// maxImage limits an image file, in bytes. [documented] A file has 10 MB at
	// most. [assumed] 10 MB are 10 MiB.
	maxImage = 10 << 20
	// maxFilename limits a filename, in characters. [documented] A filename
	// has 255 characters at most.
	maxFilename = 255
)

// receive reads the image of an upload, which comes from a file or from a URL,
// and returns its filename and what it holds. The caller releases the content.
//
// [documented] Exactly one of file and url is given. [assumed] Both or
// neither are a bad request.
func (w *World) receive(ctx context.Context, file *contract.File, rawURL string) (string, store.Content, error) {
	switch {
	case file != nil && rawURL != "":
		return "", nil, api.ErrBadRequest.With("file and url are mutually exclusive")
	case file != nil:
		return w.receiveFile(ctx, file)
	case rawURL != "":
		return w.receiveURL(ctx, rawURL)
	default:
		return "", nil, api.ErrBadRequest.With("one of file or url is required")
	}
}

// receiveFile reads an uploaded file. [documented] The name of an uploaded file
// is the image's filename.
func (w *World) receiveFile(ctx context.Context, file *contract.File) (string, store.Content, error) {
	name := file.Name()
	if utf8.RuneCountInString(name) > maxFilename {
		// [assumed] A name that is too long is refused, not cut.
		return "", nil, api.ErrBadRequest.At("file", "file: its name must have at most %d characters", maxFilename)
	}
	size := file.Size()
	if size > maxImage {
		return "", nil, api.ErrImageTooLarge.New()
	}
	data, err := readFile(ctx, file, size)
	if err != nil {
		return "", nil, err
	}
	c, err := w.keep(data)
	return name, c, err
}

// readFile returns the content of a file that nobody else writes to. size is its
// length, or -1 when it is not known.
func readFile(ctx context.Context, file *contract.File, size int64) ([]byte, error) {
	data, fixed := contract.InMemory(file)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case fixed:
		return data, nil
	case data != nil:
		return bytes.Clone(data), nil
	}
	body, err := file.Open()
	if err != nil {
		return nil, uploadFailed(err)
	}
	defer func() { _ = body.Close() }()
	return readImage(ctx, body, size)
}

// keep stores a file that is an image.
func (w *World) keep(data []byte) (store.Content, error) {
	mediaType, err := inspect(data)
	if err != nil {
		return nil, err
	}
	c, err := w.store.Keep(mediaType, data)
	if err != nil {
		return nil, w.failed(err)
	}
	return c, nil
}

// readImage reads a whole image; size is its length, or -1 when it is not known.
func readImage(ctx context.Context, body io.Reader, size int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(max(size, 0)) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(cancelable{ctx, body}, maxImage+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, uploadFailed(err)
	case n > maxImage:
		return nil, api.ErrImageTooLarge.New() // [documented] A file that is too large has an error of its own.
	case size >= 0 && n != size:
		return nil, uploadFailed(contract.ErrSize)
	case size < 0:
		return bytes.Clone(b.Bytes()), nil // without the room to grow
	default:
		return b.Bytes(), nil
	}
}

// uploadFailed says that the file did not arrive; its cause stays in the chain.
func uploadFailed(cause error) error {
	e := api.ErrUploadFailed.New()
	e.Err = cause
	return e
}

// cancelable stops reading once its context is done.
type cancelable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancelable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
