# `make` alone lists what there is. Every target may be repeated; what is already done is not done again.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.made
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := $(PIP) install --no-compile --require-hashes
CHROMIUM := /usr/bin/chromium
# How many processes run the tests.
JOBS ?= 2
# What the service that is attacked keeps its rows in.
DATABASE ?= sqlite

.PHONY: help
help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(STAMPS)/project  ## makes .venv and installs what the program needs

.PHONY: run
run: setup  ## installs, migrates, loads the demonstration clinics, serves on http://127.0.0.1:8000
	@$(BIN)/compliance db upgrade
	@$(BIN)/compliance demo
	@exec $(BIN)/compliance serve

.PHONY: test
test: $(STAMPS)/test  ## the whole suite, on the embedded database and on a real PostgreSQL
	$(BIN)/python -m pytest -q -n $(JOBS) --ignore=tests/browser tests

.PHONY: test-browser
test-browser: chromium $(STAMPS)/html  ## every page, and the days of those who use them, in Chromium
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile tests/browser

.PHONY: faults
faults: $(STAMPS)/test  ## kills, stops and misleads the workers thousands of mails long (about ten minutes)
	@nice -n 5 $(BIN)/python -m tests.faults

.PHONY: attack
attack: $(STAMPS)/test $(STAMPS)/attackers  ## attacks the real service with two organizations in it (DATABASE=postgresql: on PostgreSQL), and writes into docs/security.md what got through (none may)
	@nice -n 5 $(BIN)/python -m tests.attack --tools $(VENV) --database $(DATABASE) --write

.PHONY: sbom
sbom: $(STAMPS)/lint  ## writes sbom.json (CycloneDX): what the program installs, with versions, hashes and licenses
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json requirements.txt

.PHONY: zones
zones: $(STAMPS)/test  ## walks every ladder over every day of a leap year in every time zone (about two minutes)
	@nice -n 5 $(BIN)/python -m tests.domain.every_zone

.PHONY: conformance
conformance: $(STAMPS)/conformance  ## veraPDF's verdict on reports, before and after signing (needs Java: .ci/run)
	@$(BIN)/python -m scripts.conformance $(VENV)/conformance

.PHONY: pictures
pictures: chromium $(STAMPS)/lint  ## takes the README's pictures from the demonstration
	$(BIN)/python -m scripts.pictures

.PHONY: lighthouse
lighthouse: chromium $(STAMPS)/lighthouse  ## what Lighthouse says of dashboard, roster and therapist (asked: 100, 100, 95)
	@$(BIN)/python -m scripts.lighthouse $(VENV)/lighthouse

.PHONY: chromium
chromium:
	@test -x $(CHROMIUM) || { \
		echo "The browser tests need Chromium at $(CHROMIUM): install it with 'apt-get install chromium'." >&2; \
		exit 1; \
	}

.PHONY: lint
lint: $(STAMPS)/lint  ## ruff, mypy, djlint, and compose.yaml against its schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/python scripts/notice.py --check
	$(BIN)/python -m scripts.jurisdictions --check
	$(BIN)/python -m scripts.access --check
	$(BIN)/bandit --quiet --recursive --severity-level medium src scripts hatch_build.py
	$(BIN)/python -m scripts.secrets_scan

.PHONY: weasyprint
weasyprint: $(STAMPS)/weasyprint  ## installs WeasyPrint for benchmarks/pdf_weasyprint.py, apart (it needs libpango from apt-get)

.PHONY: bench
bench: $(STAMPS)/test $(STAMPS)/weasyprint  ## measures what benchmarks/README.md promises
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

.PHONY: lock
lock: $(STAMPS)/python  ## compiles the requirements files anew (UPGRADE=--upgrade takes newer releases)
	@test -x $(BIN)/uv || $(PIP) install uv
	@UV=$(BIN)/uv sh scripts/lock.sh $(UPGRADE)

.PHONY: notice
notice: $(STAMPS)/project  ## writes NOTICE anew from the installed packages
	$(BIN)/python scripts/notice.py

.PHONY: jurisdictions
jurisdictions: $(STAMPS)/project  ## writes docs/jurisdictions.md anew from the catalog
	$(BIN)/python -m scripts.jurisdictions

.PHONY: access
access: $(STAMPS)/project  ## writes docs/access.md anew from the table that decides who may do what
	$(BIN)/python -m scripts.access

.PHONY: clean
clean:  ## removes all that make has made, and keeps var/ with the data
	rm -rf $(VENV) build dist sbom.json .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp says that a step was done with the files that it depends on.

$(STAMPS)/python:
	@sh scripts/python.sh $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/runtime: requirements.txt requirements-build.txt | $(STAMPS)/python
	@echo "Installing what the program needs ..."
	@$(LOCKED) -r requirements.txt -r requirements-build.txt
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/runtime
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(STAMPS)/test: requirements-test.txt $(STAMPS)/project
	@echo "Installing what the tests need ..."
	@$(LOCKED) -r requirements-test.txt
	@touch $@

$(STAMPS)/lint: requirements-lint.txt $(STAMPS)/test
	@echo "Installing what the linters and the browser tests need ..."
	@$(LOCKED) -r requirements-lint.txt
	@touch $@

$(STAMPS)/html: tests/browser/html/package-lock.json scripts/npm.sh $(STAMPS)/lint
	@echo "Installing html-validate ..."
	@sh scripts/npm.sh $(BIN)/python tests/browser/html $(VENV)/html
	@touch $@

$(STAMPS)/lighthouse: scripts/lighthouse/package-lock.json scripts/npm.sh $(STAMPS)/lint
	@echo "Installing Lighthouse ..."
	@sh scripts/npm.sh $(BIN)/python scripts/lighthouse $(VENV)/lighthouse
	@touch $@

# Other people's attackers have environments of their own: nothing of the program runs with their packages.
$(STAMPS)/attackers: requirements-attack.txt requirements-wapiti.txt | $(STAMPS)/python
	@echo "Installing schemathesis, sqlmap and wapiti ..."
	@for each in attack wapiti; do \
		$(BIN)/python -m venv $(VENV)/$$each && \
		$(VENV)/$$each/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --require-hashes \
			-r requirements-$$each.txt || exit 1; \
	done
	@touch $@

# What the program is compared with lives apart as well.
$(STAMPS)/weasyprint: requirements-weasyprint.txt | $(STAMPS)/python
	@echo "Installing WeasyPrint ..."
	@$(BIN)/python -m venv $(VENV)/weasyprint
	@$(VENV)/weasyprint/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --require-hashes \
		-r requirements-weasyprint.txt
	@touch $@

$(STAMPS)/conformance: requirements-conformance.txt $(STAMPS)/test
	@echo "Installing veraPDF ..."
	@$(LOCKED) --no-deps --upgrade --target $(VENV)/conformance -r requirements-conformance.txt
	@touch $@
