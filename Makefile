PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

test: $(READY)
	$(VENV)/bin/pytest

$(READY): .ci/requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --require-hashes -r .ci/requirements-dev.lock
	touch $@

.PHONY: test
