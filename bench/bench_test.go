package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"time"
)

// expected is what every library must find in the image with a number.
func expected(t *testing.T, n int, blind bool) seen {
	t.Helper()
	r := numbered(n)
	at, err := time.Parse(time.RFC3339, r.Uploaded)
	if err != nil {
		t.Fatal(err)
	}
	s := seen{
		ID: r.ID, Filename: r.Filename, Creator: r.Creator, Album: "coast", Rating: float64(n % 6),
		Signed: r.RequireSignedURLs, Uploaded: at, Variants: joined(r.Variants),
	}
	if blind {
		s.Creator = ""
	}
	return s
}

// TestSameAnswers does every task once with every library and compares what
// they decode.
func TestSameAnswers(t *testing.T) {
	s := newService()
	for _, who := range competitors {
		t.Run(who.name, func(t *testing.T) {
			c, err := who.make(s)
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			one, err := c.get(ctx)
			if err != nil {
				t.Fatal(err)
			}
			compareImage(t, one, 0, who.blind)
			sequence(t, who, pageSize, func(each func(item)) (int, error) { return c.list(ctx, each) })
			sequence(t, who, who.walks(), func(each func(item)) (int, error) { return c.walk(ctx, each) })
			body, err := c.blob(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, s.blob) {
				t.Errorf("blob: %d bytes, %v", len(got), err)
			}
		})
	}
}

// walks is how many images a library's walk finds.
func (c competitor) walks() int {
	if c.lacks[taskWalk] != "" {
		return 0
	}
	return pages * pageSize
}

func compareImage(t *testing.T, got item, n int, blind bool) {
	t.Helper()
	if got, want := got.seen(), expected(t, n, blind); got != want {
		t.Fatalf("image %d is\n%+v, want\n%+v", n, got, want)
	}
}

func sequence(t *testing.T, who competitor, want int, walk func(func(item)) (int, error)) {
	t.Helper()
	at := 0
	n, err := walk(func(i item) {
		compareImage(t, i, at, who.blind)
		at++
	})
	if err != nil || n != want || at != want {
		t.Errorf("%d images, %d told, %v; want %d", n, at, err, want)
	}
}

// TestUploads wants every library to send the file, and nothing else.
func TestUploads(t *testing.T) {
	s := newService()
	s.keep = true
	for _, who := range competitors {
		c, err := who.make(s)
		if err != nil {
			t.Fatal(err)
		}
		for name, file := range map[string]func([]byte) io.Reader{"known": known, "unknown": unknown} {
			one, err := c.upload(t.Context(), file(s.blob[:70_000]))
			if err != nil {
				t.Fatalf("%s: %s: %v", who.name, name, err)
			}
			compareImage(t, one, 0, who.blind)
			if got := sentFile(t, s, who.chatty); !bytes.Equal(got, s.blob[:70_000]) {
				t.Errorf("%s: %s: %d bytes arrived", who.name, name, len(got))
			}
			if who.name == "this client" && name == "known" && s.declared != s.sent {
				t.Errorf("declared %d bytes, sent %d", s.declared, s.sent)
			}
		}
	}
}

// sentFile is the content of the form that was sent: one part, and nothing but
// an empty one beside it.
func sentFile(t *testing.T, s *service, chatty bool) (file []byte) {
	t.Helper()
	_, params, err := mime.ParseMediaType(s.keptType)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(&s.kept, params["boundary"])
	empty := 0
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		switch {
		case err != nil:
			t.Fatal(err)
		case part.FormName() == "file":
			file = content
		case len(content) == 0:
			empty++
		default:
			t.Errorf("there is a part %q", part.FormName())
		}
	}
	if (empty > 0) != chatty {
		t.Errorf("%d empty parts", empty)
	}
	return file
}

// TestReport prints the tables of a run that is too short to mean anything.
func TestReport(t *testing.T) {
	var out strings.Builder
	if err := report(context.Background(), &out, 1, time.Nanosecond); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| this client |", "| get | 1 (", "pages to nothing", " pages\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	for q, want := range map[float64]float64{0: 1, 0.5: 2.5, 1: 4} {
		if got := quantile(values, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if text, _ := json.Marshal(values); string(text) != "[4,1,3,2]" {
		t.Errorf("the values are now %s", text)
	}
}
