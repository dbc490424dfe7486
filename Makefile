# Everything a developer does here; `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# One configuration for the tests and the binary: release, with testing enabled.
BUILD := swift build -c release -Xswiftc -enable-testing
TEST := swift test -c release -Xswiftc -enable-testing --skip-build
SOURCES := Package.swift Sources Tests Fuzz/Sources Benchmarks/BenchLoop Benchmarks/TensorBench Benchmarks/TableBench

# `make bench SUITE=...`; BENCH holds further words for the suite.
SUITE ?= runner
PEERS ?= $(HOME)/.cache/sluice-peers
# What the full test holds our formats and pages against.
PEERS_TEST ?= $(HOME)/.cache/sluice-peers-test
# `make fuzz TARGET=... SECONDS=...`
TARGET ?= yaml
SECONDS ?= 60

# `make sanitize`: without what takes minutes under a sanitizer.
SLOW := Digits|twoHundred|KernelBits|AccuracyTests|smallSizes|ConvolutionTests

.PHONY: help install build demo locked test test-all sanitize nightly bench fuzz fuzz-all lint format clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: ## install what the build needs (prints each command first)
	@bash scripts/install-dependencies.sh

build: install ## build the release binary to bin/sluice
	$(BUILD) --product sluice
	@mkdir -p bin && cp "$$($(BUILD) --show-bin-path)/sluice" bin/sluice.new && mv bin/sluice.new bin/sluice
	@bash scripts/build-identity.sh bin/sluice.build

demo: build ## build, then run pipelines/credit.yaml: data, model, report
	@bash scripts/install-dependencies.sh demo
	bin/sluice run pipelines/credit.yaml

locked: build ## run every pipeline that needs no server; each must give what its lock says
	@bash scripts/install-dependencies.sh demo
	@for pipeline in $$(grep -L '^requires:' pipelines/*.yaml); do \
	  echo "bin/sluice run --locked $$pipeline"; \
	  bin/sluice run --locked "$$pipeline" || exit; \
	done

test: install ## build and run the tests
	$(BUILD) --build-tests
	$(TEST)

test-all: ## all that CI runs; a skip that is not allowed is a failure
	@SLUICE_PEERS_TEST=$(PEERS_TEST) bash scripts/install-dependencies.sh test-all
	$(BUILD) --build-tests
	@set -o pipefail; SLUICE_PEERS_PYTHON=$(PEERS_TEST)/bin/python $(TEST) 2>&1 | tee .build/test-all.txt
	@bash scripts/check-skips.sh .build/test-all.txt

sanitize: install ## run the numeric tests under ThreadSanitizer and AddressSanitizer
	@for kind in thread address; do \
	  echo "the numeric tests under the $$kind sanitizer"; \
	  flags="-c release -Xswiftc -enable-testing --sanitize=$$kind --scratch-path .build/$$kind"; \
	  SLUICE_SANITIZE=1 swift build $$flags --build-tests || exit; \
	  ASAN_OPTIONS=detect_leaks=0 SLUICE_SANITIZE=1 swift test $$flags --skip-build --skip '$(SLOW)' || exit; \
	done

nightly: ## the long versions: tests, sanitizers, fuzzing (10 minutes a target), benchmarks
	@bash scripts/install-dependencies.sh test-all
	SLUICE_NIGHTLY=1 $(MAKE) test
	$(MAKE) sanitize
	@for target in $(notdir $(wildcard Fuzz/Corpus/*)); do bash Fuzz/run.sh $$target 600 || exit; done
	$(MAKE) bench

bench: build ## measure SUITE=runner|tensor|tables|prepare beside other tools (Benchmarks/README.md)
	@SLUICE_PEERS=$(PEERS) bash Benchmarks/peers.sh $(SUITE)
	@case $(SUITE) in tensor) $(BUILD) --product tensor-bench ;; tables | prepare) $(BUILD) --product table-bench ;; esac
	@cd Benchmarks && $(PEERS)/bin/python -m unittest -q test_judging
	@$(PEERS)/bin/python Benchmarks/$(SUITE).py $(BENCH)

fuzz: install ## fuzz one TARGET for SECONDS (Fuzz/README.md)
	@bash Fuzz/run.sh $(TARGET) $(SECONDS)

fuzz-all: install ## replay all corpora, then fuzz for 30 s in all
	@bash Fuzz/run.sh all 30

lint: ## check the format, and that goldens only grew
	swift format lint --strict --parallel --configuration .swift-format --recursive $(SOURCES)
	@bash scripts/check-goldens.sh

format: ## rewrite the sources in the project's format
	swift format --in-place --parallel --configuration .swift-format --recursive $(SOURCES)

clean: ## remove what was built
	rm -rf .build bin
