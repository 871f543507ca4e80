# One word a job. `make demo` and `make test` do all of the set-up themselves.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
# Two threads of linear algebra on two busy cores only get in each other's way.
export OMP_NUM_THREADS ?= 1
# Without its bytecode, each Python process compiles all that it imports: 6 s of CPU instead of 2.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

setup: .venv/.ready ## the environment in .venv, with everything that work on dechaff needs

.venv/.ready: pyproject.toml uv.lock tools/setup.sh
	@bash tools/setup.sh
	@touch $@

demo: .venv/.ready ## the main job on a small real data set; ends with the report's path
	$(BIN)/dechaff demo

test: ## style, types, layers, and the fast tests: less than five minutes on two cores
	@$(MAKE) --no-print-directory -j tests lint types layers

test-all: ## everything that CI runs: also slow tests, a browser, clusters, the site, the wheel
	@$(MAKE) --no-print-directory -j tests-all lint types layers site wheel

lint: .venv/.ready ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.ready ## mypy, strict
	$(BIN)/mypy

layers: .venv/.ready ## arrows between packages go down
	$(BIN)/lint-imports

kernel: .venv/.ready ## the native kernel, compiled beside its source if there is a compiler
	$(BIN)/python src/dechaff/core/kernels/build.py

PYTEST := $(BIN)/python -m pytest

tests: kernel ## the fast tests, the examples in docstrings, and the pages in docs
	$(PYTEST) -n auto -m "not slow and not cluster and not browser"

tests-slow: kernel ## the slow tests and those in a browser
	$(PYTEST) -n auto -m "(slow or browser) and not cluster"

tests-cluster: kernel ## the tests on Dask and Ray
	$(PYTEST) -n 2 -m cluster

tests-all: kernel ## all tests; one worker more than there are cores, since some wait for clusters and a browser
	$(PYTEST) -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))

wheel: kernel ## the wheel, built and tried in a clean environment
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python tools/try_wheel.py

format: .venv/.ready ## put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: pages site ## the pages that are made, then the documentation site

pages: .venv/.ready ## CHANGELOG.md from changes/, docs/commands.md and docs/codes.md, the drawn picture
	$(BIN)/python tools/changelog.py
	$(BIN)/python tools/reference_pages.py
	$(BIN)/python tools/pu_picture.py

site: .venv/.ready ## the documentation in site/, with search and an API reference; fails on a dead link
	$(BIN)/python tools/site_pages.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --config-file build/docs/mkdocs.yml

pictures: .venv/.ready ## the pictures of the README: the demo's terminal output and its report (needs chromium)
	$(BIN)/python tools/pictures.py

bench: .venv/.ready ## every figure in docs/benchmarks.md (hours)
	for script in benchmarks/[a-z]*.py; do $(BIN)/python $$script; done

clean: ## remove the environment and what was built
	rm -rf .venv dist build site

.PHONY: help setup demo test test-all lint types layers wheel kernel tests tests-slow tests-cluster tests-all format docs pages site pictures bench clean
