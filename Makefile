# Every verb of this repository. `make` alone lists them.
# PYTHON chooses the interpreter that .venv is made with; T, ID narrow a verb.

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
NEED_PYTHON = command -v $(PYTHON) >/dev/null 2>&1 || { \
	echo "No $(PYTHON) here. Install Python 3.11, 3.12 or 3.13 (Debian, Ubuntu: apt install python3 python3-venv),"; \
	echo "or name one: make $@ PYTHON=/path/to/python3.12"; exit 1; }
BOOTSTRAP = $(NEED_PYTHON); $(PYTHON) tools/bootstrap.py
# Two test processes: the suite is written for a small machine, and each process has its own database.
JOBS ?= 2
# T=invoicing means the module of that name; a path, or a folder of tests/, will do as well.
CHOSEN = $(if $(T),$(firstword $(wildcard $(T) src/goldentax/$(T) tests/$(T))))

.DEFAULT_GOAL := help
.PHONY: help run start stop status settings demo test check format bench law sim where assets lock clean wipe

help: ## list the verbs
	@echo "make VERB"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | \
		awk -F '\t' '{ printf "%-12s %s\n", $$1, $$2 }'

run: ## install what is missing, start everything, stay in the foreground (Ctrl-C stops)
	@$(BOOTSTRAP)
	@exec $(BIN)/goldentax run

start: ## the same in the background: returns when everything is ready
	@$(BOOTSTRAP)
	@$(BIN)/goldentax run --detach

stop: ## stop what runs; the data stays
	@$(BIN)/goldentax stop

status: ## tell what runs, where, and whether it is ready
	@$(BIN)/goldentax status

settings: ## print every setting, its value and where it came from
	@$(BIN)/goldentax settings

demo: ## one invoice lives its life in front of you (after `make run`)
	@$(BIN)/goldentax demo

test: ## run the tests; T=invoicing narrows to a module, folder or file
	@$(BOOTSTRAP) --dev --browser
	@test -z "$(T)" -o -n "$(CHOSEN)" || { echo "T=$(T): no such module, folder of tests or path"; exit 1; }
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup $(CHOSEN)

check: ## format, lint, types, imports and the house rules
	@$(BOOTSTRAP) --dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	GOLDENTAX_HOME=.mypy_cache/home $(BIN)/mypy src/goldentax
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/pytest tests/house

format: ## put the code in its form
	@$(BOOTSTRAP) --dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: ## measure, and print each figure beside its limit
	@$(BOOTSTRAP) --dev
	@$(BIN)/python -m bench $(T)

law: ## check the lawbook and run its cases; T=vat narrows
	@$(BOOTSTRAP) --dev
	@$(BIN)/pytest tests/law $(if $(T),-k $(T))

sim: ## 200 random schedules of issuing against a model; SEED=n repeats one, SCHEDULES=n runs more
	@$(BOOTSTRAP) --dev
	@SEED=$(SEED) SCHEDULES=$(or $(SCHEDULES),200) $(BIN)/pytest tests/nodes

where: ## files and test of a row of docs/systems.md: make where ID=EI-4
	@$(NEED_PYTHON); $(PYTHON) tools/where.py "$(ID)"

assets: ## bring front-end files and fonts again
	@$(BOOTSTRAP)
	@rm -f .assets/stamp.json
	@$(BIN)/python tools/assets.py

lock: ## work out the newest versions allowed by requirements*.in and package.json, and lock them
	@$(BOOTSTRAP) --dev
	@$(BIN)/python tools/lock.py

clean: ## remove environment, assets and caches; data in GOLDENTAX_HOME stays
	rm -rf .venv .assets node_modules build src/*.egg-info
	rm -rf .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

wipe: ## remove the data of the world (asks first): everything in GOLDENTAX_HOME
	@$(BIN)/goldentax wipe
