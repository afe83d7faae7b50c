# Two commands do everything on a fresh machine: make reports, make test.
COUNTRY ?= se
HOME_DIR ?= home/$(COUNTRY)
OUT ?= reports/$(COUNTRY)
PYTHON ?= python3
KVALITET = .venv/bin/kvalitet

.PHONY: reports test check lab dashboard benchmarks parts setup browser clean

reports: setup
	$(KVALITET) demo --country $(COUNTRY) --home $(HOME_DIR)
	$(KVALITET) load $(HOME_DIR)/deliveries --home $(HOME_DIR)
	$(KVALITET) analyse --home $(HOME_DIR)
	$(KVALITET) release --home $(HOME_DIR)
	$(KVALITET) report municipality --home $(HOME_DIR) --out $(OUT)
	$(KVALITET) report school --home $(HOME_DIR) --out $(OUT)

test: setup browser
	OPENBLAS_NUM_THREADS=1 .venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python tests/house_rules/notebook_hygiene.py

lab: setup
	$(KVALITET) lab --home $(HOME_DIR)

dashboard: setup
	$(KVALITET) dashboard --home $(HOME_DIR)

benchmarks: setup
	.venv/bin/python benchmarks/pages.py
	.venv/bin/python benchmarks/analyses.py
	.venv/bin/python benchmarks/value_added.py
	.venv/bin/python benchmarks/growth.py

parts: setup
	.venv/bin/python -m tests.house_rules.parts

setup: .venv/.ready

.venv/.ready: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kvalitet needs Python 3.11 or newer. Name it, e.g.:  make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing. Install it:  sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --require-hashes -r constraints.txt
	.venv/bin/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

browser: setup
	@.venv/bin/python tests/find_chromium.py || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium poppler-utils; } || echo "No Chromium: tests that need a browser are skipped. Install it:  sudo apt-get install chromium"

clean:
	rm -rf home reports/se reports/no .venv
