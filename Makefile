# `make help` lists what there is. Needs Go, a JDK 17 and Maven; SAM's local commands also a Docker engine (infra/sam/README.md).
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

POLICY ?= photoroom
PORT   ?= 3000
# Every pinned tool is a Go tool of its own module, so that the project's own go.mod stays what a function links.
TOOL := go tool -modfile=infra/tools/go.mod
FUNCTIONS := $(notdir $(patsubst %/main.go,%,$(wildcard functions/*/main.go)))
# One way to compile, that of the functions: what lint and tests compile serves the functions that the local stack and SAM build, and a copy of the module.
export GOFLAGS ?= -trimpath
export CGO_ENABLED ?= 0
# SAM's Go builder takes neither tags nor linker flags: they travel in GOFLAGS (11 MB becomes 6).
SAM_GOFLAGS := -trimpath -tags=lambda.norpc "-ldflags=-s -w"
HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
TEST_TIMEOUT ?= 15m
DEPLOYMENT = -env $(or $(ENV),default) $(foreach pair,$(SET),-set '$(pair)')

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Use it

.PHONY: run
run: deps ## Serve the whole stack on http://127.0.0.1:3000 until interrupted (POLICY=photoroom PORT=3000 DATA=folder)
	@echo "compiling the local stack (a first run downloads Go modules)"
	@go build -o .build/local ./infra/local/cmd
	@exec .build/local serve --policy $(POLICY) --port $(PORT) --data "$(DATA)"

.PHONY: demo
demo: deps ## Play the story (infra/demo/README.md) on the real binaries: failure, bad results, double charge, statement
	@echo "compiling the local stack (a first run downloads Go modules)"
	@go run ./infra/local/cmd demo --policy $(POLICY)

## Change it

.PHONY: test
test: test-deps ## Run every test, against DynamoDB Local and ElasticMQ started for them (ARGS=…)
	go run ./infra/local/cmd services -- go test -shuffle=on -timeout $(TEST_TIMEOUT) $(ARGS) ./...

# Of acceptance, permission and the store nearly all time is DynamoDB Local's and that of built functions that they start, of the pages Chromium's, of
# plantings the compiler's, which the detector does not see; the others reckon, read or decode for ten times as long under it. With them CI would take longer than it may.
# DynamoDB Local does one thing at a time: the stories of the store have one of their own, beside that of the built functions. Under faults they wait
# for a third of their time, so four of them share it.
# Nothing is vetted here: lint vets the same files, and more, before. The detector needs cgo, what its tests build does not.
STORIES := go run ./infra/local/cmd services -- go test -vet=off -shuffle=on -timeout $(TEST_TIMEOUT) $(ARGS)
UNRACED := infra/acceptance|infra/bench/evidence|infra/browsertest|infra/web|infra/permission|infra/planting|shared/aws/dynamo|infra/templatetest|shared/ledger|shared/payment|shared/evidence/pixel
.PHONY: race
race: test-deps ## Run every test as CI does: shuffled, and under the race detector but for UNRACED
	go run ./infra/local/cmd services -- env CGO_ENABLED=1 go test -race -exec 'env CGO_ENABLED=0' -vet=off -shuffle=on -timeout $(TEST_TIMEOUT) $(ARGS) $$(go list ./... | grep -vE '/($(UNRACED))$$')
	$(STORIES) -parallel 4 ./shared/aws/dynamo & dynamo=$$!; \
	$(STORIES) $$(go list ./... | grep -E '/($(UNRACED))$$' | grep -v shared/aws/dynamo); rest=$$?; \
	wait $$dynamo && exit $$rest

.PHONY: fuzz
fuzz: ## Feed what reads foreign bytes for FUZZ_TIME each (60s), three targets at once for each processor
	infra/tools/fuzz.sh $(or $(FUZZ_TIME),60s)

.PHONY: nightly
nightly: deps ## Before a release: 5,000 random stories and 3,000 pictures in memory, 200 stories on DynamoDB Local under faults, a million expiries, 1,000 dead letters, the whole runbook (hours)
	go test -timeout 1h -run TestHoweverManyWalletsExpire ./shared/due -wallets 1000000
	go test -timeout 2h -run TestTheLawsHold ./shared/memory -rapid.checks=5000
	go test -timeout 1h -run TestALaw ./shared/evidence/pixel -rapid.checks=3000
	go run ./infra/local/cmd services -- go test -timeout 1h -run TestDeadLettersOfEveryKind ./infra/acceptance -letters 1000
	go run ./infra/local/cmd services -- go test -timeout 1h -run "TestTheRunbook|TestMoneyGoesBackOnceWherever" ./infra/acceptance -runbook -pairs
	go run ./infra/local/cmd services -- go test -timeout 12h -run TestTheLawsHoldOnDynamoDBWhen ./shared/aws/dynamo -rapid.checks=200

.PHONY: screenshots
screenshots: test-deps ## Make the pictures of the console and of the demo anew that the READMEs show
	go test -count=1 -run TestSixPages ./infra/browsertest -screenshots screenshots
	go run ./infra/local/cmd services -- go test -count=1 -run TestTheDemo ./infra/web -screenshots ../demo/screenshots

.PHONY: freeze
freeze: ## Keep the rows and messages as a release writes them, for later code to read: RELEASE=vX.Y.Z
	infra/tools/freeze.sh "$(RELEASE)"

.PHONY: former
former: deps ## Have a former release's code read what today's writes: RELEASE=vX.Y.Z, or any revision
	infra/tools/former.sh "$(RELEASE)"

.PHONY: lint
lint: ## Run golangci-lint and go vet
	go vet ./...
	$(TOOL) golangci-lint run --allow-serial-runners ./...

.PHONY: lint-api
lint-api: ## Lint the HTTP contract by redocly and spectral (Node and npm)
	infra/tools/openapi/lint.sh

.PHONY: clients
clients: ## Generate clients in Python, Swift and Kotlin from the HTTP contract into .local/clients, and compile Kotlin's
	infra/client/generate.sh python swift kotlin compile

.PHONY: web
web: ## Build the elements that apps show their customers, into .local/web/dist (Node and npm)
	infra/web/build.sh
.PHONY: web-check
web-check: web ## Look at their package as it would be published: exports, types, a page in React
	infra/web/check.sh

.PHONY: fmt
fmt: ## Lay out the code as lint wants it
	$(TOOL) golangci-lint fmt ./...

.PHONY: check
check: lint test sam-validate ## Everything to do before a commit

.PHONY: rename
rename: ## Give the module the address that it is fetched from: MODULE=example.org/you/makegood
	infra/tools/rename.sh "$(MODULE)"

.PHONY: generate
generate: ## Make generated files anew: the API's types from openapi.yaml, published policies as Go
	go generate ./...

.PHONY: build
build: $(FUNCTIONS:%=.build/%/bootstrap) ## Build every function for this machine's processor into .build/

.PHONY: FORCE
.build/%/bootstrap: FORCE
	CGO_ENABLED=0 GOOS=linux go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o $@ ./functions/$*

.PHONY: bench
bench: deps ## Count calls and capacity units of each operation, and time start and throughput
	go run ./infra/bench

.PHONY: bench-evidence
bench-evidence: ## Look at thousands of pictures, sound and spoilt, and say how often a machine decides and is wrong (HALF=tune, DIR=your own)
	$(if $(DIR),,infra/bench/evidence/fetch.sh)
	go build -o .build/bench-evidence ./infra/bench/evidence
	.build/bench-evidence -half $(or $(HALF),hold-out) $(if $(DIR),-dir "$(DIR)") $(ARGS)

.PHONY: deps
deps: ## Say what this machine lacks to run and test (with CI=true on Debian: install it)
	@infra/tools/deps.sh run

.PHONY: test-deps
test-deps:
	@infra/tools/deps.sh test

## SAM

.PHONY: sam-validate
sam-validate: ## Lint template.yaml by SAM and cfn-lint, and look at what SAM makes of it
	infra/sam/cli.sh validate --lint
	SAM_PYTHON=$(CURDIR)/.local/sam-venv/bin/python go test -count=1 -run TestTranslated ./infra/deploy

.PHONY: sam-build
sam-build: export GOFLAGS := $(SAM_GOFLAGS)
sam-build: export CGO_ENABLED := 0
sam-build: ## Build by SAM, for this machine's processor (ARCH=arm64 for another)
	infra/sam/cli.sh build --parameter-overrides Architecture=$(or $(ARCH),$(HOST_ARCH))

.PHONY: sam-invoke
sam-invoke: sam-deps sam-build ## Invoke one function in its container: F=decide-refund E=events/decide-refund/….json
	go run ./infra/sam invoke $(F) $(E)

.PHONY: sam-invoke-all
sam-invoke-all: sam-deps sam-build ## Invoke every function in its container, in the order of the flow
	go run ./infra/sam all

.PHONY: sam-check
sam-check: sam-deps sam-validate sam-build ## What CI does: purchase, start and refund in containers, with their permissions
	go run ./infra/sam check

.PHONY: sam-api
sam-api: sam-deps sam-build ## Serve the HTTP routes from containers on http://127.0.0.1:3001
	go run ./infra/sam api

.PHONY: sam-deps
sam-deps: deps
	@infra/tools/deps.sh sam

.PHONY: rehearse
rehearse: ## Deploy, play the story, update and delete on an AWS that is played on this machine (ARGS=--hold: look around)
	@infra/tools/deps.sh rehearse
	@go build -o .build/rehearse ./infra/rehearse
	@exec .build/rehearse $(ARGS)

.PHONY: deploy
deploy: ARCH := $(or $(ARCH),arm64)
deploy: deploy-check sam-build ## Build and deploy (ENV=prod for [prod] of samconfig.toml, ARCH=x86_64, SET="NAME=VALUE …" for parameters)
	go run ./infra/deploy $(DEPLOYMENT)

.PHONY: deploy-check
deploy-check: ## Say what AWS would refuse of a deployment, without asking it (ENV, SET as for deploy)
	@go run ./infra/deploy $(DEPLOYMENT) -check

.PHONY: clean
clean: ## Remove what was built; downloads stay in .local
	infra/sam/docker.sh stop
	rm -rf .build .aws-sam .local/sam .local/logs
