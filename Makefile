# One word a task; `make` lists them. Everything installs what it lacks first.
SHELL := /bin/bash
PYTHON := .venv/bin/python
JSON ?=
json_option = $(if $(JSON),--json $(JSON))
.DEFAULT_GOAL := help
.PHONY: help setup build test test-data demo demo-plan demo-data models models-quantised data-composites bench bench-kernel bench-system bench-peers bench-media bench-preproc bench-breakdown bench-cost-model bench-planner bench-data format lint asan tsan clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: ## Install what building and testing need
	@tools/dev/setup.sh build test bench

build: setup ## Build the release preset: build/release/smol
	@mkdir -p build
	@[ -f build/release/build.ninja ] || cmake --preset release > build/configure.log || { cat build/configure.log; exit 1; }
	@cmake --build --preset release

test: build demo-data test-data ## Build and run every test, C++ and Python
	@$(PYTHON) tools/dev/run_tests.py

test-data: setup ## Test images of other projects into var/corpora
	@tools/data/fetch_corpora.sh

demo-data: setup ## Photographs and the EfficientNet-Lite0 model into var/
	@tools/data/fetch_photos.sh
	@[ -f var/models/efficientnet-lite0.onnx ] || $(PYTHON) tools/models/export_efficientnet_lite.py var/models

models: setup ## EfficientNet-Lite0, 1 and 2 into var/models
	@for variant in 0 1 2; do [ -f var/models/efficientnet-lite$$variant.onnx ] || \
	  $(PYTHON) tools/models/export_efficientnet_lite.py var/models --variants $$variant || exit 1; done

data-composites: build demo-data models ## Labelled pictures of two sizes, calibration and test, into var/composites
	@tools/data/fetch_stamps.sh
	@$(PYTHON) tools/data/make_composites.py

models-quantised: build bench-data models ## INT8 variants of the three EfficientNet-Lite (NNCF)
	@$(PYTHON) -m pip install -q --disable-pip-version-check -r tools/models/requirements-int8.txt
	@for size in 0 1 2; do [ -f var/models/efficientnet-lite$$size-int8.onnx ] || \
		$(PYTHON) tools/models/quantise.py var/models/efficientnet-lite$$size.onnx --pictures var/photos-500; done

demo-plan: build data-composites models-quantised ## smol chooses: the plan against the naive one, on pictures it has not seen; the report
	@$(PYTHON) tools/demo/plan_demo.py

demo: build demo-data ## Classify real photographs and a frame a second of real videos; show some labels
	@echo '$$ build/release/smol run var/photos --model var/models/efficientnet-lite0.onnx -o var/demo --softmax --overwrite'
	@build/release/smol run var/photos --model var/models/efficientnet-lite0.onnx -o var/demo --softmax --overwrite
	@$(PYTHON) tools/demo/show_rows.py var/demo
	@tools/data/fetch_videos.sh
	@echo '$$ build/release/smol run var/videos --frames fps=1 --model var/models/efficientnet-lite0.onnx -o var/demo-videos --softmax --overwrite'
	@build/release/smol run var/videos --frames fps=1 --model var/models/efficientnet-lite0.onnx -o var/demo-videos --softmax --overwrite
	@$(PYTHON) tools/demo/show_rows.py var/demo-videos

bench: bench-kernel bench-system bench-peers bench-media bench-preproc bench-breakdown bench-cost-model bench-planner ## All benches

bench-data: demo-data ## Pictures and models of the benches into var/
	@$(PYTHON) tools/data/make_bench_photos.py
	@[ -f var/models/mobilenetv2-0.35.onnx ] || $(PYTHON) tools/models/make_bench_models.py var/models

bench-kernel: build bench-data ## Preprocessing kernels against Pillow and numpy, one core
	@$(PYTHON) bench/kernel/run.py $(json_option)
	@build/release/cost_weights

bench-system: build bench-data ## Pipelined throughput against what the stages allow
	@$(PYTHON) bench/system/run.py $(json_option)

bench-peers: build bench-data ## The same job as people do it today
	@$(PYTHON) bench/peers/run.py $(json_option)

bench-media: build bench-data ## Every way to read pictures and videos, beside the full decode and the best peer
	@tools/dev/setup.sh bench
	@$(PYTHON) tools/data/make_bench_formats.py
	@$(PYTHON) tools/data/make_bench_clips.py
	@$(PYTHON) bench/media/run.py $(json_option)

bench-preproc: build bench-data ## Preparing pictures: fused against step by step, and whole paths against other libraries
	@$(PYTHON) bench/preproc/run.py $(json_option)

bench-breakdown: build bench-data ## Where the time goes, operation by operation, and what each of the engine's means gives
	@$(PYTHON) bench/breakdown/run.py $(json_option)

bench-cost-model: build bench-data models ## What four cost models say of real plans, and what it costs to believe them
	@$(PYTHON) bench/cost_model/run.py $(json_option)

bench-planner: build ## The planner: 10,000 candidates, and how often its intervals hold over 10,000 simulated calibration sets
	@build/release/planner_bench

format: ## Format C++ and Python
	@tools/dev/setup.sh build test lint
	@git ls-files '*.h' '*.cpp' | xargs clang-format-19 -i
	@.venv/bin/ruff format -q tools tests bench

lint: ## Formatting, clang-tidy and ruff, without changing anything
	@tools/dev/setup.sh build test bench lint
	@tools/dev/lint.sh

asan: setup ## The C++ tests under AddressSanitizer and UBSan
	@cmake --preset asan > /dev/null && cmake --build --preset asan
	@$(PYTHON) tools/dev/run_tests.py --build build/asan --cpp-only
	@tools/data/fetch_corpora.sh
	@$(PYTHON) tools/dev/check_corpora.py build/asan

tsan: setup ## The C++ tests under ThreadSanitizer
	@cmake --preset tsan > /dev/null && cmake --build --preset tsan
	@$(PYTHON) tools/dev/run_tests.py --build build/tsan --cpp-only

clean: ## Remove what was built; keeps .venv and var/
	rm -rf build
