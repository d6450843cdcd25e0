# Two commands matter: `make demo` (hear it work) and `make test` (prove it). The rest is for developers.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed
# One more than there are processors: tests that talk wait in real time for most of theirs.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV = $(BIN)/uv pip install --quiet --python $(BIN)/python
# uv does it in a third of the time; where it cannot be had, or finds its packages elsewhere than pip is told to, pip does.
FETCH = $(PIP) --only-binary :all: uv && $(UV) --requirement requirements.lock && $(UV) --no-deps --editable .
FETCH_SLOWLY = { $(PIP) --requirement requirements.lock && $(PIP) --no-deps --editable .; }

.PHONY: demo test coverage serve lint types check format lock clean peers

demo: $(STAMP)  ## place real calls to a server of its own, and show what happened
	$(BIN)/ivr demo $(DEMO)

test: $(STAMP)  ## all tests
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup $(PYTEST)

coverage: $(STAMP)  ## all tests, and the lines and branches that none of them reaches; twice as long
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered $(PYTEST)

serve: $(STAMP)
	$(BIN)/ivr serve

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(FETCH) || $(FETCH_SLOWLY)
	touch $(STAMP)

lock:  ## pin every dependency for all platforms and Python versions (needs uv)
	uv pip compile --universal --python-version 3.11 --extra dev --extra whisper --extra minilm --extra knowledge --extra postgres pyproject.toml -o requirements.lock

peers:  ## programs that the tests in tests/peers talk to
	tests/peers/install_prism.sh

clean:
	rm -rf $(VENV) build dist var
