module github.com/cfimages/cfimages/conformance/sdk0

go 1.26.0

require (
	github.com/cfimages/cfimages v0.0.0
	github.com/cloudflare/cloudflare-go v0.119.0
)

require (
	github.com/goccy/go-json v0.10.5 // indirect
	github.com/google/go-querystring v1.1.0 // indirect
	golang.org/x/image v0.48.0 // indirect
	golang.org/x/net v0.61.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/cfimages/cfimages => ../..
