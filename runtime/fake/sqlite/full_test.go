package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake"
)

// TestDiskThatIsFull and then is not: what was acknowledged stays, what was
// refused is not there, and the store goes on. Read-only is the same.
func TestDiskThatIsFull(t *testing.T) {
	for name, c := range map[string]struct{ spoil, mend, want string }{
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 4294967294", "the disk is full"},
		"read-only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0", "it cannot be written to"},
	} {
		t.Run(name, func(t *testing.T) { filled(t, c.spoil, c.mend, c.want) })
	}
}

func filled(t *testing.T, spoil, mend, want string) {
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	a := fake.New(fake.WithStore(s), fake.WithLogger(slog.New(slog.NewTextHandler(log, nil)))).Account("a")
	there := map[string]bool{}
	put := func(n int) error {
		id := fmt.Sprint("id", n)
		body := fmt.Appendf(nil, "<svg>%d</svg>", n)
		_, err := a.UploadImage(t.Context(), api.ImageUpload{ID: id, File: api.Bytes("a.svg", body), Metadata: api.Meta{"k": strings.Repeat("x", 900)}})
		there[id] = err == nil
		return err
	}
	say := func(pragma string) {
		if _, err := s.conn.ExecContext(context.Background(), pragma); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(0); err != nil {
		t.Fatal(err)
	}
	say(spoil)
	for n := 1; n < 200; n++ {
		err = put(n)
	}
	if !errors.Is(err, api.ErrInternal) || !strings.Contains(log.String(), want) {
		t.Errorf("the error is %v, and the log says %.300q", err, log)
	}
	say(mend)
	if err := put(1000); err != nil {
		t.Errorf("the store does not go on: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	a = fake.New(fake.WithStore(s)).Account("a")
	for id, want := range there {
		if _, err := a.GetImage(t.Context(), id); (err == nil) != want {
			t.Errorf("%s was answered with %t, and is now answered with %v", id, want, err)
		}
	}
}
