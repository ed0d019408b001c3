# `make` prints what there is. Nothing is needed beforehand but Python 3.11+, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
TEST ?= tests

.DEFAULT_GOAL := help
.PHONY: help setup demo test check smoke bench sabotage coverage services-status services-stop clean

help: ## Print this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv and install everything (done once; again when requirements change)

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt
	@touch $@

demo: $(READY) ## Show it: a clinic group, web, workers, scheduler, reminders going out
	$(BIN)/python manage.py demo

test: $(READY) ## Run the tests (TEST=path for some) on servers of their own
	$(BIN)/python -m pytest $(TEST)

check: $(READY) ## Lint, format, types, layers, migrations, file sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.structure

smoke: $(READY) ## From a booking to a retried reminder, unattended, on servers of its own
	$(BIN)/python manage.py smoke

bench: $(READY) ## Compare with stock Dramatiq on this machine
	$(BIN)/python -m bench

sabotage: $(READY) ## Break each rule of the queue on purpose; its test must notice
	$(BIN)/python -m tests.sabotage

coverage: $(READY) ## Run the tests, list branches that none took, want 95 % of queues
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(TEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/coverage report --include='queues/*' --fail-under=95 --format=total

services-status: $(READY) ## Show this checkout's own PostgreSQL and Valkey
	@$(BIN)/python manage.py services status

services-stop: $(READY) ## Stop them, used or not
	@$(BIN)/python manage.py services stop

clean: ## Stop the servers; remove .venv, .local (with its data) and caches
	@if test -x $(BIN)/python; then $(BIN)/python -m settings.embedded.stop_all .local; fi
	rm -rf $(VENV) .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
