# `make gen` and `make test` are all a fresh clone needs. `make` lists the rest.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-14s %s\n", $$1, $$2}'

.PHONY: gen
gen: ## Write gen/ from spec/, the example of metadata from its schema, CLAUSES.md and the mock's coverage
	go run ./generator
	go run ./generator metadata -schema examples/photo/photo.schema.json -package photo -out examples/photo
	go run ./conformance/internal/clausedoc
	go run ./internal/evidence/write

.PHONY: check-gen
check-gen: ## Write them anew and fail when that differs from what is committed
	rm -rf gen examples/photo/metadata.gen.go conformance/CLAUSES.md
	$(MAKE) --no-print-directory gen
	@changed=$$(git status --porcelain -- gen examples/photo conformance/CLAUSES.md internal/admin/coverage.json); [ -z "$$changed" ] || { echo "not up to date:" $$changed >&2; exit 1; }

.PHONY: test
test: ## Run all tests, those of the other modules included
	go test -race ./...
	cd tracing && go test -race ./...
	cd conformance/sdk && go test ./...
	cd conformance/sdk0 && go test ./...
	cd bench && go test ./...
	$(MAKE) --no-print-directory test-typescript
	$(MAKE) --no-print-directory test-page

.PHONY: test-typescript
test-typescript: ## Run the tests of the official TypeScript SDK, where there is Node
	./.ci/typescript

.PHONY: test-page
test-page: ## Test the inspector's page in Chromium, if there is one
	@if command -v chromium chromium-browser google-chrome chrome >/dev/null; then \
		cd internal/inspector/browser && go test -count=1 ./...; \
	else echo "######## The inspector's page is NOT tested: there is no chromium. ########" >&2; fi

.PHONY: lint
lint: ## Check format, vet and lint
	@wrong=$$(gofmt -l .); [ -z "$$wrong" ] || { echo "not formatted:" $$wrong >&2; exit 1; }
	go mod tidy -diff
	go vet ./...
	cd tracing && go mod tidy -diff && go vet ./...
	cd conformance/sdk && go mod tidy -diff && go vet ./...
	cd conformance/sdk0 && go mod tidy -diff && go vet ./...
	cd bench && go mod tidy -diff && go vet ./...
	cd internal/inspector/browser && go mod tidy -diff && go vet ./...
	go tool -modfile=tools/go.mod golangci-lint run ./...

.PHONY: conformance
conformance: ## Run the conformance suite against the mock over HTTP, as a user would, on all its mounts, and with all its switches
	./.ci/conformance
	go test -count=1 -run 'TestConformance$$|TestConformanceOnSQLite|TestSwitches|TestWithoutPlan' ./conformance ./cmd/cfimages

.PHONY: switches
switches: ## Run the suite against every switch of the mock, those included that take time
	CFIMAGES_SWITCHES=all go test -count=1 -run 'TestSwitches|TestWithoutPlan' ./conformance

TIMES ?= 100

.PHONY: stress
stress: ## Run the suite TIMES times (100) in random order, with 1, 2 and 4 processes; none may fail
	./.ci/stress $(TIMES)

.PHONY: score
score: ## Run the suite against servers that are wrong, and others that are right
	go run ./cmd/cfimages conformance score

MATRIX ?= $(shell echo $${TMPDIR:-/tmp})/cfimages-matrix

.PHONY: matrix
matrix: ## Run the whole suite against every wrong server; MATRIX.md and MATRIX.json say which clause notices which
	go run ./cmd/cfimages conformance score --full --matrix $(MATRIX).md --json $(MATRIX).json

ASSERTIONS ?= -min 90

.PHONY: assertions
assertions: ## Take every assertion of the suite out, one at a time (20 min); ASSERTIONS="-sample 40 -seed 7" tries some, "-resume FILE" goes on
	go run ./conformance/internal/assertcut -- $(ASSERTIONS)

.PHONY: conformance-live
conformance-live: ## Check the real service with the profile safe; wants CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID
	./.ci/conformance-live

.PHONY: foreign
foreign: ## Check that no mutant leads the suite to what is not its own
	CFIMAGES_FOREIGN=all go test -count=1 -run TestForeign ./conformance/mutants

.PHONY: kill
kill: ## Kill 20 runs at different moments, and check that a sweep leaves nothing
	CFIMAGES_KILL=all go test -count=1 -run TestKilled ./cmd/cfimages

.PHONY: kill-mock
kill-mock: ## Kill 200 mocks that keep their data in a folder under load, and check that nothing acknowledged is lost
	CFIMAGES_KILL_MOCK=all go test -count=1 -v -run TestKilledMock ./cmd/cfimages

.PHONY: soak
soak: ## Hold servers against 10,000 idle connections, 1,000 uploads at a time and 200 slow clients (5 min)
	CFIMAGES_SOAK=all go test -count=1 -v -timeout 30m ./internal/soak

.PHONY: bench
bench: ## Compare client and server with others, then run the benchmarks
	cd bench && go run . && go test -run '^$$' -bench . -benchmem ./server
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: bench-mock
bench-mock: ## Measure the mock against its targets: starts, requests over HTTP, 1,000,000 images
	go build -o bin/cfimages ./cmd/cfimages
	cd bench && go run ./mock -binary ../bin/cfimages

.PHONY: bench-peers
bench-peers: ## Generate the clients and the server of other generators that bench compares with
	cd bench && go tool oapi-codegen -config internal/oapi.yaml ../spec/images.yaml
	cd bench && go tool ogen -config internal/ogen.yaml -package ogen -target internal/ogen -clean ../spec/images.yaml
	cd bench && go tool ogen -config server/ogen.yaml -package ogen -target server/ogen -clean ../spec/images.yaml

.PHONY: footprint
footprint: ## Tell what a program pays for the client: minutes of building
	cd bench && go run ./footprint

FUZZTIME ?= 60s

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (60s)
	./.ci/fuzz $(FUZZTIME)
