PYTHON ?= python3
export PYTHON
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

help: ## Show what can be made (this list)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: .venv/.ready-run ## Start everything with the demonstration district; a file .env decides instead, if there is one
	@[ -f .env ] || export LIANXIN_DEMONSTRATION="$${LIANXIN_DEMONSTRATION-1}"; exec $(BIN)/lianxin serve

install: .venv/.ready-run ## Install what running needs, and nothing more

test: .venv/.ready-test ## Run every test (installs browsers and the Chinese fonts where it may)
	@$(BIN)/pytest -n 2

check: .venv/.ready-test ## Formatting, lint, types, then every test
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/mypy --no-error-summary && $(BIN)/pytest -n 2

fix: .venv/.ready-test ## Format the code and repair what can be repaired
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lock: .venv/.ready-test ## Choose the newest allowed packages anew and write the locks
	@$(COMPILE) --upgrade --extra dev pyproject.toml -o .ci/requirements-dev.lock
	@$(COMPILE) --upgrade -c .ci/requirements-dev.lock pyproject.toml -o .ci/requirements.lock
	@$(COMPILE) --upgrade -c .ci/requirements-dev.lock --extra postgresql pyproject.toml -o .ci/requirements-postgresql.lock

demo: .venv/.ready-run ## Play one whole reception with two synthetic peers and show what came of it
	@[ -f .env ] || export LIANXIN_DEMONSTRATION="$${LIANXIN_DEMONSTRATION-1}"; exec $(BIN)/lianxin demo

bench: .venv/.ready-test ## Measure; one JSON object a line
	@$(BIN)/python -m tests.benchmarks

bench-media: .venv/.ready-test ## Measure the media: beside Janus (where it is installed), aiortc, the floor, a direct call
	@$(BIN)/python -m tests.benchmarks.media

screens: .venv/.ready-test ## Take the pictures in docs/screens/ anew
	@$(BIN)/python -m tests.screens

tls: .venv/.ready-run ## Make or renew the certificate for kiosks in the local network
	@[ -f .env ] || export LIANXIN_DEMONSTRATION="$${LIANXIN_DEMONSTRATION-1}"; exec $(BIN)/lianxin tls

.venv/.ready-run: .ci/requirements.lock .ci/requirements-postgresql.lock $(wildcard .env)
	@.ci/prepare run

.venv/.ready-test: .ci/requirements-dev.lock
	@.ci/prepare test

.PHONY: help run install test check fix lock demo bench bench-media screens tls
