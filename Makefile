# Everything a developer does here; `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# One configuration for the tests and the binary: release, with testing enabled.
BUILD := swift build -c release -Xswiftc -enable-testing
TEST := swift test -c release -Xswiftc -enable-testing --skip-build
SOURCES := Package.swift Sources Tests

.PHONY: help install build test test-all lint format clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: ## install what the build needs (prints each command first)
	@bash scripts/install-dependencies.sh

build: install ## build the release binary to bin/sluice
	$(BUILD) --product sluice
	@mkdir -p bin && cp "$$($(BUILD) --show-bin-path)/sluice" bin/sluice.new && mv bin/sluice.new bin/sluice

test: install ## build and run the tests
	$(BUILD) --build-tests
	$(TEST)

test-all: test ## all that CI runs

lint: ## check the format
	swift format lint --strict --parallel --configuration .swift-format --recursive $(SOURCES)

format: ## rewrite the sources in the project's format
	swift format --in-place --parallel --configuration .swift-format --recursive $(SOURCES)

clean: ## remove what was built
	rm -rf .build bin
