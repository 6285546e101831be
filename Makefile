# Each target makes .venv and installs what it needs; python3 >= 3.11 with venv and pip is all a machine must have.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: install extras run test demo check lint format lock clean bench-topics bench-stories bench-stories-program replay fuzz

run: $(VENV)/.run
	$(BIN)/aggregator run

install: $(VENV)/.run

# For `full_text: true`, and for PostgreSQL.
extras: $(VENV)/.run
	$(PIP) install --require-hashes --no-build-isolation -r requirements-extras.txt

demo: $(VENV)/.run
	$(BIN)/aggregator demo

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --verbose

check: $(VENV)/.run
	$(BIN)/aggregator check

# What an item costs under ten and under ten thousand topics.
bench-topics: $(VENV)/.dev
	$(BIN)/python benchmarks/topics.py

# FILE: labelled entries, as for `aggregator stories evaluate`. ARGS='--cost 1000000 --quality' takes ten minutes.
FILE ?= $(firstword $(wildcard ../shared/cases/stories/dev.jsonl) tests/pipeline/stories.jsonl)
bench-stories: $(VENV)/.dev
	$(BIN)/python benchmarks/stories.py $(FILE) $(ARGS)

# The same entries as feeds on loopback over simulated days, through fetch and export. Some minutes.
bench-stories-program: $(VENV)/.dev
	$(BIN)/python benchmarks/stories_program.py $(FILE) $(ARGS)

# Fourteen days of two hundred sources under a simulated clock: what breaks, what it costs, how late news is. Minutes.
replay: $(VENV)/.dev
	$(BIN)/python -m tests.replay $(ARGS)

# Reading, charsets, dates and queries under atheris, where a wheel for this Python exists, else under hypothesis.
# SECONDS for each target; TARGET=feed for one of them. What fails is left in fuzz-findings/.
SECONDS ?= 60
fuzz: $(VENV)/.dev
	@$(PIP) install --no-deps --only-binary :all: atheris 2>/dev/null || echo "no atheris for this Python"
	$(BIN)/python tests/fuzz/run.py $(SECONDS) $(TARGET)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# feedgen is published as source only: it is built with the pinned backend, not with whatever is newest that day.
$(VENV)/.run: requirements-build.txt requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "aggregator needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements-build.txt
	$(PIP) install --require-hashes --no-build-isolation -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(PIP) install --require-hashes --no-build-isolation -r requirements-dev.txt
	@touch $@

# Needs uv. The locks are universal: CPython 3.11 to 3.14, x86-64 and 64-bit Arm.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade
lock:
	printf 'hatchling==1.33.0\neditables\nsetuptools\nwheel\n' | $(LOCK) - -o requirements-build.txt
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --extra postgres --extra fulltext -c requirements.txt -o requirements-extras.txt
	$(LOCK) pyproject.toml --group dev --extra postgres --extra fulltext -c requirements-extras.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
