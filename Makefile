# rapport: `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN      := bin/rapport
STATIC   := bin/rapport-static
LIBRARY  := bin/libchdb.so
LIB_SRC  := embedded/clickhouse/lib/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
VENV     := .build/venv
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PKG      ?= ./...
FUZZTIME ?= 10s
BENCH    ?= .

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

.PHONY: needs
needs: ## say what this machine lacks
	@bash .ci/needs

.PHONY: build
build: needs $(LIBRARY) ## bin/rapport and all that `rapport up` needs, the ClickHouse library too
	CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BIN) ./cmd/rapport

# Static, for an image with nothing else in it: without the embedded ClickHouse, whose library takes a dynamic loader.
.PHONY: static
static: ## bin/rapport-static, for containers: engines of your own, no embedded ClickHouse
	@bash .ci/needs go
	CGO_ENABLED=0 go build -tags static -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(STATIC) ./cmd/rapport

# The library is 566 MB: it is linked, not copied, from where npm unpacked it.
$(LIBRARY): embedded/clickhouse/lib/package-lock.json
	@bash .ci/needs npm
	@mkdir -p bin
	npm ci --ignore-scripts --no-audit --no-fund --prefix embedded/clickhouse/lib
	ln -sf ../$(LIB_SRC) $(LIBRARY)
	@touch $(LIB_SRC) # npm keeps the time of packing, which would always be older than the lock file

.PHONY: demo
demo: build ## everything embedded: a simulated company, its figures in the terminal, addresses to query
	$(BIN) demo

.PHONY: test
test: build ## all tests, on the embedded pair
	go run ./embedded/kafka/kafkatest/count -timeout 45m $(PKG)

.PHONY: test-clients
test-clients: $(LIBRARY) ## what the tests with the official Node and Python clients need (make test skips them without)
	@bash .ci/needs npm python3
	npm ci --ignore-scripts --no-audit --no-fund --prefix embedded/clickhouse/clients/node
	test -x $(VENV)/bin/python || python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r embedded/clickhouse/clients/python/requirements.txt

BROKER := embedded/kafka/kafkatest/broker

.PHONY: test-kafka
test-kafka: .build/kafka/installed ## the real Kafka that tests run against (make test skips those tests without)

# A checksum for each file: what Maven brings is what was tested with.
.build/kafka/installed: $(BROKER)/pom.xml $(BROKER)/jars.sha256
	@bash .ci/needs java
	rm -rf .build/kafka
	mvn -B -q -f $(BROKER)/pom.xml -Djars=$(CURDIR)/.build/kafka package
	cd .build/kafka && sha256sum --check --strict --quiet $(CURDIR)/$(BROKER)/jars.sha256
	@touch $@

.PHONY: test-alertmanager
test-alertmanager: .build/alertmanager/installed ## the real Alertmanager that alerts are sent to in tests (make test skips them without)

.build/alertmanager/installed: .ci/alertmanager alerts/receivers/testdata/alertmanager.sha256
	@bash .ci/needs apt
	bash .ci/alertmanager .build/alertmanager
	@touch $@

.PHONY: race
race: build ## the tests with the race detector
	go test -race -timeout 40m $(PKG)

SOAK ?= 10m

.PHONY: soak
soak: build test-kafka ## every fault of the suite, and a random mix of them for SOAK (default 10m); writes docs/faults.md
	go test ./internal/faults -count=1 -timeout 12h -v -args -full -soak=$(SOAK) -backlog=5000000 -page=$(CURDIR)/docs/faults.md

.PHONY: lint
lint: ## gofmt, go vet, golangci-lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'gofmt would change the files above'; exit 1; }
	go vet ./...
	go tool -modfile=tools/go.mod golangci-lint run

.PHONY: vuln
vuln: ## known vulnerabilities in what is linked (needs the public vulnerability database)
	go tool -modfile=tools/go.mod govulncheck ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME each (default 10s)
	@bash .ci/fuzz $(FUZZTIME)

# The binary goes beside the library, where it looks for it.
.PHONY: bench
bench: build ## rapport beside ClickHouse's Kafka engine in one run, at most 5 minutes; renews bench/latest.json and its page
	go build -trimpath -o bin/bench ./bench
	bin/bench -events 500000 -rounds 3 -within 280s -only facts,mixed,contacts,fetch -out bench/latest.json -page docs/benchmarks.md -capacity docs/capacity.md

.PHONY: bench-full
bench-full: build ## the same with more events, more rounds and everything else that is measured: half an hour
	go build -trimpath -o bin/bench ./bench
	bin/bench -events 5000000 -rounds 5 -patience 30m -out bench/latest.json -page docs/benchmarks.md -capacity docs/capacity.md

.PHONY: gobench
gobench: ## Go benchmarks of the hot paths, with allocations; BENCH=Parse for some
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./schemas/... ./processors/... ./pipeline/... ./sinks/... ./rollups/...

.PHONY: golden
golden: ## rewrite the golden files from the code; read the diff before you commit it
	go test $$(git grep -lF 'flag.Bool("update"' -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's,^,./,') -update

.PHONY: clean
clean: ## remove what was built and the local data
	rm -rf bin .build data
