# Needs make and Python 3.11 or newer; everything else goes into .venv, node_modules and static/vendor.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
LOCK := requirements/dev.txt
NODE_LOCK := requirements/node.txt
FRONT_STAMP := node_modules/.set-up
ZXING := zxing-wasm
ZXING_FILES := LICENSE dist/es/share.js dist/es/reader/index.js dist/reader/zxing_reader.wasm
NOBLE := noble-ed25519
NOBLE_FILES := LICENSE index.js
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
STRANGERS := build/go
STRANGERS_SOURCE := tests/strangers/go.mod tests/strangers/go.sum $(wildcard tests/strangers/logcheck/*.go)
MADE_BY_DEMO := demo/labels.pdf demo/workspace demo/out

.PHONY: help
help: ## Say what can be made
	@echo "make TARGET, where TARGET is one of"
	@awk -F ': .*## ' '/^[a-z]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) $(FRONT_STAMP) ## Make .venv with the locked packages and this project in it (PYTHON=path chooses the Python)
	@:

# pip fetches wheels only, each checked against its hash in the lock. The lock is whole, so nothing is resolved here: an
# extra that a package asks for (pydantic[email]) would send pip for a newer version than the locked one.
$(STAMP): $(LOCK) pyproject.toml
	@if [ -e $(VENV) ] && ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
		echo "setup: $(VENV) is broken, it is made anew"; rm -rf $(VENV); fi
	@[ -e $(VENV) ] || { python=$$(tools/find_python.sh) \
		&& echo "setup: $(VENV) from $$($$python --version)" && $$python -m venv $(VENV); }
	@echo "setup: packages of $(LOCK) (a minute or two the first time)"
	@$(PIP) install --no-deps --require-hashes --only-binary :all: -r $(LOCK)
	@echo "setup: origintag itself, editable"
	@$(PIP) install --no-build-isolation --no-deps --no-index --editable .
	@touch $@

# npm checks each package against its hash in the lock, and runs none of their scripts. Of what pages load, only the
# files that they load are put where the server finds them.
$(FRONT_STAMP): package-lock.json package.json .npmrc $(NODE_LOCK) tools/npm.py | $(STAMP)
	@echo "setup: front-end packages of package-lock.json"
	@$(BIN)/python tools/npm.py ci --loglevel error
	@rm -rf static/vendor && mkdir -p static/vendor/$(ZXING) static/vendor/$(NOBLE)
	@tar -C node_modules/$(ZXING) -cf - $(ZXING_FILES) | tar -C static/vendor/$(ZXING) -xf -
	@tar -C node_modules/@noble/ed25519 -cf - $(NOBLE_FILES) | tar -C static/vendor/$(NOBLE) -xf -
	@touch $@

.PHONY: demo
demo: setup ## Issue, print, photograph, scan and serve an example (ARGS=--exit stops after checking each step)
	@$(BIN)/python -m demo $(ARGS)

.PHONY: test
test: setup ## Run every test; all branches of tagcore and 90 % of the rest must be covered
	@echo "test: pytest on every core$(if $(REQUIRE_ALL),; no test may skip for a missing part)"
	@$(BIN)/coverage erase
	@$(BIN)/pytest --quiet --numprocesses auto --dist worksteal --cov --cov-report= || { \
		echo "test: what failed beside others is run once more, alone; what is named above failed the first time"; \
		$(BIN)/pytest --quiet --last-failed --last-failed-no-failures none --cov --cov-append --cov-report=; }
	@echo "test: coverage of tagcore, of which every branch is wanted"
	@$(BIN)/coverage report --include='tagcore/*' --fail-under=100
	@echo "test: coverage of the rest, of which 90 % is wanted"
	@$(BIN)/coverage report --omit='tagcore/*' --fail-under=90

.PHONY: check
check: setup ## Check format, rules, types, import layers, spelling and the links between documents
	@echo "check: format"
	@$(BIN)/ruff format --quiet --check --output-format concise . || { echo "check: 'make format' does that"; exit 1; }
	@echo "check: rules"
	@$(BIN)/ruff check --quiet .
	@echo "check: types"
	@$(BIN)/mypy --no-error-summary
	@echo "check: import layers"
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo > $(VENV)/import-layers.txt || { cat $(VENV)/import-layers.txt; exit 1; }
	@echo "check: spelling"
	@$(BIN)/codespell
	@echo "check: links between documents"
	@$(BIN)/python tools/check_docs.py

.PHONY: format
format: ## Format the code and put right what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: messages
messages: setup ## Bring the translations up to date with the texts in the code, and say how many wait
	@PYTHONPATH=. $(BIN)/python tools/messages.py

.PHONY: bench
bench: setup ## Measure every published figure into bench/results.jsonl (ONLY=name measures one)
	@$(BIN)/python -m bench $(ONLY)

# Programs of other people that the tests run against ours, built from the Go module proxy. `make clean` removes what
# was built; Go's own caches stay, so that building again takes seconds.
.PHONY: strangers
strangers: $(STRANGERS)/.strangers $(STRANGERS)/merkle-vectors.jsonl ## Build the log programs that must agree with ours: fsck, litewitness, logcheck

$(STRANGERS)/.strangers: $(STRANGERS_SOURCE) tools/go.sh
	@echo "strangers: fsck, litewitness, logcheck (a few minutes the first time)"
	@mkdir -p $(STRANGERS)
	@tools/go.sh build -C tests/strangers -mod=readonly -o $(CURDIR)/$(STRANGERS)/ tool ./logcheck
	@touch $@

$(STRANGERS)/merkle-vectors.jsonl: $(STRANGERS_SOURCE) tests/strangers/testdata/vectors_test.go tools/merkle_vectors.sh
	@echo "strangers: vectors of transparency-dev/merkle"
	@mkdir -p $(STRANGERS)
	@tools/merkle_vectors.sh $@

.PHONY: thor
thor: $(STRANGERS)/thor ## Build the VeChainThor node that the anchors are tested against

$(STRANGERS)/thor: tools/thor.sh tools/go.sh
	@echo "thor: VeChainThor's node (a few minutes the first time)"
	@mkdir -p $(STRANGERS)
	@tools/thor.sh $@

# It judges nothing: somebody has to look.
.PHONY: screenshots
screenshots: setup ## Photograph all pages into build/screenshots and docs/images (ONLY=name takes those that begin so)
	@$(BIN)/python -m tools.screenshots $(ONLY)

# The lock names versions and hashes, no addresses: any mirror of the package index will do.
.PHONY: lock
lock: ## Pin what pyproject.toml asks for (UPGRADE=1 takes the newest of everything)
	@[ -x $(BIN)/uv ] || $(MAKE) setup
	@echo "lock: $(LOCK)"
	@$(BIN)/uv pip compile pyproject.toml --quiet --no-config --system-certs --all-extras \
		--universal --python-version 3.11 --generate-hashes --only-binary :all: \
		--custom-compile-command 'make lock' --output-file $(LOCK) $(if $(UPGRADE),--upgrade)
	@echo "lock: $(NODE_LOCK)"
	@$(BIN)/uv pip compile --group node --no-annotate --quiet --no-config --system-certs \
		--universal --python-version 3.11 --generate-hashes --only-binary :all: \
		--custom-compile-command 'make lock' --output-file $(NODE_LOCK) $(if $(UPGRADE),--upgrade)
	@echo "lock: package-lock.json"
	@$(BIN)/python tools/npm.py $(if $(UPGRADE),update,install) --package-lock-only --loglevel error

.PHONY: clean
clean: ## Remove all that these targets make, .venv and the demo's workspace too
	@echo "clean: .venv, front-end packages, caches, reports, what the demo made"
	@rm -rf $(VENV) node_modules static/vendor build dist htmlcov .coverage .coverage.* bench/results.jsonl $(MADE_BY_DEMO) \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
