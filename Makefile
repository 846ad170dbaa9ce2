# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
#
# What one can do here. `make help` takes the verbs from the comments behind them; CI runs
# `make check` and nothing that a user could not run.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PORT ?= 5300
SOURCES := Sources Tests Fuzz Package.swift
# A target imports only what Package.swift names among its dependencies.
STRICT := --explicit-target-dependency-import-check error
TEST := swift test $(STRICT) --disable-xctest
# The tests of what runs concurrently and of what calls C, for the sanitizers.
SERVER_TESTS := --filter \
    "^(Platform|FabDNS|FabDNSQuery|ServiceCatalog|Conformance|Kubernetes)Tests\."

.PHONY: help
help: ## list the verbs
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 14

.PHONY: run
run: ## start a server with an example catalog on 127.0.0.1:5300 (PORT=N for another port)
	@scripts/install run
	swift build --product fabdns
	@scripts/run .build/debug/fabdns $(PORT)

.PHONY: build
build: ## build everything, tests included; warnings are errors
	swift build $(STRICT) --build-tests

.PHONY: test
test: ## run all tests (in two minutes, six with real API servers)
	@scripts/install test
	$(TEST)

.PHONY: check
check: lint tidy build test steady-state ## what CI runs: format, house rules, tests, gate

.PHONY: steady-state
steady-state: ## count what a query allocates, retains and locks: nothing
	@scripts/install test
	swift build -c release --package-path Benchmarks --product steady-state
	cd Benchmarks && .build/release/steady-state

.PHONY: bench
bench: ## measure against NSD, Knot and gdnsd, and write docs/benchmarks (20 minutes)
	@scripts/install bench
	scripts/bench all

.PHONY: lint
lint: ## check the format
	swift format lint --strict --recursive --parallel $(SOURCES)

.PHONY: format
format: ## rewrite the format
	swift format --in-place --recursive --parallel $(SOURCES)

.PHONY: tidy
tidy: ## check the house rules (Tests/Tidy)
	@scripts/install test
	$(TEST) --filter '^Tidy\.'

.PHONY: asan
asan: ## run the server's tests under AddressSanitizer
	@scripts/install test
	ASAN_OPTIONS=suppressions=$(CURDIR)/Tests/overflows.supp \
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.supp:print_suppressions=0 FABDNS_PATIENCE=10 \
	    $(TEST) --scratch-path .build/asan --sanitize address $(SERVER_TESTS)

.PHONY: tsan
tsan: ## run the server's tests under ThreadSanitizer
	@scripts/install test
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/races.supp FABDNS_PATIENCE=10 \
	    $(TEST) --scratch-path .build/tsan --sanitize thread $(SERVER_TESTS)

.PHONY: fuzz
fuzz: ## fuzz the parsers (TARGET=message for one of them, SECONDS=60 for each)
	@scripts/install fuzz
	scripts/fuzz $(or $(TARGET),all) $(or $(SECONDS),60)

.PHONY: thorough
thorough: ## far more messages beside ldns and llhttp, in a release build (5 minutes)
	@scripts/install test
	FABDNS_THOROUGH=1 $(TEST) -c release -Xswiftc -enable-testing --scratch-path .build/thorough \
	    --filter '^(DNSWireTests\.Oracle|PlatformTests\.LLHTTP)Tests'

.PHONY: clusters
clusters: ## three real control planes, chaos under load, scale, a day of churn (35 minutes)
	@scripts/install test
	FABDNS_THOROUGH=1 $(TEST) --no-parallel -c release -Xswiftc -enable-testing \
	    --scratch-path .build/thorough \
	    --filter '^KubernetesTests\.(ThreeClusters|Chaos|ChaosProxy|Pod|Scale|Churn|State)Tests'

.PHONY: soak
soak: thorough clusters ## both, packet storms, slow clients, fuzzers of ten minutes (SECONDS=600)
	@scripts/install soak
	scripts/storm
	scripts/fuzz all $(or $(SECONDS),600)

.PHONY: coverage
coverage: ## say how much of each file the tests run
	@scripts/install test
	$(TEST) --scratch-path .build/coverage --enable-code-coverage
	llvm-cov report -ignore-filename-regex '/(Tests|\.build)/' \
	    -instr-profile .build/coverage/debug/codecov/default.profdata \
	    .build/coverage/debug/fabdnsPackageTests.xctest

.PHONY: docs
docs: ## build the documentation of each library that has a DocC catalog, into .build/docs
	scripts/docs

.PHONY: clean
clean: ## remove what was built
	rm -rf .build
