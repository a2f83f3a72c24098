package store

import (
	"bytes"
	"crypto/sha256"
	"io"
	"sync/atomic"
)

// memoryContent is a file in memory.
type memoryContent struct {
	mediaType string
	data      []byte
	sum       atomic.Pointer[[sha256.Size]byte]
}

func (c *memoryContent) MediaType() string { return c.mediaType }

func (c *memoryContent) Size() int64 { return int64(len(c.data)) }

// Sum costs a look at every byte, so it is made when it is first asked for.
func (c *memoryContent) Sum() [sha256.Size]byte {
	sum := c.sum.Load()
	if sum == nil {
		sum = new(sha256.Sum256(c.data))
		c.sum.Store(sum)
	}
	return *sum
}

func (c *memoryContent) Open() (io.ReadSeekCloser, error) { return blob{bytes.NewReader(c.data)}, nil }

// blob reads a file from memory.
type blob struct{ *bytes.Reader }

// Close does nothing.
func (blob) Close() error { return nil }
