# Two commands on a fresh machine: `make demo` and `make test`. Neither upgrades anything by itself.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo picture test check bench clean install

demo: .venv/runtime
	@$(BIN)/outboundd demo

picture: .venv/runtime
	@$(BIN)/python -m outboundd.demo.picture docs/demo.svg
	@$(BIN)/python -m outboundd.demo.phone_picture docs/telegram.png

test: .venv/dev
	@$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered
	$(BIN)/coverage report --include='src/outboundd/rules/*,src/outboundd/engine/*' --skip-covered --fail-under=100

bench: .venv/bench
	@$(BIN)/python bench

install: .venv/runtime

.venv/runtime: constraints.txt pyproject.toml
	@echo "installing into .venv (once)"
	@$(PYTHON) -c 'import sys; sys.exit("outboundd needs Python 3.11 or newer; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime constraints-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints-dev.txt
	@touch $@

.venv/bench: .venv/dev constraints-bench.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints-bench.txt
	@touch $@

clean:
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
