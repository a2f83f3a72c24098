package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// calls measures what costs little: in batches, of which the median is shown.
func (s *settings) calls(ctx context.Context, _ string) ([]line, error) {
	programmed := mock.New()
	img := &api.Image{ID: image}
	programmed.GetImageFunc = func(context.Context, string) (*api.Image, error) { return img, nil }
	var uploads *fake.Account // one per batch, so that old ones can be collected
	file := api.Bytes("a.svg", picture())
	rows := []struct {
		what, target string
		batch        int
		do           func() error
	}{
		{"`mock.Start` and the end of its test", "200 µs", 200, startAndEnd},
		{"a programmed call", "300 ns", 20_000, func() error {
			_, err := programmed.GetImage(ctx, image)
			return err
		}},
		{"an upload of 10 KB in process", "", 2000, func() error {
			_, err := uploads.UploadImage(ctx, api.ImageUpload{File: file})
			return err
		}},
	}
	var lines []line
	for _, row := range rows {
		middle, least, err := repeat(10*s.rounds, func() error {
			uploads = fake.New(fake.WithAllowance(1 << 60)).Account(account)
			for range row.batch {
				if err := row.do(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		n := time.Duration(row.batch)
		lines = append(lines, line{what: row.what, target: row.target, measured: spread(middle/n, least/n)})
	}
	return lines, nil
}

// startAndEnd is what a test pays that starts a mock and does not use it.
func startAndEnd() error {
	var t test
	mock.Start(&t)
	return t.end()
}

// test is what a mock is started with.
type test struct {
	cleanups []func()
	err      error
}

func (*test) Helper()                             {}
func (t *test) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *test) Failed() bool                      { return t.err != nil }
func (*test) Logf(string, ...any)                 {}
func (t *test) Fatalf(format string, args ...any) { t.Errorf(format, args...) }
func (t *test) Errorf(format string, args ...any) {
	t.err = errors.Join(t.err, fmt.Errorf(format, args...))
}

// end does what the end of a test does.
func (t *test) end() error {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
	return t.err
}
