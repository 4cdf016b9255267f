# The front door: `make help`. Everything it needs is installed on first use (`make setup`).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CAPP_CACHE ?= $(HOME)/.cache/capp-operator
# promtool and the kubectl of the control plane's version.
export PATH := $(CAPP_CACHE)/bin:$(PATH)

# What one clone compiled, another finds in the cache: paths count from here.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

JOBS ?= $(shell nproc)
export KUBECTL ?= kubectl
HELMFILE ?= helmfile
VERSION := $(shell sed -n 's/^set(CAPP_VERSION "\(.*\)")/\1/p' cmake/version.cmake)
# What `deploy` installs: the image of the operator, and which folder of config/ (docs/development.md).
IMG ?= ghcr.io/dana-team/container-app-operator:$(VERSION)
OVERLAY ?= default
# Seconds a fuzz target runs.
FUZZ_SECONDS ?= 20

OPERATOR := build/release/capp-operator
CTEST := ctest -j $(JOBS) --output-on-failure --no-tests=error
TEST_LABELS := unit apiserver

# configure-and-build PRESET [TARGET...]
build_preset = cmake --preset $(1) >/dev/null && cmake --build --preset $(1) -j $(JOBS) $(if $(2),--target $(2))
# Every label must have tests: a suite that was not built is not a suite that passes.
all_labels_present = for label in $(TEST_LABELS); do \
	  ctest --test-dir build/$(1) -N -L "^$$label$$" | grep 'Total Tests: [1-9]' >/dev/null \
	    || { echo "no test has the label $$label"; exit 1; }; done
run_tests = $(CTEST) --test-dir build/$(1) -L '^($(subst $() ,|,$(strip $(2))))$$'

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^##@ / {print substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-26s %s\n", $$1, $$2}' Makefile

##@ Prepare
.PHONY: setup toolchain clean
setup: ## Install compiler, libraries and control plane (Debian 12; does nothing where all is there)
	@tools/setup/setup
toolchain:
	@tools/setup/setup --check || tools/setup/setup
clean: ## Remove build/ (not the caches in CAPP_CACHE)
	rm -rf build

##@ Use
.PHONY: build demo run
build: toolchain ## Build the operator: build/release/capp-operator
	@$(call build_preset,release,capp-operator)
demo: build ## Show the operator at work on a control plane of its own; KEEP=1 leaves it running
	@tools/demo/demo
run: build ## Run the operator against the current kubeconfig; ARGS="--flag ..."
	$(OPERATOR) $(ARGS)

##@ Deploy
.PHONY: install uninstall deploy undeploy build-installer
need_kubectl = command -v $(KUBECTL) >/dev/null || { echo "no $(KUBECTL) here; 'make setup' builds one, or set KUBECTL="; exit 1; }
install: ## Install the CRDs into the current kubeconfig's cluster
	@$(need_kubectl)
	$(KUBECTL) apply --server-side -f config/crd/bases
uninstall: ## Remove every Capp and the CRDs from that cluster; the operator must be running to let the Capps go
	@$(need_kubectl)
	@tools/deploy/uninstall
deploy: ## Install CRDs and operator there: IMG=..., OVERLAY=default|production|webhookless|openshift
	@$(need_kubectl)
	@tools/deploy/render $(OVERLAY) $(IMG) | $(KUBECTL) apply --server-side -f -
	@tools/deploy/prune $(OVERLAY)
# The CRDs first, with the operator still there: it cleans up after each Capp, and takes its finalizer away.
undeploy: uninstall ## Remove every Capp, then the CRDs, then the operator, whichever overlay it was
	@tools/deploy/prune
build-installer: ## Write all that `deploy` installs to dist/install.yaml: IMG=..., OVERLAY=...
	@$(need_kubectl)
	@mkdir -p dist
	@tools/deploy/render $(OVERLAY) $(IMG) >dist/install.yaml
	@echo "dist/install.yaml: kubectl apply --server-side -f dist/install.yaml"

##@ Prerequisites
.PHONY: prereq enable-persistent-volumes
# PROVIDER_DNS_… reach helmfile by the environment, where the password is no argument that `ps` shows to everybody.
prereq: ## Install what Capps need besides Knative there: PROVIDER_DNS_REALM, _KDC, _POLICY, _NAMESERVER, _USERNAME, _PASSWORD
	@command -v $(HELMFILE) >/dev/null || { echo "no $(HELMFILE) here; see https://helmfile.readthedocs.io, or set HELMFILE="; exit 1; }
	@$(HELMFILE) --file charts/capp-prereq-helmfile.yaml sync
