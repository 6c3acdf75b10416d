# Every command a person needs; `make` alone lists them.
PYTHON := .venv/bin/python
ARGS ?=
# Processes that share the tests among them.
WORKERS ?= 3
DIVIDED := -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations 25 --durations-min 4 --maxfail 25

# Where compiled code may not be kept, each of a hundred processes compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-matrix check fix bench faults image e2e doctor diagram lint venv bundle

help: ## List these commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: venv ## Start everything on this machine (HOST=, PORT=)
	@scripts/build-frontend & scripts/ensure-sandbox && wait $$!
	@exec $(PYTHON) manage.py holdover $(ARGS)

test: venv bundle ## Run the tests with the servers they need (ARGS="-k name")
	@scripts/install-packages image
	@scripts/with-services sh -c '$(PYTHON) -m sandbox_runner.image all && exec $(PYTHON) -u -m pytest "$$@"' pytest \
		$(DIVIDED) $(ARGS)

test-matrix: ## Run what the tests leave out, each on every backend and runtime, and write down what came of it
	@scripts/install-packages compose
	@$(MAKE) --no-print-directory test ARGS="-m matrix --timeout 900 --write-result=docs/test-matrix.md $(ARGS)"

check: venv ## Formatting, lint, types, import contracts and the tests, beside each other: what has to pass
	@$(MAKE) --no-print-directory --jobs 2 lint test

lint: venv
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports

fix: venv ## Format, and repair what the linter can repair
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: venv ## Measure what the design promises (ARGS=)
	@scripts/install-packages image
	@scripts/with-services sh -c '$(PYTHON) -m sandbox_runner.image all && exec $(PYTHON) -m benchmarks "$$@"' bench $(ARGS)

faults: venv bundle ## Inflict 200 faults on two set-ups under load (ARGS="--count 20")
	@scripts/install-packages image redis postgres
	@HOLDOVER_SERVICES=docker scripts/with-services sh -c '$(PYTHON) -m sandbox_runner.image all && exec $(PYTHON) -m tests.faults "$$@"' faults $(ARGS)

image: venv ## Build the sandbox: Docker image where an engine answers, and root file system
	@scripts/install-packages image
	@$(PYTHON) -m sandbox_runner.image all

e2e: venv bundle ## Run the browser tests alone
	@$(MAKE) --no-print-directory test ARGS="tests/e2e $(ARGS)"

doctor: venv ## Say what this machine can do and what it lacks
	@$(PYTHON) -m sandbox_runner doctor

diagram: venv ## Draw the lifecycle's diagram from its table
	@$(PYTHON) -m sandbox_runner diagram

venv:
	@scripts/setup-venv

bundle:
	@if [ -x scripts/build-frontend ]; then scripts/build-frontend; fi
