# Short forms of the commands. `make corpus` and `make test` are all a newcomer needs.
export PYTHONSAFEPATH = 1
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RECIPE ?= samples/recipe.yaml
OUT ?= out
INPUT ?=
OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help corpus test test-slow bench lint report verify lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

# Two stamps: what a corpus needs, and what the tests need on top. Each is redone when its lock changes.
$(VENV)/runtime.stamp: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) with $(PYTHON) (once; about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info < (3,14) else "Tesuki needs Python 3.11 to 3.13; name one with: make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/runtime.stamp
	@echo "Adding what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@
