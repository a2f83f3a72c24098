package main

import (
	"log/slog"
	"os"

	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fake/sqlite"
)

// openData keeps the state of a mock in a folder until release is called. Without
// a folder it does nothing.
func openData(dir string) (opts []mock.Option, release func(), err error) {
	if dir == "" {
		return nil, func() {}, nil
	}
	s, err := sqlite.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	release = func() {
		if err := s.Close(); err != nil {
			log.Error("the data of the mock was not closed", "error", err)
		}
	}
	return []mock.Option{fake.WithStore(s), fake.WithLogger(log)}, release, nil
}
