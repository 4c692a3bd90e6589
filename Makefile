# Two commands do everything on a machine that has Python (3.11 or newer) and make: `make run` and `make test`.
# uv is used where it is installed (it is quicker); otherwise venv and pip. PYTHON=python3.13 chooses the Python.

.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
PINS   := constraints.txt
BIN     = $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
SAMPLE := samples/spoken.en.ogg --asr models/tiny-espeak
# One process of tests a core; where there are many cores, memory is what ends
AT_ONCE := --numprocesses auto --maxprocesses 4 --dist loadfile
# uv_build, the pinned build backend, looks for its own program on the PATH
WITH_BACKEND = PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: help install run test search format lint types check build bench pins clean

help:     ## Show what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/ready  ## Create .venv with everything that running and developing need

# Every package comes from constraints.txt, pinned and checked by its hash; the project itself is installed on top.
$(VENV)/ready: $(PINS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.13 ...")'
	@echo "Setting up $(VENV) with the packages pinned in $(PINS) (once)"
ifdef UV
	@$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(PINS)
	@$(WITH_BACKEND) $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
else
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(PINS)
	@$(WITH_BACKEND) $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@touch $@

run: install  ## Listen to the sample lecture and outline it
	$(BIN)/lecture-outline run $(SAMPLE)

test: install  ## Run the tests: no network, no GPU, no Ollama
	$(BIN)/python -m pytest $(AT_ONCE)

search: install  ## Look for counterexamples: the property tests with many random inputs
	$(BIN)/python -m pytest $(AT_ONCE) -m hypothesis --hypothesis-profile=searching $(SEARCH)

format: install  ## Put the code into its standard form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install  ## Check style and the one-way flow of data
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: install  ## Check types
	$(BIN)/mypy

check: lint types test  ## Everything that CI runs

build: install  ## Build the wheel and the source archive into dist/
	rm -rf dist
	$(WITH_BACKEND) $(BIN)/python -m build --no-isolation --outdir dist

bench:    ## Measure, write docs/benchmarks.md; DATA=folder with reference topics, SEEDS=folder of transcripts add theirs
	@$(MAKE) --no-print-directory install VENV=.venv-bench PINS=benchmarks/constraints.txt
	.venv-bench/bin/python benchmarks/everything.py $(if $(DATA),--data $(DATA)) $(if $(SEEDS),--seeds $(SEEDS)) $(BENCH)

pins:     ## Choose the newest versions that fit pyproject.toml and pin them (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group dev --upgrade pyproject.toml --output-file constraints.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --group benchmark --upgrade -c constraints.txt pyproject.toml \
	  --output-file benchmarks/constraints.txt

clean:    ## Remove what was built and cached; lectures, outlines and models stay
	rm -rf .venv .venv-bench dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
