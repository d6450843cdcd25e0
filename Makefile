# Two commands matter: `make demo` (hear it work) and `make test` (prove it). The rest is for developers.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed
# One more than there are processors: tests that talk wait in real time for most of theirs.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: demo test serve lint types check format lock clean peers

demo: $(STAMP)  ## place real calls to a server of its own, and show what happened
	$(BIN)/ivr demo $(DEMO)

test: $(STAMP)  ## all tests
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup $(PYTEST)

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
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(STAMP)

lock:  ## pin every dependency for all platforms and Python versions (needs uv)
	uv pip compile --universal --python-version 3.11 --extra dev --extra whisper --extra minilm --extra knowledge --extra postgres pyproject.toml -o requirements.lock

peers:  ## programs that the tests in tests/peers talk to
	tests/peers/install_prism.sh

clean:
	rm -rf $(VENV) build dist var
