# mcsv: `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The project's own Node.js and tools come first, for make's targets as for npm's scripts.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

NODE_MIN := 22.15
# Of our own: an `npm ci` by hand takes it away, and with it the link to the project's Node.js, and make puts both back.
INSTALLED := node_modules/.mcsv-installed

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

# ---- set-up -------------------------------------------------------------------------------------------------------

$(INSTALLED): package.json package-lock.json deploy/local/node/package-lock.json deploy/local/node/install.sh
	@deploy/local/node/install.sh $(NODE_MIN)
	@touch $@

.PHONY: install
install: $(INSTALLED) ## install dependencies, and a Node.js of the project's own where the machine's is older than 22.15

.PHONY: build
build: $(INSTALLED) ## compile TypeScript to dist/
	@deploy/local/build.sh

# ---- contract -----------------------------------------------------------------------------------------------------

.PHONY: gen
gen: $(INSTALLED) ## generate gen/ from proto/, and warn where openapi/ lags behind
	@buf lint
	@buf generate
	@# Code that does not follow proto yet has errors that are not told here; the comparison needs none of it.
	@deploy/local/build.sh >/dev/null || true
	@node dist/tests/contract/openapi-drift/main.js

# ---- run ----------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: up ## start what is not up, create users, convert images, show mails, PDFs and a trace
	@node dist/deploy/local/demo/main.js

.PHONY: up
up: build ## start the whole stack and wait until it is ready: in containers where Docker answers (STACK=docker|local decides)
	@node dist/deploy/main.js up

# These look at what runs: they build only what was never built, so that a half-done edit is not in their way.
STACK_PROGRAM := dist/deploy/main.js

$(STACK_PROGRAM):
	@$(MAKE) --no-print-directory build

.PHONY: down
down: | $(STACK_PROGRAM) ## stop the whole stack
	@node $(STACK_PROGRAM) down

.PHONY: ps
ps: | $(STACK_PROGRAM) ## list the processes of the stack
	@node $(STACK_PROGRAM) ps

.PHONY: logs
logs: | $(STACK_PROGRAM) ## follow the logs of the stack (S=user for one process)
	@node $(STACK_PROGRAM) logs $(S)

.PHONY: restart
restart: build ## restart one process of the stack (S=user)
	@node $(STACK_PROGRAM) restart $(S)

.PHONY: magick
magick: $(INSTALLED) ## bring a native ImageMagick 7 below .local/ where the system has none (Debian, no root needed)
	@deploy/local/magick/install.sh

# ---- check --------------------------------------------------------------------------------------------------------

.PHONY: test
test: build ## run all tests
	@vitest run

.PHONY: test-compose
test-compose: build ## the tests that need a Docker engine: the whole stack in containers
	@vitest run --config vitest.compose.config.mts

.PHONY: lint
lint: $(INSTALLED) ## types, lint, format, imports, unused code, contract
	@tsc --noEmit
	@biome check .
	@knip
	@buf lint
	@buf format --diff --exit-code
	@REDOCLY_SUPPRESS_UPDATE_NOTICE=true redocly lint --format=stylish
	@tests/contract/buf-breaking.sh

.PHONY: docs
docs: build ## generate docs/configuration.md from the services' config.ts
	@node dist/tests/docs/main.js

.PHONY: dashboards
dashboards: build ## generate Grafana's dashboards from observability/grafana/definitions
	@node dist/observability/grafana/definitions/main.js

.PHONY: fmt
fmt: $(INSTALLED) ## format everything
	@biome check --write .
	@buf format --write

.PHONY: bench
bench: build ## measure, as ratios taken in one run
	@node dist/tests/load/main.js

.PHONY: chaos
chaos: build ## hurt stacks under load, and see that nothing is lost or done twice (DRILL=name for one)
	@node dist/tests/chaos/main.js $(DRILL)

.PHONY: clean
clean: ## stop the stack and remove what was built, installed and stored
	@if [ -f dist/deploy/main.js ] && [ -d node_modules ]; then node dist/deploy/main.js clean; fi
	@rm -rf dist out .local node_modules deploy/local/node/node_modules
