# make serve  sets up everything and runs the service with virtual devices
# make test   sets up everything and runs lint, types, contracts and tests
# make bench  prints a table of ratios; make help lists the rest

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SYSTEM := $(VENV)/.system
PORT ?= 18622

.DEFAULT_GOAL := help
.PHONY: help serve test test-full durability machines matrix zoo same-runs sequences oracle bad-requests quirks interop others findings blind-set services-zoo scanners vm lint types contracts unit docs bench clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | expand -t 14

$(SYSTEM): installers/system-packages.sh
	@mkdir -p $(VENV)
	@sh installers/system-packages.sh
	@touch $@

$(STAMP): $(SYSTEM) pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@# Compiled against libsane: without its headers the rest goes on, and the tests of that driver say what is missing.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt 'python-sane==2.9.2' || \
		echo "python-sane cannot be compiled here: the driver pysane is not there, and its tests fail." >&2
	@touch $@

serve: $(STAMP) ## run the service with virtual devices (PORT=18622)
	@$(BIN)/flatbed serve --port $(PORT)

test: lint types contracts unit ## everything CI runs

lint: $(STAMP) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

contracts: $(STAMP) ## the arrows between the rooms
	$(BIN)/lint-imports

unit: $(STAMP) ## the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -q --durations=10

test-full: test durability bad-requests machines matrix zoo same-runs sequences oracle quirks interop others findings blind-set services-zoo scanners vm bench ## the full numbers

vm: $(STAMP) ## the tests in a booted Debian guest; installs QEMU and builds the guest, as root
	@sh installers/system-packages.sh vm
	$(BIN)/python -m pytest -q -m vm tests/vm

durability: $(STAMP) ## documents after 200 kills of their service
	FLATBED_KILL_ROUNDS=200 $(BIN)/python -m pytest -q tests/reference_server/documents/test_kill.py

machines: $(STAMP) ## every shipped machine by every requirement
	FLATBED_ALL_CHECKS=1 $(BIN)/python -m pytest -n 2 -q tests/conformance/test_machines.py

scanners: $(STAMP) ## every legal and every hostile eSCL scanner of the zoo by every requirement
	FLATBED_ALL_CHECKS=1 $(BIN)/python -m pytest -n 2 -q tests/conformance_selftest/escl

sequences: $(STAMP) ## 50 runs of a program from one seed are one; how short failures become over the whole zoo
	FLATBED_PROGRAM_RUNS=50 $(BIN)/python -m pytest -q tests/conformance_programs/test_coverage.py
	$(BIN)/python -m conformance.selftest.programs shrinking

oracle: $(STAMP) ## the oracle's error over 2000 random distortions
	FLATBED_ORACLE_CASES=2000 $(BIN)/python -m pytest -n 2 -q tests/sheets/test_distortions.py

services-zoo: $(STAMP) ## every seeded service by every requirement; writes the page
	$(BIN)/python -m conformance.selftest.services --everything --write --processes 2

blind-set: $(STAMP) ## every mutant of the machines and of the service, judged again; writes the page
	$(BIN)/python -m conformance.selftest.mutants --again all

quirks: $(STAMP) ## every quirk of an eSCL scanner, the slow ones too, by sane-airscan
	FLATBED_ALL_QUIRKS=1 $(BIN)/python -m pytest -q tests/real/escl/test_quirks.py

interop: $(STAMP) ## what arrives of every machine by every road at every client; writes the page
	$(BIN)/python -m tests.real.escl.interop --write

others: $(STAMP) ## python-sane, SANE's test at its settings and sane-airscan by every requirement
	FLATBED_ALL_CHECKS=1 $(BIN)/python -m pytest -q tests/real/test_pysane_baseline.py tests/real/test_sane_settings.py tests/real/escl/test_airscan_judged.py tests/real/sane_raw/test_escl.py

findings: $(STAMP) ## every finding in software of others, replayed
	FLATBED_ALL_FINDINGS=1 $(BIN)/python -m pytest -q tests/real/test_findings.py

zoo: $(STAMP) ## the suite judged by every device of the zoo, all checks on each; writes the pages
	$(BIN)/python -m conformance.selftest --write --jobs 2 --seeds 100

matrix: $(STAMP) ## each defect of the zoo by its declared id and all before it: under 4 minutes on 2 cores
	$(BIN)/python -m conformance.selftest --scope before --defects-only --jobs 2

same-runs: $(STAMP) ## 50 runs with one seed, compared event by event
	FLATBED_SAME_RUNS=50 $(BIN)/python -m pytest -q tests/conformance/test_determinism.py

bad-requests: $(STAMP) ## 100,000 generated bad requests
	FLATBED_BAD_REQUESTS=100000 $(BIN)/python -m pytest -q tests/reference_server/security/test_bad_requests.py

docs: $(STAMP) ## write the generated parts of the documentation again
	$(BIN)/python -m flatbed.docs_generated --write

bench: $(STAMP) ## a table of ratios, each pair measured in one run
	$(BIN)/python -m benchmarks

clean: ## forget the virtual environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .clients dist build
