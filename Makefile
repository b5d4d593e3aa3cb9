# `make help` lists the targets. Stamp files in .venv make a second start quick: only what changed is done again.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CATALOGUES := $(wildcard portal/translations/*/LC_MESSAGES/*.po plugins/*/translations/*/LC_MESSAGES/*.po)
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url
MUTATION := build/mutation

# Where the shell forbids compiled files, every process of the portal and of the tests would compile a thousand modules.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test quick soak container-steps mutations mutants check supply release coverage bench translations lock wheel clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed $(CATALOGUES:.po=.mo) ## Everything the portal needs, in .venv

run: install ## The demonstration: web, worker, sample data; Ctrl-C stops it
	@exec $(BIN)/portal demo

# Style and types are checked beside the tests: one run reports everything, whatever fails.
# Three workers on two cores, as they often wait for a browser, a server or the disk.
WORKERS := -n 3 --dist worksteal
# Tests that use the database run on PostgreSQL too (tests/conftest.py deselects the rest of these folders).
ON_POSTGRES := tests/core tests/store tests/work tests/live tests/queue tests/plugin_host \
	tests/metrics tests/web/test_tickets.py tests/web/incoming/test_asked.py tests/sweeps/test_broken_migrations.py \
	tests/sweeps/test_lost_answers.py tests/sweeps/test_rolled_back.py tests/sweeps/test_first_writes.py
# All at once: one worker runs PostgreSQL's tests while the others wait for I/O; what runs beside is printed at the end.
# What failed in this company is tried once more, alone and named: a fault fails twice; what passes then is unsteady.
ALONE := -v -n 0 --maxfail 5 --last-failed --last-failed-no-failures none
test: install $(VENV)/test-installed ## All checks and all tests (ARGS="tests/core/visits -x" for some tests alone)
ifdef ARGS
	@$(BIN)/pytest $(WORKERS) $(ARGS)
else
	@$(MAKE) --no-print-directory check > $(VENV)/check.log 2>&1 & checking=$$!; \
	$(BIN)/pytest -o cache_dir=$(VENV)/postgres -n 1 -q --database postgresql $(ON_POSTGRES) > $(VENV)/postgres.log 2>&1 & \
	on_postgres=$$!; $(BIN)/pytest -o cache_dir=$(VENV)/sqlite $(WORKERS); tested=$$?; \
	wait $$checking; checked=$$?; echo "Style and types:"; cat $(VENV)/check.log; \
	wait $$on_postgres; told=$$?; echo "On PostgreSQL:"; cat $(VENV)/postgres.log; \
	if test $$tested = 1; then echo "Once more, alone:"; \
		$(BIN)/pytest -o cache_dir=$(VENV)/sqlite $(ALONE); tested=$$?; fi; \
	if test $$told = 1; then echo "Once more, alone, on PostgreSQL:"; \
		$(BIN)/pytest -o cache_dir=$(VENV)/postgres $(ALONE) --database postgresql $(ON_POSTGRES); told=$$?; fi; \
	exit $$((checked || told || tested))
endif

# What takes half of the time of `make test`: browsers, kills, servers, whole days, sweeps over every field and page.
LONG := tests/e2e tests/kills tests/server tests/day tests/sweeps tests/setup tests/commands tests/queue \
	tests/plugins/video_webrtc tests/plugins/video_jitsi tests/plugins/notify_webpush
quick: install $(VENV)/test-installed ## What is nearest to the code, on SQLite: under 12 minutes on 2 cores; `make test` is everything
	@$(BIN)/pytest $(WORKERS) $(LONG:%=--ignore=%)
	@echo "Left out: PostgreSQL, style and types, $(LONG)"

