//go:build linux || darwin

package soak

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/server"
)

// fileSize is the size of each upload, in bytes.
func fileSize() int64 { return int64(scale(10<<20, 1<<20)) }

// hasher is a service that hashes what is uploaded while it arrives, and stores
// nothing. It holds all uploads at their first piece until there are n.
type hasher struct {
	api.Unimplemented
	n     int64
	begun atomic.Int64
	all   chan struct{} // closed once n have begun
	bytes atomic.Int64
	full  memory     // what is held when all have begun
	ended chan error // how each has ended
}

func newHasher(n int) *hasher {
	return &hasher{n: int64(n), all: make(chan struct{}), ended: make(chan error, n)}
}

func (s *hasher) UploadImage(ctx context.Context, in api.ImageUpload) (*api.Image, error) {
	img, err := s.receive(ctx, in)
	s.ended <- err
	return img, err
}

func (s *hasher) receive(ctx context.Context, in api.ImageUpload) (*api.Image, error) {
	r, err := in.File.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var first [1]byte
	if _, err := io.ReadFull(r, first[:]); err != nil {
		return nil, err
	}
	if s.begun.Add(1) == s.n {
		s.full = held()
		close(s.all)
	}
	select {
	case <-s.all:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	h := sha256.New()
	h.Write(first[:])
	n, err := io.Copy(h, r)
	if err != nil {
		return nil, err
	}
	s.bytes.Add(n + 1)
	return &api.Image{ID: in.ID, Filename: fmt.Sprintf("%x", h.Sum(nil))}, nil
}

// TestUploads sends many files at a time: what the server holds has a limit, and
// each arrives whole.
func TestUploads(t *testing.T) {
	n := scale(1000, 40)
	s := newHasher(n)
	// The clients take turns on few processors; the time is not what is tested.
	address := start(t, server.New(server.For(s)), func(h *http.Server) { h.ReadTimeout, h.WriteTimeout = patience, patience })
	before, peak := held(), watch()
	p := apart(t, "upload:"+strconv.Itoa(n), address)
	whole := p.next()
	p.end(t)
	most := peak()
	t.Logf("%d uploads of %d bytes at a time: %v before, %v once all have begun, at most %v, and of the process %s", n, fileSize(), before, s.full, most, highWater())
	if want := fmt.Sprintf("%d whole", n); whole != want {
		t.Errorf("the clients tell %q, not %q", whole, want)
	}
	if got, want := s.bytes.Load(), int64(n)*fileSize(); got != want {
		t.Errorf("%d bytes arrived of %d", got, want)
	}
	if most.taken = max(most.taken, s.full.taken); most.taken > budget {
		t.Errorf("the server takes %v, more than %d bytes", most, budget)
	}
}

// uploadAll sends n files at a time, each with a content of its own, and tells how
// many the server has hashed as the client has.
func uploadAll(ctx context.Context, address string, n int) error {
	socket := &http.Transport{}
	defer socket.CloseIdleConnections()
	c, err := client.New("acc", client.WithToken("t"), client.WithBaseURL("http://"+address), client.WithHTTPClient(&http.Client{Transport: socket}))
	if err != nil {
		return err
	}
	var (
		all   sync.WaitGroup
		whole atomic.Int64
	)
	for i := range n {
		all.Go(func() {
			if err := upload(ctx, c, uint64(i)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return
			}
			whole.Add(1)
		})
	}
	all.Wait()
	fmt.Fprintln(os.Stdout, whole.Load(), "whole")
	return nil
}

func upload(ctx context.Context, c *client.Client, seed uint64) error {
	content := &content{left: fileSize(), hash: sha256.New()}
	content.rand.Seed([32]byte{byte(seed), byte(seed >> 8)})
	file := api.Reader("soak.png", content).WithType("image/png")
	id := "soak/" + strconv.FormatUint(seed, 10)
	img, err := c.UploadImage(ctx, api.ImageUpload{ID: id, Metadata: api.Meta{"n": seed}, Creator: new("me"), File: file})
	if err != nil {
		return err
	}
	if sum := fmt.Sprintf("%x", content.hash.Sum(nil)); img.ID != id || img.Filename != sum {
		return fmt.Errorf("%s of hash %s is answered %s, %s", id, sum, img.ID, img.Filename)
	}
	return nil
}

// content is bytes nobody can guess, and their hash.
type content struct {
	rand rand.ChaCha8
	left int64
	hash hash.Hash
}

func (c *content) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), c.left)]
	n, _ := c.rand.Read(p) // never fails
	c.left -= int64(n)
	c.hash.Write(p[:n])
	return n, nil
}

// TestUploadsCutOff breaks uploads off in the middle: none is accepted, and others
// are served afterwards.
func TestUploadsCutOff(t *testing.T) {
	n := scale(1000, 40)
	s := newHasher(n)
	address := start(t, server.New(server.For(s)), nil)
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = dial(t, address)
		send(t, conns[i], formHead+strings.Repeat("x", 64<<10))
	}
	<-s.all
	for _, conn := range conns {
		_ = conn.Close()
	}
	for range n {
		if err := <-s.ended; err == nil {
			t.Error("an upload was accepted that broke off")
		}
	}
	get(t, address)
}
