# The list of commands. `make` alone prints it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
WORKERS ?= 2
TEST_THREADS ?= 1
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test soak test-matrix check format schema pictures train-mini

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

# The stamp is newer than what it depends on, so the environment is made once.
$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(VENV)/.ready ## run grounded_sam on the sample image, from nothing
	@$(BIN)/openseg run grounded_sam --image openseg/mini/samples --text "the green lamp; the purple ball; the red hat; the blue chair" --out runs/demo --overwrite

test: $(VENV)/.ready ## run every test
	OMP_NUM_THREADS=$(TEST_THREADS) $(BIN)/pytest -n $(WORKERS)

soak: $(VENV)/.ready ## long forms of the tests in docs/promises.md; figures go to runs/soak.jsonl
	OMP_NUM_THREADS=$(TEST_THREADS) OPENSEG_SOAK=$(CURDIR)/runs/soak.jsonl $(BIN)/pytest --timeout=0 $(ARGS) \
	  $$(grep -rlE 'tests.(soaking|fuzzing) import' tests --include='test_*.py')

# Every Python that is here with the highest versions, the oldest also with the lowest.
MATRIX ?= 3.11 3.12 3.13
MATRIX_TESTS ?= tests
MATRIX_ROOM ?= build/matrix
test-matrix: ## run the tests with each Python and with the lowest versions: MATRIX_TESTS="tests/types tests/io"
	@failed=; for name in lowest $(MATRIX); do \
	  version=$$([ $$name = lowest ] && echo 3.11 || echo $$name); room=$(MATRIX_ROOM)/$$name; \
	  command -v python$$version >/dev/null || { echo "$$name: no python$$version here"; continue; }; \
	  mkdir -p $$room; : > $$room/bounds.txt; \
	  [ $$name != lowest ] || python$$version -m tests.lowest > $$room/bounds.txt || exit 1; \
	  { [ -x $$room/bin/pip ] || python$$version -m venv $$room; } \
	    && $$room/bin/pip install --quiet --constraint $$room/bounds.txt --editable '.[dev]' || exit 1; \
	  echo "== $$name"; OMP_NUM_THREADS=$(TEST_THREADS) $$room/bin/python -m pytest -n $(WORKERS) $(MATRIX_TESTS) || failed="$$failed $$name"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

check: $(VENV)/.ready ## style, types, import contracts, file sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest tests/test_house.py

format: $(VENV)/.ready ## put the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(VENV)/.ready ## write the JSON Schema of methods for editors
	$(BIN)/openseg schema --out docs/method.schema.json

pictures: $(VENV)/.ready ## make the README's pictures again
	$(BIN)/openseg run grounded_sam --image openseg/mini/samples --text "the green lamp; the purple ball; the red hat; the blue chair" --out runs/pictures --overwrite
	cp runs/pictures/overlay/room.png docs/images/demo.png
	$(BIN)/openseg show grounded_sam --svg docs/images/grounded_sam.svg
	$(BIN)/openseg eval mini-ref --pipeline clip_ranked_masks --oracle --out runs/pictures-eval --overwrite
	cp runs/pictures-eval/waterfalls/clip_ranked_masks.svg docs/images/waterfall.svg
	$(BIN)/python -m tests.pictures
	$(BIN)/python -m tests.ui.pictures

# The allocator's settings nearly double the speed of training on a CPU.
train-mini: $(VENV)/.ready ## train a mini model: MODEL=grounding-dino|sam|clip|dino|sd|vlm|mask2former|parser ARGS="--budget-minutes 60"
	@test -f data/rooms/train/things_000.jsonl || $(BIN)/python -m openseg.mini.rooms --out data/rooms
	OMP_NUM_THREADS=1 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456 \
	  $(BIN)/python -m openseg.mini.recipes $(MODEL) --data data/rooms --out runs/train/$(MODEL) $(ARGS)
