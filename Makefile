.DEFAULT_GOAL := help
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3.11
WORKERS ?= 4 # tests at a time: many of them wait

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q --group dev -e . -c constraints.txt
	@touch $@

.PHONY: venv demo format lint types imports test test-winehost docs check
venv: $(VENV)/.ready ## Make the virtual environment

demo: venv ## Walk the main job on an emulated host
	@$(BIN)/hostprobe demo

format: venv ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: venv ## Style and likely bugs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: venv ## mypy --strict
	$(BIN)/mypy

imports: venv ## Layers: imports point down only
	$(BIN)/lint-imports

test: venv ## Tests and coverage, no root needed; ARGS="-k netstat" narrows them
	$(BIN)/python -m pytest -m "not winehost" -n $(WORKERS) --dist loadfile --cov --cov-report= $(ARGS)
	$(BIN)/coverage report

test-winehost: venv ## End to end against Samba, Wine, the real PAExec and a KDC (root on Debian)
	$(BIN)/python -m pytest -m winehost $(ARGS)

docs: venv ## Rewrite the CLI reference from the code
	$(BIN)/typer --app app hostprobe.cli utils docs --name hostprobe --output docs/reference/cli.md

check: lint types imports test ## All that must hold before a commit
