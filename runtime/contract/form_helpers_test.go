package contract_test

import "io"

// plain hides everything of a reader but Read.
type plain struct{ io.Reader }

// seeking hides everything but Read and Seek.
type seeking struct{ io.ReadSeeker }