# Every parser has a test; each goes on for its share of the minutes.
PARSERS := tests/fuzz $(wildcard tests/plugins/*/test_fuzz.py)
soak: mutations mutants bench-bridge bench-rush bench-storm bench-numbers ## The long runs: changed edges, a day without the bridge, nine o'clock, everybody coming back, known and unknown numbers, slow bodies, looks, 100 kills on each engine and two nodes; parsers, and the queue on each engine, for MINUTES=10
	@$(BIN)/pytest -n 0 -q -s tests/web/incoming/soak_slow.py
	@LOOKS=all $(BIN)/pytest -n 0 -q tests/e2e/test_looks.py tests/e2e/test_pages.py
	@$(BIN)/python -m tests.kills.fire --kills $(or $(KILLS),100)
	@BREAKS=all $(BIN)/pytest -n 0 -q tests/sweeps/test_broken_migrations.py
	@FUZZ_SECONDS=$$((60 * $(or $(MINUTES),10) / 25)) $(BIN)/pytest -n 0 -q $(PARSERS)
	@$(BIN)/python -m tests.queue.soak $(or $(MINUTES),10) sqlite
	@$(BIN)/python -m tests.queue.soak $(or $(MINUTES),10) postgresql

container-steps: install $(VENV)/test-installed ## The container file's steps in an empty root, as root, up to a portal that answers (debootstrap)
	@$(BIN)/python -m tests.deploy.container

mutations: install $(VENV)/test-installed $(MUTATION)/installed ## CHANGES=100 of the edges by a SEED: which do no tests see? DONE=50 goes on after so many
	@$(MUTATION)/bin/python -m tests.mutations.fire --changes $(or $(CHANGES),100) --seed $(or $(SEED),1) --done $(or $(DONE),0)

mutants: install $(VENV)/test-installed $(MUTATION)/installed ## A fault for each rule of docs/rules: does its test fail?
	@$(MUTATION)/bin/python -m tests.mutations.plant

check: install $(VENV)/test-installed ## Style (ruff) and types (mypy)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

supply: install $(VENV)/test-installed ## Licences down to what lies in wheels, secrets, dangerous code, list of parts, advisories
	@$(BIN)/python -m scripts.supply.checks

release: install $(VENV)/test-installed ## KEY=file: supply with advisories, a wheel built twice, list of parts, checksums, signed
	@$(BIN)/python -m scripts.supply.release --key "$(KEY)"

coverage: install $(VENV)/test-installed ## Which lines no test reaches
	@$(BIN)/coverage erase; $(BIN)/coverage run -m pytest -n 2 $(ARGS); \
	$(BIN)/coverage combine --quiet && $(BIN)/coverage report

bench: bench-live bench-rush bench-storm bench-audit bench-journeys bench-backup bench-pdf bench-messages bench-plugins bench-prescribing ## What everything costs, in one table

bench-live: install ## Live pages: polls a second beside a bare hello, then 10,000 watchers for a minute
	@scripts/system-libraries bench || true
	@$(BIN)/python -m bench.live

bench-paint: install $(VENV)/test-installed ## First words of a page on 2G and a cheap telephone, as Chromium emulates them
	@$(BIN)/python -m bench.first_paint

bench-media: install $(VENV)/test-installed ## From "Call now" to picture and sound on both sides, Chromium and Firefox over coturn
	@$(BIN)/python -m bench.media

bench-rush: install ## Nine o'clock: 5,000 ask for a token within a minute, 10,000 pages poll
	@$(BIN)/python -m bench.rush

bench-storm: install $(VENV)/test-installed ## Everybody comes back after an outage of 20 s: the database's load, before and after
	@$(BIN)/python -m bench.storm

bench-audit: install $(VENV)/test-installed ## Audited transactions a second, beside a bare UPDATE
	@$(BIN)/python -m bench.audit

bench-journeys: install $(VENV)/test-installed ## CPU of a whole journey by part, on both engines, with and without PDFs
	@scripts/system-libraries bench || true
	@$(BIN)/python -m bench.journeys

bench-growth: install $(VENV)/test-installed ## Every page with few past visits and with VISITS=20000
	@$(BIN)/python -m bench.growth

bench-backup: install $(VENV)/test-installed ## Writers beside whole backups, as a ratio, on both engines
	@$(BIN)/python -m bench.backup

bench-messages: install $(VENV)/test-installed ## An OTP's way to the gateway, alone and with 1,000 texts waiting
	@$(BIN)/python -m bench.messages

bench-numbers: install $(VENV)/test-installed ## Does the time of an answer tell whether a number is known? NUMBERS=2000 of each
	@$(BIN)/python -m bench.numbers

bench-plugins: install $(VENV)/test-installed ## Plugins: a request's check, a hook of ten plugins, a switch
	@$(BIN)/python -m bench.plugins

bench-prescribing: install $(VENV)/test-installed ## Search and Issue with lists of 150, 1,500 and 10,000 medicines
	@$(BIN)/python -m bench.prescribing

bench-bridge: install $(VENV)/test-installed ## A day without the health-record system: 10,000 documents catch up
	@$(BIN)/python -m bench.bridge

bench-pdf: install $(VENV)/test-installed ## A prescription's PDF: page and signature, beside bare libraries; memory over 500
	@$(BIN)/python -m bench.pdf

translations: install ## Bring the Hindi catalogue up to date (FROM=folder takes over JSON files)
	@$(BIN)/python -m scripts.translations $(FROM)

lock: ## New versions of all dependencies, with hashes
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip --disable-pip-version-check --quiet install uv
	@build/lock/bin/$(COMPILE) setup.cfg --upgrade --extra build --extra postgres --extra redis --extra icd10 --extra pkcs11 --extra s3 --output-file requirements.txt
	@build/lock/bin/$(COMPILE) setup.cfg --upgrade --extra otel --constraint requirements.txt --output-file requirements-otel.txt
	@build/lock/bin/$(COMPILE) setup.cfg --upgrade --all-extras --constraint requirements.txt --constraint requirements-otel.txt --output-file requirements-test.txt
	@cd tests/mutations && ../../build/lock/bin/$(COMPILE) --upgrade requirements.in --output-file requirements.txt

# What an earlier build left in build/lib would get into the wheel.
wheel: install ## The wheel, in dist/
	@rm -rf build/lib build/bdist.*
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what was made, but not the data in var/
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	find portal plugins -name '*.mo' -delete

$(VENV)/libraries: scripts/system-libraries
	@PYTHON=$(PYTHON) scripts/system-libraries run
	@mkdir -p $(VENV) && touch $@

$(VENV)/bin/python: | $(VENV)/libraries
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# A try compiles what it imports as it goes, and not the data of all countries; a clinic installs everything compiled.
UNCOMPILED := $(if $(filter run,$(MAKECMDGOALS)),--no-compile)
$(VENV)/installed: requirements.txt setup.cfg pyproject.toml scripts/catalogues.py $(VENV)/libraries | $(VENV)/bin/python
	@echo "Installing what the portal needs (about half a minute the first time) ..."
	@$(PIP) install $(UNCOMPILED) --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Without root the line to type is printed and the tests go on: they say what they skip.
$(VENV)/test-installed: requirements-test.txt scripts/system-libraries $(VENV)/installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --requirement requirements-test.txt
	@scripts/system-libraries test || test -z "$(CI)"
	@touch $@

# Apart from the tests' own: the mutator brings a web client and an ORM that nothing else needs.
$(MUTATION)/installed: tests/mutations/requirements.txt
	@$(PYTHON) -m venv $(MUTATION)
	@$(MUTATION)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement $<
	@touch $@

%.mo: %.po | $(VENV)/installed
	@$(BIN)/python -m scripts.catalogues
