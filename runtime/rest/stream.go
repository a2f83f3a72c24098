package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// streamed keeps an answer for its caller to read.
type streamed struct{ out *contract.Stream }

func (a *streamed) read(c *contract.Contract, op *contract.Operation, resp *http.Response) error {
	if err := checkStream(op, resp); err != nil {
		return notAStream(c, resp, err)
	}
	a.out = &contract.Stream{
		ReadCloser:  &filled{ReadCloser: resp.Body},
		ContentType: resp.Header.Get("Content-Type"),
		Size:        resp.ContentLength,
		ETag:        resp.Header.Get("Etag"),
	}
	return nil
}

// notAStream describes an answer of status 2xx that should have been a stream.
func notAStream(c *contract.Contract, resp *http.Response, why error) error {
	defer drain(resp.Body)
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxError))
	return unusable(c, resp, text, why)
}

var errEmpty = errors.New("the answer is empty")

// checkStream says why an answer cannot be the bytes that the operation documents.
// A gateway's page and an envelope are not, unless they are what it documents.
func checkStream(op *contract.Operation, resp *http.Response) error {
	_, partly := resp.Request.Header["Range"]
	typ := mediaType(resp)
	documented, _ := path.Match(op.Result.MediaType, typ)
	switch {
	case resp.StatusCode != http.StatusOK && (resp.StatusCode != http.StatusPartialContent || !partly):
		return fmt.Errorf("an answer of status %d has not what was asked for", resp.StatusCode)
	case resp.ContentLength == 0:
		return errEmpty
	case documented:
		return encoded(resp)
	case typ == "", typ == "application/octet-stream", typ == "binary/octet-stream":
		if err := encoded(resp); err != nil {
			return err
		}
		return checkBeginning(resp)
	case isText(typ):
		return fmt.Errorf("the answer is %s", resp.Header.Get("Content-Type"))
	}
	return encoded(resp)
}

// mediaType is that of an answer, empty when it does not tell one.
func mediaType(resp *http.Response) string {
	typ, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return typ
}

// isText reports whether a media type is of pages and messages.
func isText(typ string) bool {
	kind, sub, _ := strings.Cut(typ, "/")
	for _, format := range []string{"json", "xml"} {
		if sub == format || strings.HasSuffix(sub, "+"+format) {
			return true
		}
	}
	return kind == "text"
}

// encoded refuses what net/http has not decoded.
func encoded(resp *http.Response) error {
	if with := resp.Header.Get("Content-Encoding"); with != "" && !strings.EqualFold(with, "identity") {
		return fmt.Errorf("the answer has the content encoding %s, which was not asked for", with)
	}
	return nil
}

// checkBeginning looks at the beginning of an answer whose type says nothing, and
// puts it back.
func checkBeginning(resp *http.Response) error {
	const enough = 512
	var head []byte
	for len(head) < enough {
		b := make([]byte, enough-len(head))
		n, err := resp.Body.Read(b)
		head = append(head, b[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return &interrupted{err}
		}
	}
	resp.Body = peeked{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	_, failed := textError(head)
	text := bytes.TrimLeft(head, "\ufeff \t\r\n")
	markup := bytes.HasPrefix(text, []byte("<")) && contract.DetectType(head) != "image/svg+xml"
	switch {
	case len(head) == 0:
		return errEmpty
	case failed, markup, bytes.HasPrefix(text, []byte("{")):
		return errors.New("the answer does not tell its type, and begins like a failure")
	}
	return nil
}

// peeked is a body whose beginning was read and is put back.
type peeked struct {
	io.Reader
	io.Closer
}

// filled is a body that must not be empty.
type filled struct {
	io.ReadCloser
	began bool
}

func (b *filled) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n == 0 && err == io.EOF && !b.began {
		return 0, errEmpty
	}
	b.began = b.began || n > 0
	return n, err
}

// WriteTo spares a copy where the body does.
func (b *filled) WriteTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, b.ReadCloser)
	if n == 0 && err == nil && !b.began {
		return 0, errEmpty
	}
	b.began = true
	return n, err
}
