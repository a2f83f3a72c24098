package realinput

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	marked = regexp.MustCompile(`(?s)<!-- run: mock -->\n(.*?)<!-- end -->`)
	block  = regexp.MustCompile("(?s)```sh\n(.*?)```")
	start  = regexp.MustCompile(`(?m)^go run \./cmd/cfimages mock( .*)?$`)
)

// TestReadme runs what README.md tells a user to type for the mock. Only the
// port differs: a free one is taken for the default one.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	begin := start.FindSubmatch(readme)
	if begin == nil {
		t.Fatal("README.md does not tell how to start the mock")
	}
	s := serve(t, strings.Fields(string(begin[1]))...)
	dir := t.TempDir()
	cat := one(t, "png").Content
	if err := os.WriteFile(filepath.Join(dir, "cat.png"), cat, 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, part := range marked.FindAllSubmatch(readme, -1) {
		for _, script := range block.FindAllSubmatch(part[1], -1) {
			n++
			runBlock(t, s, dir, string(script[1]))
		}
	}
	if n == 0 {
		t.Fatal("README.md has no block of commands marked to be run on the mock")
	}
	if copied, err := os.ReadFile(filepath.Join(dir, "copy.png")); err != nil || !bytes.Equal(copied, cat) {
		t.Errorf("the downloaded copy has %d bytes and the error %v, want the %d that were uploaded", len(copied), err, len(cat))
	}
	s.user("demo", "secret").holds(t, 2)
}

func runBlock(t *testing.T, s *served, dir, script string) {
	t.Helper()
	const usual = "http://127.0.0.1:8787/client/v4"
	if !strings.Contains(script, usual) || !strings.Contains(script, "curl ") {
		t.Errorf("the block does not use curl on %s:\n%s", usual, script)
	}
	out, err := shell(dir, strings.ReplaceAll(script, usual, s.api))
	if err != nil {
		t.Errorf("the block failed with %v:\n%s\n%s", err, script, out)
	}
	for line := range strings.Lines(out) {
		if !strings.Contains(line, `"success":true`) {
			t.Errorf("the block printed %q:\n%s", line, script)
		}
	}
	if n := strings.Count(out, `"id":"pets/cat.png"`); n != 2 {
		t.Errorf("the answers show the uploaded image %d times, want it in that of the upload and in the list:\n%s", n, out)
	}
}
