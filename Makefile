# What can be done here, each in one word. `make help` lists it.
# On a fresh machine Python >= 3.11 is all that is needed: the targets make .venv themselves.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
HOME_DIR ?= .headwater
PORT ?= 8020
ROUNDS ?= 100
NEO4J ?= 5.26.30
TEST_PROCESSES ?= 3
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help setup run demo story compare-demo test lint types fmt bench bench-small bench-full bench-marquez crash-100 neo4j \
	neo4j-fetch postgres docs schema-check schema-release lock dbt marquez-client workflow bench-mlflow clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found" >&2; exit 3; }
	@echo "making .venv with $(PYTHON)" >&2
	@$(PYTHON) -m venv .venv

# What `make run` needs, then what the checks need on top of it.
.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing from requirements.lock" >&2
	@$(PIP) -r requirements.lock && $(PIP) --no-deps -e . && touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "installing from requirements-dev.lock" >&2
	@$(PIP) -r requirements-dev.lock && touch $@

setup: .venv/.dev ## make .venv and install everything the other targets need

run: .venv/.runtime ## start the server with its embedded graph, everything it keeps in .headwater
	@$(BIN)/python -m app.demo.hello --port $(PORT) & exec $(BIN)/headwater serve --home $(HOME_DIR) --port $(PORT)

demo: .venv/.runtime ## a bundled estate, ingested and asked about, end to end, in a scratch home
	@$(BIN)/python -m app.demo

story: .venv/.dev .workflow-venv/.ready ## raw data to a served model on real programs: MLflow, Feast, Envoy, Headwater; three questions
	@$(BIN)/python -m story

compare-demo: .venv/.runtime ## compare with what a real Marquez answered, on real producers' events (needs ../shared)
	@$(BIN)/python -m app.demo.compare

test: .venv/.dev ## lint, types and every test that runs without root
	@$(MAKE) --no-print-directory lint types
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile $(PYTEST_ARGS)

lint: .venv/.dev ## ruff and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache >.venv/.lint-imports.out 2>&1 || { cat .venv/.lint-imports.out; exit 1; }

types: .venv/.dev ## mypy, strict
	@$(BIN)/mypy

fmt: .venv/.dev ## format, and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: .venv/.dev ## measure the targets of the design on both engines (minutes; BENCH_ARGS="--engine embedded" for one)
	@$(BIN)/python -m bench all $(BENCH_ARGS)

bench-small: .venv/.dev ## the same on a small estate (a minute or two)
	@$(BIN)/python -m bench all --small $(BENCH_ARGS)

bench-full: .venv/.dev ## walk a million edges between 400,000 datasets on both engines (an hour)
	@$(BIN)/python -m bench walks --full $(BENCH_ARGS)

bench-marquez: .venv/.dev ## follow Marquez's table; the same estate into a Marquez and ours (BENCH_ARGS="--marquez URL --marquez-db URL")
	@$(BIN)/python -m bench marquez $(BENCH_ARGS)

bench-mlflow: .venv/.dev .workflow-venv/.ready ## read 5,000 runs of a real MLflow server, then again when nothing changed
	@$(BIN)/python -m bench.mlflow $(BENCH_ARGS)

crash-100: .venv/.dev ## a hundred rounds of kill -9 while ingesting (ROUNDS=n for another number)
	@HEADWATER_CRASH_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest tests/crash -p no:xdist --timeout 3600

neo4j: .venv/.dev ## run a Neo4j for development until Ctrl-C (NEO4J=2026.08.1 for the newer line)
	@exec $(BIN)/python -m tests.neo4j run $(NEO4J)

neo4j-fetch: .venv/.dev ## fetch the Neo4j lines that the tests run on (Maven; kept in .cache/neo4j or HEADWATER_NEO4J_CACHE)
	@$(BIN)/python -m tests.neo4j fetch

postgres: .venv/.dev ## run a PostgreSQL with Marquez's table for development until Ctrl-C (Debian's package postgresql)
	@exec $(BIN)/python -m tests.postgres

docs: .venv/.dev ## write anew what is generated: docs/graph.md, docs/facets.md, schema.graphql, tables and examples in documents
	@$(BIN)/python -m graph_schema.describe > docs/graph.md
	@$(BIN)/python -m graph_schema.facets.describe > docs/facets.md
	@$(BIN)/python -m app.graphql.schema > schema.graphql
	@$(BIN)/python -m tests.documents

schema-check: .venv/.dev ## does the GraphQL schema break readers of the last release
	@$(BIN)/python -m tests.schema_breaks

schema-release: .venv/.dev ## make today's GraphQL schema the one that later ones are held against
	@$(BIN)/python -m tests.schema_breaks release

lock: .venv/.dev ## resolve the dependencies anew (no index addresses are written)
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras --upgrade \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--output-file requirements.lock pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras --upgrade --extra dev \
		--constraint requirements.lock \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--output-file requirements-dev.lock pyproject.toml

dbt: .dbt-venv/.ready ## dbt with DuckDB and dbt-ol in an environment of its own, for tests/clients

.dbt-venv/.ready: tests/clients/dbt-requirements.lock | .venv/bin/python
	@echo "making .dbt-venv for the dbt suite" >&2
	@$(PYTHON) -m venv .dbt-venv
	@.dbt-venv/bin/python -m pip --disable-pip-version-check install --quiet -r $< && touch $@

marquez-client: .marquez-venv/.ready ## Marquez's Python client in an environment of its own, for tests/clients

.marquez-venv/.ready: tests/clients/marquez-requirements.lock | .venv/bin/python
	@echo "making .marquez-venv for Marquez's client" >&2
	@$(PYTHON) -m venv .marquez-venv
	@.marquez-venv/bin/python -m pip --disable-pip-version-check install --quiet -r $< && touch $@

workflow: .workflow-venv/.ready ## MLflow, Feast, Envoy and the client plugins in an environment of their own, for tests/workflow

.workflow-venv/.ready: tests/workflow/requirements.lock plugins/headwater-mlflow/pyproject.toml \
		plugins/headwater-mlflow-deployments/pyproject.toml | .venv/bin/python
	@echo "making .workflow-venv for MLflow, Feast and Envoy" >&2
	@$(PYTHON) -m venv .workflow-venv
	@.workflow-venv/bin/python -m pip --disable-pip-version-check install --quiet -r $<
	@.workflow-venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -e plugins/headwater-mlflow \
		-e plugins/headwater-mlflow-deployments && touch $@

clean: ## forget environments and caches (not .headwater, which holds the journal)
	@rm -rf .venv .dbt-venv .marquez-venv .workflow-venv build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +
