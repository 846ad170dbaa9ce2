# What one can do here. `make help` lists the verbs from the comments behind them; CI calls
# these verbs and nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SOURCES := Sources Tests Package.swift
# What each target imports must be among the dependencies that Package.swift names for it.
STRICT := --explicit-target-dependency-import-check error

.PHONY: help
help: ## list the verbs
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 16

.PHONY: build
build: ## build everything, tests included, in debug mode
	swift build $(STRICT) --build-tests

.PHONY: lint
lint: ## check the format
	swift format lint --strict --recursive --parallel $(SOURCES)

.PHONY: format
format: ## rewrite the format
	swift format --in-place --recursive --parallel $(SOURCES)

.PHONY: clean
clean: ## remove what was built
	rm -rf .build
