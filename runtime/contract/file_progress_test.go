package contract_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cfimages/cfimages/runtime/contract"
)

// TestProgress sends a file of each kind and adds up what it is told.
func TestProgress(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("\x89PNG", 1000)
	path := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	known, unknown := int64(len(content)), int64(-1)
	for name, c := range map[string]struct {
		file  *contract.File
		total int64
		sent  int // times
	}{
		"bytes":                     {contract.Bytes("a", []byte(content)), known, 2},
		"disk":                      {contract.OpenFile(path), known, 2},
		"disk, typed":               {contract.OpenFile(path).WithType("image/png"), known, 2},
		"seeker":                    {contract.Reader("a", strings.NewReader(content)), known, 2},
		"reader of a known size":    {contract.Reader("a", io.MultiReader(strings.NewReader(content))).WithSize(known), known, 1},
		"reader of an unknown size": {contract.Reader("a", io.MultiReader(strings.NewReader(content))), unknown, 1},
		"typed reader":              {contract.Reader("a", io.MultiReader(strings.NewReader(content))).WithType("image/png"), unknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent int64
			file := c.file.WithProgress(func(now, total int64) {
				if now <= sent || total != c.total {
					t.Errorf("%d after %d of %d", now, sent, total)
				}
				sent = now
			})
			body, err := contract.EncodeForm(nil, []contract.FilePart{{Name: "file", File: file}})
			if err != nil {
				t.Fatal(err)
			}
			if sent != 0 {
				t.Errorf("%d bytes are told before any is sent", sent)
			}
			for range c.sent {
				sent = 0
				r, err := body.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, iotest.OneByteReader(r)); err != nil || sent != known {
					t.Errorf("%d bytes are told, %v", sent, err)
				}
				_ = r.Close()
			}
		})
	}
}

// TestProgressOfOpen is for whoever reads a file without sending it, as a mock does.
func TestProgressOfOpen(t *testing.T) {
	t.Parallel()
	var told [][2]int64
	file := contract.Bytes("a", []byte("PNG")).WithProgress(func(sent, total int64) { told = append(told, [2]int64{sent, total}) })
	r, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, iotest.OneByteReader(r)); err != nil || r.Close() != nil {
		t.Fatal(err)
	}
	if len(told) != 3 || told[2] != [2]int64{3, 3} {
		t.Errorf("%v", told)
	}
	if _, err := new(contract.File).WithProgress(func(int64, int64) {}).Open(); err == nil {
		t.Error("nothing is opened")
	}
}
