# The commands of this project. Everything needs Go; bench, peers and lint install or name what they need besides.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI_LINT_VERSION := v2.15.0
TOOLS := $(CURDIR)/.tools
export CGO_ENABLED := 0
GOFLAGS += -buildvcs=false
export GOFLAGS

.PHONY: build init test peers test-manifests test-clients docs-clients fuzz bench lint docs clean

build: ## the program, ./milvus-certs
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o milvus-certs ./cmd/milvus-certs

init: build ## a set in ./certs, kept where there is a sound one
	mkdir -p certs
	./milvus-certs init --dir certs --if-needed

test: ## unit tests and command tests; those against openssl where it is there
	go test ./...

peers: ## the same, where a missing peer is a failure
	REQUIRE_PEERS=1 go test -count=1 ./...

test-manifests: ## what setup writes, against the types and code of Compose, Kubernetes and cert-manager
	cd testdata/manifests && GOWORK=off go test -count=1 ./...

test-clients: ## real clients against a stub of Milvus, and what verify predicts of them; installs those that are missing
	bash testdata/clients/run.sh

docs-clients: ## docs/clients.md, as measured
	WRITE_DOCS=1 bash testdata/clients/run.sh -run TestAcceptance .

FUZZTIME := 30s
# Where the time of a target runs out between two inputs, go test may call that a failure; a finding has an input that it writes.
fuzz: ## every fuzz target, FUZZTIME each
	@set -e; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; go list ./... | while read -r package; do \
		go test -list '^Fuzz' "$$package" | { grep '^Fuzz' || true; } | while read -r target; do \
			echo "$$package $$target"; \
			if go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x "$$package" >"$$log" 2>&1; then \
				tail -n 1 "$$log"; \
			else \
				cat "$$log"; \
				grep -qx ' *context deadline exceeded' "$$log" && ! grep -q 'Failing input' "$$log" || exit 1; \
			fi; \
		done; \
	done

bench: ## gen.sh and init in turn, start-up, and issue beside the least that issuing costs and beside openssl
	go test -run '^$$' -bench . -benchtime 10x ./cmd/milvus-certs
	bash testdata/bench/bench.sh

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)
	$< run ./...
	@test -z "$$(gofmt -l cmd pkg testdata)" || { gofmt -d cmd pkg testdata; exit 1; }

$(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION):
	mkdir -p $(TOOLS)
	cd $(TOOLS) && GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv $(TOOLS)/golangci-lint $@

docs: ## docs/cli and docs/man from the commands
	go run ./cmd/gen-docs

clean:
	rm -rf milvus-certs dist
