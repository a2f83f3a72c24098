package imaging

import "container/list"

// cache keeps the results that were used last, up to a number of bytes. It is
// not safe for concurrent use.
type cache struct {
	free    int64
	size    int64
	entries map[request]*list.Element
	order   *list.List // of entries, the newest first
}

type entry struct {
	req    request
	result Result
}

func newCache(size int64) *cache {
	return &cache{free: size, size: size, entries: map[request]*list.Element{}, order: list.New()}
}

// overhead is what an entry takes beside its data, in bytes.
const overhead = 1024

func (e *entry) bytes() int64 { return int64(cap(e.result.Data)) + overhead }

func (c *cache) get(req request) (Result, bool) {
	e := c.entries[req]
	if e == nil {
		return Result{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry).result, true
}

// add keeps a result, unless it is larger than the cache.
func (c *cache) add(req request, result Result) {
	e := &entry{req, result}
	if e.bytes() > c.size || c.entries[req] != nil {
		return
	}
	for c.free < e.bytes() {
		last := c.order.Remove(c.order.Back()).(*entry)
		delete(c.entries, last.req)
		c.free += last.bytes()
	}
	c.free -= e.bytes()
	c.entries[req] = c.order.PushFront(e)
}
