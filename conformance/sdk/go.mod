module github.com/cfimages/cfimages/conformance/sdk

go 1.26.0

require (
	github.com/cfimages/cfimages v0.0.0
	github.com/cloudflare/cloudflare-go/v7 v7.9.0
)

require (
	github.com/tidwall/gjson v1.14.4 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	golang.org/x/image v0.48.0 // indirect
)

replace github.com/cfimages/cfimages => ../..
