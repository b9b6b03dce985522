# `make` alone prints this list. PORT, HOST, AUTHSERVER_HOME and DATABASE_URL are
# honoured by `run`; several servers run side by side when these differ.

# A distribution builds its Python with profile-guided optimization; one that was built
# from source without asking for it takes a fifth more time for all that we do.
SYSTEM_PYTHON := /usr/bin/python3.11
PYTHON ?= $(shell $(SYSTEM_PYTHON) -c "import ensurepip" 2>/dev/null && echo $(SYSTEM_PYTHON) \
	|| command -v python3.11 || command -v python3)
BIN := .venv/bin
ARGS ?=
# Much of a test is waiting, so there are two processes for each core; the tests of a
# file stay together, with their server (see tests/support/sharing.py).
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n 4 --dist loadscope --no-loadscope-reorder
COMPILE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" --quiet $(ARGS)

# Whatever the machine's habit is: hundreds of processes need not compile it all anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check fast lint types arch format generate bench interop \
	screens lock clean machine venv-run venv-dev node

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv-run ## Install what is needed and run the server on its embedded database
	@exec $(BIN)/authserver dev

test: machine venv-dev node check ## Everything: install the peers, check, and run all tests

check: venv-dev ## The same without installing peers
	@# Meanwhile the tests are compiled, which each process would else do for itself.
	@$(PYTEST) --collect-only -qq $(ARGS) >/dev/null & \
	$(MAKE) lint types arch; status=$$?; wait; exit $$status
	@$(PYTEST) $(PARALLEL) $(ARGS)

fast: venv-dev ## Rules and primitives alone, on SQLite, in seconds
	@$(PYTEST) -q -m "not live" -k "not postgresql" tests/house tests/crypto tests/core $(ARGS)

lint: venv-dev ## Style, and whether the formatter would change anything
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: venv-dev ## mypy, strict on the lower floors
	@$(BIN)/mypy

arch: venv-dev ## Import contracts: imports only go down
	@$(BIN)/lint-imports --no-logo

format: venv-dev ## Let the formatter write
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

generate: venv-dev ## Write the files that are made from the code
	@$(BIN)/python -m authserver.config env > .env.example
	@$(BIN)/python -m authserver.config md > docs/settings.md
	@$(BIN)/python -m tests.support.spec_table > docs/conformance.md
	@$(BIN)/python -m authserver.api permissions > docs/permissions.md
	@$(BIN)/python -m authserver.api errors > docs/errors.md
	@$(BIN)/python -m authserver.api api > docs/api.md
	@$(BIN)/python -m authserver.api profiles > docs/profiles.md
	@$(BIN)/authserver db sql --from-scratch --dialect postgresql > migrations_disabled/schema.sql

bench: venv-dev ## Measure the hot requests beside their budgets
	@$(BIN)/python -m bench $(ARGS)

interop: machine venv-dev node ## Only the relying parties written by others
	@$(PYTEST) tests/interop $(ARGS)

screens: venv-dev ## Photograph the pages, letters and console into docs/screens/
	@$(BIN)/python -m tests.support.preview_album $(ARGS)

lock: venv-dev ## Resolve the locks anew, with hashes
	@$(BIN)/uv pip compile setup.cfg --extra install $(COMPILE) -o requirements.lock
	@$(BIN)/uv pip compile setup.cfg --all-extras --constraint requirements.lock $(COMPILE) -o requirements-dev.lock

clean: ## Remove what was built and installed; the data in var/ stays
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage* screens
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
	find tests -name node_modules -type d -prune -exec rm -rf {} +

machine:
	@.ci/machine

venv-run:
	@$(PYTHON) .ci/venv run

venv-dev:
	@$(PYTHON) .ci/venv dev

# Relying parties from npm, exactly as their lock says.
node:
	@for file in $(wildcard tests/interop/package-lock.json tests/interop/*/package-lock.json); do \
		folder=$$(dirname $$file); \
		[ $$folder/node_modules/.package-lock.json -nt $$file ] || \
		(cd $$folder && npm ci --silent --no-audit --no-fund --ignore-scripts </dev/null) || exit 1; \
	done
