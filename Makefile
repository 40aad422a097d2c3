# Short forms of the commands. `make corpus` and `make test` are all a newcomer needs.
export PYTHONSAFEPATH = 1
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
INPUT ?=
RECIPE ?= $(if $(INPUT),samples/own-archives.yaml,samples/recipe.yaml)
OUT ?= out
OPTIONS ?=
MINUTES ?= 2
TARGETS ?=
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || echo chromium)
VIEW := 1200,930
OF_DEBIAN := maint-guide-ja developers-reference-ja debian-reference-ja texlive-lang-japanese

.DEFAULT_GOAL := help
.PHONY: help corpus check quick test test-slow search bench pdf-check fuzz experiment-check cluster-check kill-check report verify pictures lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1|/' | column -t -s '|'

corpus: $(VENV)/runtime.stamp ## build the sample corpus; INPUT='crawl/*.warc.gz' OUT=folder for your own archives
	@$(if $(INPUT),:,$(BIN)/python samples/make_warc.py samples/archives)
	@$(BIN)/tesuki corpus $(RECIPE) --output $(OUT) $(if $(INPUT),--input '$(INPUT)') $(OPTIONS)

check: $(VENV)/dev.stamp ## style, types and the plan of the house, in seconds
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest --quiet tests/test_house.py

quick: $(VENV)/dev.stamp ## the tests that build no corpus and need no real pages: for the loop while working
	@$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile -m 'not slow and not journey and not shared'

test: $(VENV)/dev.stamp ## run the tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test-slow: $(VENV)/dev.stamp ## run the heavy checks too
	@$(BIN)/python -m pytest -m slow

search: $(VENV)/dev.stamp ## try every law of the rooms on five hundred new examples
	@$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile --hypothesis-profile=search -m 'not slow and not journey and not shared'

experiment-check: $(VENV)/dev.stamp ## from switches to an answer: four corpora, four small language models, accept
	@$(PIP) install "nltk>=3.9,<4"
	@$(BIN)/python -m pytest -m slow tests/pipelines/experiments/test_end_to_end.py

cluster-check: $(VENV)/dev.stamp ## one corpus on every engine (fetched: Maven, Go); ENGINES="flink spark prism" to choose
	@$(BIN)/python tests/cluster_check.py $(ENGINES)

kill-check: $(VENV)/dev.stamp ## 220 blows to runs, everywhere and of every kind; the same bytes each time
	@$(BIN)/python -m pytest -m slow -s tests/pipelines/engine/test_kills.py

bench: $(VENV)/dev.stamp ## measure: each figure beside a named baseline of the same run
	@for script in $(sort $(wildcard benchmarks/*.py)); do echo "== $$script"; PYTHONPATH=benchmarks $(BIN)/python $$script || exit 1; done

pdf-check: $(VENV)/dev.stamp ## measure PDF on Debian's documents and vertical setting (apt-get; installs upLaTeX)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get install --yes --quiet $(OF_DEBIAN); \
		else echo "not root, or no apt-get: what is missing is left out; sudo apt-get install $(OF_DEBIAN)"; fi
	@$(PIP) install pypdf pdfminer.six
	@PYTHONPATH=benchmarks $(BIN)/python benchmarks/pdf.py

fuzz: $(VENV)/dev.stamp ## attack the readers with made-up bytes; MINUTES=2 for each of TARGETS (all)
	@$(PIP) install --editable '.[fuzz]'
	@$(BIN)/python fuzz/run.py --minutes $(MINUTES) $(TARGETS)

report: $(VENV)/runtime.stamp ## write OUT/report.html again
	@$(BIN)/tesuki report $(OUT)

verify: $(VENV)/runtime.stamp ## check every claim of the corpus in OUT
	@$(BIN)/tesuki verify $(OUT)

pictures: corpus ## draw the house and the journey, and photograph the sample's report (needs a Chromium)
	@$(BIN)/python docs/images/draw.py
	@profile=$$(mktemp -d) && $(CHROMIUM) --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=$(VIEW) \
		--user-data-dir=$$profile --screenshot=docs/images/report.png 'file://$(abspath $(OUT))/report.html' 2>/dev/null; \
		rm -rf $$profile

lock: $(VENV)/dev.stamp ## choose versions anew within the ranges of pyproject.toml (uses pip-tools)
	@$(PIP) install pip-tools
	@$(BIN)/pip-compile $(LOCK) --output-file requirements.lock pyproject.toml
	@$(BIN)/pip-compile $(LOCK) --extra dictionary --extra experiments --extra fasttext --extra huggingface --extra wikipedia --extra test --extra lint --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

LOCK := --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean: ## remove what the commands above made
	rm -rf $(VENV) out samples/archives build dist *.egg-info

# Two stamps: what a corpus needs, and what the tests need on top. Each is made again when its lock changes.
$(VENV)/runtime.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Tesuki needs Python 3.11 to 3.13, found %d.%d; name one with: make PYTHON=python3.11" % sys.version_info[:2])'
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/runtime.stamp
	@echo "Adding what the tests need (once) ..."
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
