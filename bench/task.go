package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// taskWalk is the task that not every library can do.
const taskWalk = "walk 10,000"

// task is what every library is asked to do.
type task struct {
	name string
	run  func(ctx context.Context, c client, s *service) error
}

var tasks = []task{
	{"get", func(ctx context.Context, c client, _ *service) error {
		_, err := c.get(ctx)
		return err
	}},
	{"list 1,000", func(ctx context.Context, c client, _ *service) error {
		n, err := c.list(ctx, nil)
		return expect(n, pageSize, err)
	}},
	{taskWalk, func(ctx context.Context, c client, _ *service) error {
		n, err := c.walk(ctx, nil)
		return expect(n, pages*pageSize, err)
	}},
	{"upload 1 MiB", upload(1<<20, known)},
	{"upload 10 MiB", upload(10<<20, known)},
	{"upload 1 MiB, size unknown", upload(1<<20, unknown)},
	{"blob 10 MiB", blob},
}

func expect(n, want int, err error) error {
	if err == nil && n != want {
		return fmt.Errorf("%d images instead of %d", n, want)
	}
	return err
}

// known is a file in memory, which knows its length.
func known(content []byte) io.Reader { return bytes.NewReader(content) }

// unknown is the same file with nothing but its Read.
func unknown(content []byte) io.Reader { return struct{ io.Reader }{bytes.NewReader(content)} }

func upload(size int, file func([]byte) io.Reader) func(context.Context, client, *service) error {
	return func(ctx context.Context, c client, s *service) error {
		_, err := c.upload(ctx, file(s.blob[:size]))
		if err == nil && s.sent < int64(size) {
			return fmt.Errorf("%d bytes were sent", s.sent)
		}
		return err
	}
}

func blob(ctx context.Context, c client, s *service) error {
	body, err := c.blob(ctx)
	if err != nil {
		return err
	}
	n := 0
	for err == nil {
		var m int
		m, err = body.Read(s.buf)
		n += m
	}
	if err != io.EOF || n != blobSize {
		return fmt.Errorf("%d bytes: %w", n, err)
	}
	return body.Close()
}
