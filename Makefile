# Everything runs in .venv, which each target makes and fills by itself. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench packages partners

PYTHON ?= python3
PYTEST_ARGS ?=
DEMO_ARGS ?=

# Weights, clips and captured messages may lie beside the checkout; whoever has their own says where.
ifneq ($(wildcard ../shared/models),)
export GTVISION_MODELS ?= $(abspath ../shared/models)
endif
ifneq ($(wildcard ../shared/media),)
export GTVISION_MEDIA ?= $(abspath ../shared/media)
endif
ifneq ($(wildcard ../shared/queue-cases),)
export GTVISION_QUEUE_CASES ?= $(abspath ../shared/queue-cases)
endif

# What some tests start: an encoder and probe, a browser, an independent RTSP server, a database, a broker.
# Each test starts its own broker, so the one that its package starts is stopped.
PACKAGES := ffmpeg chromium postgresql rabbitmq-server gir1.2-gst-rtsp-server-1.0 python3-gi \
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/ready ## Make .venv and install all that is needed
	@:

demo: setup ## Simulated cameras, the whole system (DEMO_ARGS="--for 60 --headless --json")
	@.venv/bin/gtvision demo $(DEMO_ARGS)

test: setup packages partners ## All tests, the quick ones first (PYTEST_ARGS="tests/unit -x -k sampler")
	@.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: setup ## Style, types and the floors
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/python -m pytest -q tests/test_floors.py

bench: .venv/bench-ready packages partners ## Every benchmark
	@.venv/bin/gtvision bench --all

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "$(PYTHON) is not Python 3.11 or newer. Name one that is: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing into .venv; the first time takes some minutes." >&2
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install -qq --upgrade 'pip>=25.1'
	@.venv/bin/python -m pip install -qq --constraint constraints.txt --editable . --group dev
	@touch $@

.venv/bench-ready: .venv/ready
	@.venv/bin/python -m pip install -qq --constraint constraints.txt --group bench
	@touch $@

# Without them `make test` still runs: what needs a missing one is skipped, and says so.
packages:
	@command -v dpkg-query apt-get >/dev/null || { \
	  echo "Not a Debian system: some tests skip unless you install what Debian calls $(PACKAGES)." >&2; exit 0; }; \
	missing=(); for package in $(PACKAGES); do \
	  [[ "$$(dpkg-query -W -f '$${db:Status-Status}' "$$package" 2>/dev/null)" == installed ]] || missing+=("$$package"); \
	done; \
	if [[ $${#missing[@]} == 0 ]]; then exit 0; fi; \
	if [[ $$(id -u) != 0 ]]; then \
	  echo "Some tests skip until you install: sudo apt-get install $${missing[*]}" >&2; exit 0; fi; \
	echo "Installing $${missing[*]}" >&2; \
	export DEBIAN_FRONTEND=noninteractive; \
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends "$${missing[@]}" >/dev/null; } || { \
	  echo "apt-get could not install them; the tests that need them skip." >&2; exit 0; }; \
	if [[ " $${missing[*]} " == *" rabbitmq-server "* ]]; then \
	  { service rabbitmq-server stop; update-rc.d rabbitmq-server disable; } >/dev/null 2>&1 || true; fi

# The Celery of partners, old and new, each where GT-Vision is not. Celery 5.2 needs Python 3.11.
# Without them `make test` still runs: what needs a missing one is skipped, and says so.
partners: .venv-celery-5.2/ready .venv-celery-5.7/ready

.venv-celery-%/ready: tests/celery_app/celery-%.txt
	@{ $(PYTHON) -m venv --clear $(@D) && $(@D)/bin/python -m pip install -qq --requirement $< && \
	  $(@D)/bin/celery --version >/dev/null && touch $@; } || \
	  echo "Celery $* could not be installed; the tests that need it skip." >&2
