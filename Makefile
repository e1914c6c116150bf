# What there is to do here; `make` lists it. Everything runs in .venv, which is made when it is first needed.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
SCRIPTS := $(wildcard .ci/run *.sh examples/*.sh)
WORKFLOWS := $(wildcard .github/workflows/*.yml)
LOCK := $(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header

# Makes .venv with the first of PYTHON that will do, anew where the lock has changed, and installs the lock. Modules are
# compiled when they are first used: that takes a third off the time until the first verdict.
define install
@for candidate in $(PYTHON); do \
	"$$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	candidate=; \
done; \
[ -n "$$candidate" ] || { echo "Python 3.11 or later, with venv, is needed; name it: make PYTHON=…" >&2; exit 1; }; \
echo "Installing $< into .venv" && \
"$$candidate" -m venv $(if $(wildcard $@),--clear) .venv && \
$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --require-hashes --requirement $<
endef

.PHONY: help setup setup-dev smoke full lint test prove coverage format lock clean mutation pictures bench scale docs

help: ## List what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/runtime ## Install what a run needs, as locked, into .venv

setup-dev: .venv/dev ## Install what developing needs, too

smoke: setup ## Check what must hold for a deployment to stay: at API_URL, or on the reference backend
	@$(BIN)/python run_tests.py --smoke

full: setup ## Check all that is promised
	@$(BIN)/python run_tests.py --full

lint: setup-dev ## Check style and types; change nothing
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy --no-error-summary
	$(BIN)/robocop check suites resources
	$(BIN)/robocop format --check --diff suites resources
	$(if $(SCRIPTS),$(BIN)/shellcheck $(SCRIPTS))
	$(if $(WORKFLOWS),$(BIN)/actionlint -shellcheck $(BIN)/shellcheck $(WORKFLOWS))
	$(if $(WORKFLOWS),$(BIN)/zizmor --offline --quiet --quiet --no-progress $(WORKFLOWS))

test: lint ## Check style, types and behaviour
	$(BIN)/python -m pytest --quiet --numprocesses auto

prove: setup-dev ## Try the suites on every fault and variation of the catalogue; write results/proof.html
	$(BIN)/python -m pytest --quiet --numprocesses auto --proof results tests/faults/test_faults.py

coverage: setup-dev ## Write docs/coverage.md: which of a backend's answers a full run meets
	$(BIN)/python -m pytest --quiet --coverage docs/coverage.md tests/docs/test_coverage.py

mutation: setup-dev ## Change the reference backend in hundreds of ways, see which the suites notice; half an hour
	$(BIN)/python -m tools.mutation

pictures: setup-dev ## Draw the pages of the reports anew, into docs/images; needs Chromium, and what `make prove` wrote
	$(BIN)/python -m pytest --quiet --pictures docs/images tests/reporting/test_pages.py

bench: setup-dev ## Measure a smoke run against its alternatives; DELAY=0 takes one delay alone (ms)
	$(BIN)/python -m tools.benchmarks $(if $(DELAY),--delay $(DELAY)) --output results/benchmark.md

scale: setup-dev ## Measure how a run grows with its suites
	$(BIN)/python -m tools.benchmarks.scale

docs: setup-dev ## Write pages on all keywords into docs/keywords
	@mkdir -p docs/keywords/libraries docs/keywords/resources
	@for library in libraries/[A-Z]*.py; do \
		$(BIN)/libdoc --quiet $$library docs/keywords/libraries/$$(basename $$library .py).html || exit; \
	done
	@for resource in resources/*.resource; do \
		$(BIN)/libdoc --quiet $$resource docs/keywords/resources/$$(basename $$resource .resource).html || exit; \
	done

format: setup-dev ## Put the sources into shape
	$(BIN)/ruff check --quiet --fix-only
	$(BIN)/ruff format --quiet
	$(BIN)/robocop format suites resources

lock: setup-dev ## Lock the newest releases that pyproject.toml allows
	$(LOCK) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(LOCK) --constraints requirements-dev.lock --output-file requirements.lock pyproject.toml

clean: ## Remove .venv, caches and what runs left behind
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .robocop_cache .hypothesis .pabotsuitenames
	rm -f log.html report.html output.xml
	rm -rf docs/keywords
	find results -mindepth 1 ! -name .gitkeep -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/runtime: requirements.lock
	$(install)
	@touch $@

# The development lock holds the pins of the other one as well.
.venv/dev: requirements-dev.lock
	$(install)
	@touch .venv/runtime $@