enable-persistent-volumes: ## Let the pods of Capps have persistent volumes (Knative's config-features)
	@$(need_kubectl)
	$(KUBECTL) patch configmap config-features --namespace knative-serving --type merge \
	  --patch '{"data": {"kubernetes.podspec-persistent-volume-claim": "enabled", "kubernetes.podspec-persistent-volume-write": "enabled"}}'

##@ Image
.PHONY: docker-build docker-push docker-buildx sbom
CONTAINER_TOOL ?= docker
PLATFORMS ?= linux/amd64,linux/arm64
# What an image says of itself; the build's context has no .git.
image_arguments = --build-arg REVISION=$$(git rev-parse --short=12 HEAD) \
	  --build-arg VERSION=$(VERSION) \
	  --build-arg SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct)
docker-build: ## Build the image IMG=... for this machine's architecture
	$(CONTAINER_TOOL) build $(image_arguments) --tag $(IMG) .
docker-push: ## Push IMG=...
	$(CONTAINER_TOOL) push $(IMG)
docker-buildx: ## Build IMG=... for PLATFORMS and push it
	$(CONTAINER_TOOL) buildx build --platform $(PLATFORMS) $(image_arguments) --tag $(IMG) --push .
sbom: build ## Write what is linked in to build/release/capp-operator.spdx.json (SPDX 2.3)
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) tools/sbom/sbom write build/release $(OPERATOR).spdx.json
	@tools/sbom/validate $(OPERATOR).spdx.json

##@ Check
.PHONY: lint fmt test test-unit test-apiserver test-stack test-all fuzz test-asan test-tsan bench
lint: toolchain ## Include direction, house rules, clang-format, shellcheck, clang-tidy
	@cmake --preset dev >/dev/null
	@tools/lint/run
fmt: toolchain ## Format all C++ in place
	@git ls-files -z --cached --others --exclude-standard '*.h' '*.cc' | xargs -0 -r clang-format-19 -i
# The operator as it is shipped comes before the tests of image and docs, which build it too, and so find it compiled.
test: lint ## Lint, then unit and apiserver tests
	@$(call build_preset,dev)
	@$(call build_preset,release,capp-operator)
	@$(call all_labels_present,dev)
	@$(call run_tests,dev,$(TEST_LABELS))
test-unit: toolchain ## Unit tests only
	@$(call build_preset,dev)
	@$(call run_tests,dev,unit)
test-apiserver: toolchain ## Tests against a real kube-apiserver only
	@$(call build_preset,dev)
	@$(call build_preset,release,capp-operator)
	@$(call run_tests,dev,apiserver)
test-stack: toolchain ## Tests among the real controllers of Knative, cert-manager and others (built on first use)
	@tools/stack/stack build
	@$(call build_preset,dev)
	@$(call run_tests,dev,stack)
fuzz: toolchain ## Run each fuzz target for FUZZ_SECONDS (20)
	@$(call build_preset,fuzz)
	@tools/fuzz/run $(FUZZ_SECONDS)
test-asan: toolchain ## Unit and apiserver tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(call build_preset,asan)
	@ASAN_SYMBOLIZER_PATH=$$(command -v llvm-symbolizer-19) UBSAN_OPTIONS=print_stacktrace=1 \
	  $(call run_tests,asan,$(TEST_LABELS))
test-tsan: toolchain ## Unit and apiserver tests under ThreadSanitizer
	@$(call build_preset,tsan)
	@TSAN_OPTIONS="second_deadlock_stack=1 external_symbolizer_path=$$(command -v llvm-symbolizer-19)" \
	  $(call run_tests,tsan,$(TEST_LABELS))
test-all: ## Everything: test, test-stack, fuzz, test-asan, test-tsan
	@for target in test test-stack fuzz test-asan test-tsan; do echo "== $$target"; $(MAKE) $$target; done
bench: toolchain ## Measure the operator; prints tables (docs/performance.md)
	@$(call build_preset,release,capp-operator bench_micro)
	@bench/run
	@build/release/bench/bench_micro
