# The commands of this project; `make` lists them. Everything runs in .venv, which is made when it is first needed.

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --quiet --numprocesses auto --dist loadgroup --no-loadscope-reorder
SCRIPTS := $(wildcard .ci/run *.sh examples/*.sh)
WORKFLOWS := $(wildcard .github/workflows/*.yml) examples/acceptance.yml examples/monitoring/monitor.yml
LOCK := $(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header

# Makes .venv with the first suitable PYTHON, again when the lock has changed, installs the lock, and compiles all modules
# but those of installers: where PYTHONDONTWRITEBYTECODE is set, or a user cannot write here, each run would compile them.
define install
@for candidate in $(PYTHON); do \
	"$$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	candidate=; \
done; \
[ -n "$$candidate" ] || { echo "Python 3.11 or later, with venv, is needed; name it: make PYTHON=…" >&2; exit 1; }; \
echo "Installing $< into .venv" && \
"$$candidate" -m venv $(if $(wildcard $@),--clear) .venv && \
$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --require-hashes --requirement $< && \
$(BIN)/python -m compileall -q -j 0 -x '/(pip|setuptools|pkg_resources)/' .venv/lib acceptance libraries reference_backend
endef

.PHONY: help setup setup-dev smoke full lint check test prove coverage format audit lock clean mutation pictures bench scale docs

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/runtime ## Install the locked dependencies of a run into .venv

setup-dev: .venv/dev ## Install the locked dependencies of development, too

smoke: setup ## Run the smoke tests against API_URL, or against the reference backend
	@$(BIN)/python run_tests.py --smoke

full: setup ## Run all tests of the suites
	@$(BIN)/python run_tests.py --full

lint: setup-dev ## Check style, types and layers; change nothing
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	$(BIN)/robocop check suites resources
	$(BIN)/robocop format --check --diff suites resources
	$(if $(SCRIPTS),$(BIN)/shellcheck $(SCRIPTS))
	$(if $(WORKFLOWS),$(BIN)/actionlint -shellcheck $(BIN)/shellcheck $(WORKFLOWS))
	$(if $(WORKFLOWS),$(BIN)/zizmor --offline --quiet --quiet --no-progress .github/dependabot.yml $(WORKFLOWS))
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci examples/.gitlab-ci.yml

check: lint ## Lint and run the unit tests, within a minute
	$(PYTEST) tests/unit

test: lint ## Lint and run all tests of this project
	$(PYTEST)

prove: setup-dev ## Try every fault of the catalogue, and kill many runs; write results/proof.html
	ACCEPTANCE_SOAK=1 $(PYTEST) --proof results tests/faults/test_faults.py tests/safety/test_restore_and_secrets.py

coverage: setup-dev ## Write docs/coverage.md: which responses of the API a full run covers
	$(BIN)/python -m pytest --quiet --coverage docs/coverage.md tests/docs/test_coverage.py

mutation: setup-dev ## Mutate the reference backend and write docs/mutation.md; takes half an hour
	$(BIN)/python -m tools.mutation

pictures: setup-dev ## Take the screenshots in docs/images; needs Chromium, and the results of `make prove`
	$(BIN)/python -m pytest --quiet --pictures docs/images tests/reporting/test_pages.py

bench: setup-dev ## Compare a smoke run with its alternatives; DELAY=0 measures one delay (ms)
	$(BIN)/python -m tools.benchmarks $(if $(DELAY),--delay $(DELAY)) --output results/benchmark.md

scale: setup-dev ## Measure how a run grows with the number of suites
	$(BIN)/python -m tools.benchmarks.scale

docs: setup-dev ## Write the documentation of all keywords into docs/keywords
	@mkdir -p docs/keywords/libraries docs/keywords/resources
	@for library in libraries/[A-Z]*.py; do \
		$(BIN)/libdoc --quiet $$library docs/keywords/libraries/$$(basename $$library .py).html || exit; \
	done
	@for resource in resources/*.resource; do \
		$(BIN)/libdoc --quiet $$resource docs/keywords/resources/$$(basename $$resource .resource).html || exit; \
	done

format: setup-dev ## Format the sources
	$(BIN)/ruff check --quiet --fix-only
	$(BIN)/ruff format --quiet
	$(BIN)/robocop format suites resources

# A release that cannot be looked up fails the audit, too: --strict.
audit: setup-dev ## Look up known vulnerabilities of what the lock files pin
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		--requirement requirements.lock --requirement requirements-dev.lock

lock: setup-dev ## Lock the newest releases that pyproject.toml allows
	$(LOCK) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(LOCK) --constraints requirements-dev.lock --output-file requirements.lock pyproject.toml

clean: ## Remove .venv, caches and results
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .robocop_cache .import_linter_cache .hypothesis .pabotsuitenames
	rm -f log.html report.html output.xml
	rm -rf docs/keywords
	find results -mindepth 1 ! -name .gitkeep -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/runtime: requirements.lock
	$(install)
	@touch $@

# The development lock includes the pins of the other one.
.venv/dev: requirements-dev.lock
	$(install)
	@touch .venv/runtime $@
