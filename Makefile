# Every target does all it needs on a machine with Python 3.11, git and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BROWSER := $(VENV)/.browser
EMULATOR := tools/slack/node_modules/.ready
TYPES  := tools/manifest/node_modules/.ready
WORKERS ?= auto

.PHONY: help demo test check fix docs bench crash race serve-kill histories mutants policies month fixes image slack-tools slack-demo slack-e2e slack-pictures slack-load slack-manifest lock clean

help:            ## List the targets
	@grep -E '^[a-z0-9-]+: .*##|^[a-z0-9-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(READY)   ## Watch the whole loop on a simulated AWS account (under a minute)
	$(BIN)/locksmith demo $(ARGS)

test: check      ## Run the checks and the whole test suite (about 11 minutes on 2 cores)
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

check: $(READY)  ## Lint, types, import directions, documentation drift (about a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.generate --check

fix: $(READY)    ## Format, and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)   ## Write the generated pages, schemas and config.example.yaml anew
	$(BIN)/python -m tools.generate

bench: $(READY)  ## Measure scans of 100, 1,000 and 5,000 users into docs/benchmarks.md (about 15 minutes)
	$(BIN)/python -m tools.bench $(ARGS)

crash: $(READY)  ## Kill the executor at every point that matters, many times over (about 25 minutes)
	LOCKSMITH_TEST_ROUNDS=long $(BIN)/pytest tests/proofs -k "kill" -m "slow or not slow" -n $(WORKERS) $(ARGS)

race: $(READY)   ## Two processes on one proposal, 200 times on each database (about 6 minutes)
	LOCKSMITH_TEST_ROUNDS=long $(BIN)/pytest tests/proofs -k "race" -m "slow or not slow" -n $(WORKERS) $(ARGS)

serve-kill: $(READY)  ## Kill serve 500 times under work, and two on one database 300 times (long)
	LOCKSMITH_TEST_ROUNDS=long $(BIN)/pytest tests/proofs/test_serve_kill.py -m "slow or not slow" $(ARGS)

histories: $(READY)  ## Play 10,000 random histories and judge each (long)
	LOCKSMITH_TEST_ROUNDS=long $(BIN)/pytest tests/proofs/test_histories.py -m "slow or not slow" -n $(WORKERS) $(ARGS)

mutants: $(READY)  ## Take each guard away in a copy and see that the histories notice (long)
	$(BIN)/python -m tests.proofs.histories.mutants $(ARGS)

policies: $(READY)  ## Rewrite 100,000 random policies in 16 ways: none is wider, and each loses what is named (about 6 minutes)
	LOCKSMITH_EXAMPLES=100000 $(BIN)/pytest tests/policy/rewrites -n $(WORKERS) --timeout 1200 $(ARGS)

month: $(READY)  ## Play a month of unattended work: people, outages, a freeze (about 2 minutes)
	$(BIN)/pytest tests/proofs/test_month.py -m "slow or not slow" $(ARGS)

fixes: $(READY)  ## Fix everything that is wrong in whole accounts, and take all of it back (about two minutes)
	$(BIN)/pytest tests/engine/test_whole_account.py tests/engine/test_opt_in_controls.py -m "slow or not slow" -n $(WORKERS) $(ARGS)

image: $(READY)  ## Run the Dockerfile's install steps in an empty folder (about a minute, downloads)
	$(BIN)/pytest tests/test_dockerfile.py -m "slow or not slow" $(ARGS)

slack-tools: $(READY) $(EMULATOR)  ## Install the Slack emulator from npm (as root on Debian, npm itself too)

slack-demo: slack-tools  ## Click the bot's buttons in an emulated Slack, on a simulated account (downloads)
	$(BIN)/python -m tools.slack.demo $(ARGS)

slack-e2e: slack-tools $(BROWSER)  ## Run the bot against the Slack emulator, with Chromium clicking (downloads)
	$(PYTHON) -m tools.programs chromium
	$(BIN)/pytest tests/emulator -m emulator $(ARGS)

slack-pictures: slack-tools $(BROWSER)  ## Take the documentation's pictures of Slack anew (downloads)
	$(PYTHON) -m tools.programs chromium
	LOCKSMITH_PICTURES=docs/pictures $(BIN)/pytest tests/emulator/test_bot.py -m emulator -k socket $(ARGS)

slack-load: $(READY)  ## 2,000 questions at Slack's pace, 200 clicks while AWS is slow, outages (about 3 minutes)
	$(BIN)/pytest tests/slack -m slow $(ARGS)

slack-manifest: $(READY) $(TYPES)  ## Check the Slack app's manifests against Slack's own types (downloads)
	$(BIN)/python -m tools.manifest_check

lock:            ## Resolve the lock files anew
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install -q uv
	.venv-lock/bin/uv pip compile -q pyproject.toml --group dev --extra demo --extra postgres \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-o requirements/dev.txt
	.venv-lock/bin/uv pip compile -q pyproject.toml --extra postgres \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-c requirements/dev.txt -o requirements/runtime.txt
	.venv-lock/bin/uv pip compile -q --group browser \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-c requirements/dev.txt -o requirements/browser.txt
	echo hatchling | .venv-lock/bin/uv pip compile -q - \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		-c requirements/dev.txt -o requirements/build.txt
	rm -rf .venv-lock

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Locksmith needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(BROWSER): requirements/browser.txt $(READY)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/browser.txt
	touch $@

$(EMULATOR): tools/slack/package-lock.json
	$(PYTHON) -m tools.programs npm unshare
	npm ci --prefix tools/slack --ignore-scripts --no-audit --no-fund
	touch $@

$(TYPES): tools/manifest/package-lock.json
	$(PYTHON) -m tools.programs npm
	npm ci --prefix tools/manifest --ignore-scripts --no-audit --no-fund
	touch $@

clean:           ## Remove what the other targets made
	rm -rf $(VENV) .venv-lock tools/slack/node_modules tools/manifest/node_modules tools/manifest/build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
