package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fake/sqlite"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// fill puts images into an account: a thousand creators, metadata of about 90
// bytes, one file for all.
func fill(s store.Store, n int) error {
	c, err := s.Keep("image/svg+xml", []byte("<svg/>"))
	if err != nil {
		return err
	}
	defer s.Release(c)
	start := time.Now()
	return s.Replace(func(f store.Filler) error {
		err := f.Account(account, store.State{
			Keys: []api.SigningKey{{Name: "default", Value: "x"}}, Variants: []api.Variant{{ID: "public"}}, Position: uint64(n), Uploaded: start,
		})
		for i := 1; i <= n && err == nil; i++ {
			err = f.Put(store.Pack(&store.Record{
				ID: fmt.Sprintf("%08x-aaaa-4bbb-cccc-ddddeeeeff00", i), Filename: "picture.svg", Creator: fmt.Sprintf("user-%d", i%1000),
				Meta:     fmt.Appendf(nil, `{"album":"holiday %d","rating":%d,"region":{"name":"eu"},"tags":["a","b"],"n":%d}`, i%100, i%5, i),
				Uploaded: start, Position: uint64(i), Content: c,
			}))
		}
		return err
	})
}

// memory measures a large account in memory.
func (s *settings) memory(ctx context.Context, _ string) ([]line, error) {
	before := heap()
	m := store.NewMemory()
	if err := fill(m, s.images); err != nil {
		return nil, err
	}
	weight := line{
		what: fmt.Sprintf("%d images in memory", s.images), target: "350 MB", measured: fmt.Sprintf("%.0f MB", float64(heap()-before)/1e6),
	}
	lines, err := s.lists(ctx, m, "in memory")
	runtime.KeepAlive(m)
	return append([]line{weight}, lines...), err
}

// disk measures a large account on SQLite. The folder stays for [settings.starts].
func (s *settings) disk(ctx context.Context, dir string) (lines []line, err error) {
	d, err := sqlite.Open(filepath.Join(dir, "large"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := fill(d, s.images); err != nil {
		return nil, err
	}
	return s.lists(ctx, d, "on SQLite")
}

// lists measures lists of the large account in process.
func (s *settings) lists(ctx context.Context, from store.Store, where string) ([]line, error) {
	a := fake.New(fake.WithStore(from), fake.WithAllowance(1<<60)).Account(account)
	var lines []line
	for _, c := range []struct {
		name, target string
		in           api.ListImagesParams
	}{
		{"a page of 1,000", "10 ms", api.ListImagesParams{}},
		{"a page by creator and metadata", "100 ms", api.ListImagesParams{
			Creator: new("user-7"), Filter: filter.All(filter.Eq("album", "holiday 7"), filter.Gte("rating", 2))}},
		{"a page by metadata", "100 ms", api.ListImagesParams{Filter: filter.All(filter.Eq("album", "holiday 7"))}},
		{"a filter that nothing meets", "700 ms", api.ListImagesParams{Filter: filter.All(filter.Eq("album", "none"))}},
	} {
		middle, least, err := repeat(2*s.rounds, func() error {
			_, err := a.ListImages(ctx, c.in)
			return err
		})
		if err != nil {
			return nil, err
		}
		lines = append(lines, line{what: c.name + ", " + where, target: c.target, measured: spread(middle, least)})
	}
	return lines, nil
}
