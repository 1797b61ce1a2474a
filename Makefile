# One command each. `make demo` and `make test` set up what they need.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin

export NO_MKDOCS_2_WARNING = 1

.PHONY: help demo setup test check gate docs lock bench clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' Makefile | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: setup  ## audit examples/lantern: the terminal report, and lantern-report.html
	@$(BIN)/python examples/lantern/build.py
	@$(BIN)/countermark audit examples/lantern -f text -f html=lantern-report.html || test $$? -eq 1
	@echo "The same report as a page: $(CURDIR)/lantern-report.html"

setup: .venv/ready  ## .venv with the locked dependencies

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "countermark needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test: setup  ## the tests
	$(BIN)/python tools/system_packages.py
	$(BIN)/pytest -n 2

gate: setup  ## the static gate: format, lint, types, import contracts, dependencies, dead code, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/vulture
	$(BIN)/python tools/reference.py --check
	$(BIN)/mkdocs build --strict --quiet

check: gate  ## the static gate, then the tests with coverage
	$(BIN)/pytest -n 2 --cov --cov-report=term --cov-fail-under=90

bench: setup  ## figures for docs/benchmarks.md, side by side with their limits
	$(BIN)/python bench/house.py
	$(BIN)/python bench/labels.py
	$(BIN)/python bench/explicit_images.py
	$(BIN)/python bench/explicit_audio.py
	$(BIN)/python bench/inventory/score.py
	$(BIN)/python bench/inventory_logs.py

docs: setup  ## the documentation site, in site/
	$(BIN)/python tools/reference.py
	$(BIN)/mkdocs build --strict

lock:  ## requirements.lock anew, from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-strip-extras --quiet --upgrade --all-extras --group dev pyproject.toml -o requirements.lock

clean:  ## what make has made
	rm -rf .venv site dist htmlcov .coverage lantern-report.html
