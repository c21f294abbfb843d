# shopdesk: `make run` and `make test` get whatever is missing first (resources/installer/prepare.sh).

SHELL := /bin/bash
VENV ?= .venv
BIN := $(VENV)/bin
PREPARE := VENV=$(VENV) resources/installer/prepare.sh
# The tests start the program hundreds of times: its modules are compiled once, also where the system keeps no bytecode.
KEPT := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/build/bytecode

.PHONY: run test types tests test-full bench tour catalogues lock installer test-installer test-windows test-image clean
.DEFAULT_GOAL := run

run: ## the program; without a display the tour, which drives it and takes pictures
	@$(PREPARE) run
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" != Linux ]; then \
		exec $(BIN)/shopdesk; \
	else \
		echo "No display here: running the tour instead (its windows are drawn off screen)."; \
		QT_QPA_PLATFORM=offscreen $(BIN)/shopdesk tour --out build/tour && \
		echo "Pictures, PDFs, messages and summary.json are in build/tour"; \
	fi

test: ## lint, types, import rules, then every test, headless
	@$(PREPARE) test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory -j 2 types tests

types:
	$(BIN)/mypy

tests:
	$(KEPT) QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n auto

test-full: ## the official rules over 2,000 random e-invoices instead of 200, the laws over 100 random shops instead of 5, 2,000 new examples of every property
	@$(PREPARE) test
	$(BIN)/pytest -n auto --timeout 1800 --hypothesis-profile explore $(shell grep -rl --include='test_*.py' '@given' tests)
	SHOPDESK_TEST_E_INVOICES=2000 SHOPDESK_TEST_LAWS=100 $(BIN)/pytest -n auto --timeout 1800 --hypothesis-profile explore tests/render/test_e_invoice.py \
		tests/usecases/test_random_shop.py

bench: ## speed and memory beside the raw limit; writes build/bench.json; `make bench ONLY=tills` measures what is named so; BIG=1 a shop of a million documents, which is made first and kept in build (BIG=50000: a smaller one)
	@$(PREPARE) test
	QT_QPA_PLATFORM=offscreen PYTHONPATH=tests $(BIN)/python -m benchmarks $(if $(ONLY),--only "$(ONLY)") $(if $(BIG),--big $(BIG)) --out build/bench$(if $(BIG),-large).json

tour: ## the main job from an empty folder to a delivered receipt, with pictures, in build/tour
	@$(PREPARE) run
	$(if $(DISPLAY)$(WAYLAND_DISPLAY),,QT_QPA_PLATFORM=offscreen) $(BIN)/shopdesk tour --out build/tour

catalogues: ## resources/translations in step with the texts of the program; `make catalogues LANGUAGE=it` begins a new one
	@$(PREPARE) run
	$(BIN)/python resources/translations/update.py $(LANGUAGE)

lock: ## requirements.lock from pyproject.toml; `make lock UPGRADE=--upgrade` takes the newest
	@$(PREPARE) run
	$(BIN)/uv pip compile --quiet $(UPGRADE) --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet $(UPGRADE) --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--no-deps tests/rules.in -o tests/rules.lock

installer: ## dist/shopdesk_VERSION_ARCHITECTURE.deb
	@$(PREPARE) installer
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath build/bundle --workpath build/pyinstaller shopdesk.spec
	PYTHON=$(BIN)/python resources/installer/deb.sh

test-installer: ## what `make installer` made, in a bare Debian made here (as root; debootstrap, Xvfb, openbox, xdotool)
	$(BIN)/python tests/installer/contents.py build/bundle/shopdesk
	tests/installer/debian.sh

test-windows: ## the program, its folder and its setup under Wine, and the tests (as root; debootstrap, Xvfb); for releases
	@$(PREPARE) installer
	tests/installer/wine.sh

test-image: ## the Dockerfile without a Docker engine (as root; buildah, debootstrap)
	tests/installer/image.sh

clean:
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
