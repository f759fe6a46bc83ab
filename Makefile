# make setup   a virtual environment in .venv with everything the app needs
# make app     the same, then the app; it prints its address
# make check   after every edit: lint, types and the unit tests, in three to four minutes
# make test    everything is tested, in a browser too
# make bench   the benches; each prints one JSON object

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Two at a time, a file's tests all in one process: they share what they have made.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

.PHONY: setup app lint check test bench system-packages

setup: .venv/app-is-ready

app: setup
	$(BIN)/python -m streamlit run app.py

lint: .venv/tests-are-ready
	$(BIN)/python -m ruff check
	$(BIN)/oxlint
	$(BIN)/pyright

check: lint
	$(PYTEST) --quiet -m "not browser and not slow"

test: lint system-packages
	$(PYTEST)

bench: .venv/tests-are-ready system-packages
	@set -e; for name in live classroom start train map neighbours caption soak; do echo "== bench $$name"; $(BIN)/python -m bench $$name; done

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "gen_lab needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "== making the virtual environment .venv"
	@rm -rf .venv  # what is left of one whose Python is gone
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python's venv module is missing (on Debian: apt install python3-venv)"; exit 1; }

# The order-only prerequisite: the time stamp of Python itself says nothing about what is installed.
.venv/app-is-ready: requirements.txt | $(BIN)/python
	@echo "== installing the requirements (PyTorch is large: this takes some minutes the first time)"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/tests-are-ready: requirements-dev.txt .venv/app-is-ready
	@echo "== installing the requirements of the tests"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# Chromium for the tests that drive a browser, nginx for those of a reverse proxy, EGL to render bricks without a screen.
system-packages:
	@missing=""; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| missing="chromium"; \
	command -v nginx >/dev/null || test -x /usr/sbin/nginx || missing="$$missing nginx"; \
	test "$$(uname)" != Linux || /sbin/ldconfig -p | grep -q libEGL.so.1 || missing="$$missing libegl1 libgl1-mesa-dri"; \
	if test -n "$$missing" && command -v apt-get >/dev/null; then \
		sudo=""; test "$$(id -u)" = 0 || sudo="sudo -n"; \
		echo "== installing with apt: $$missing"; \
		{ $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -qq -y \
			--no-install-recommends $$missing >/dev/null && missing=""; } || true; \
	fi; \
	if test -n "$$missing"; then \
		echo "!!"; \
		echo "!! NOT INSTALLED, and apt could not install it: $$missing"; \
		echo "!! The tests that need it cannot run: install it by hand, then run make test again."; \
		echo "!!"; \
		case "$$missing" in *chromium*) test -z "$$CI";; esac; \
	fi
