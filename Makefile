# Everything a developer runs. PYTHON can be set to another interpreter.
PYTHON ?= .venv/bin/python

.PHONY: check format lint types test docs bench faults install uninstall

check: lint types test

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest -q

docs: # the page about the API, anew
	PYTHONPATH=. $(PYTHON) deploy/api_page.py

bench:
	$(PYTHON) -m edgevision bench

install uninstall: # as root: a service of this machine
	systemd/install.sh $@

faults:
	PYTHONPATH=. $(PYTHON) tests/bench/faults.py
