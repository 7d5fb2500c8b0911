# Two commands are all a newcomer needs: `make train` and `make test`. Python 3.11 or later and make are all that must be installed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.mdm_nb
ARGS ?=
# glibc keeps freed memory, so that large tensors need not fetch their pages anew, and Python what it
# has compiled: PyTorch's modules would take every process two seconds.
KEEP := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 PYTHONDONTWRITEBYTECODE=

.DEFAULT_GOAL := help
.PHONY: help train test docs serve lab bench readme export lint clean distclean

help: ## say what there is to make
	@echo "mdm_nb: diffusion models trained and judged by likelihood"
	@echo
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo
	@echo "Options go in ARGS, such as: make train ARGS='--steps 3000 --seed 1'"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mdm_nb needs Python 3.11 or later, and $(PYTHON) is %d.%d: try make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian or Ubuntu, apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

# Installed again only when what is to be installed may have changed.
$(STAMP): settings.ini setup.py pyproject.toml | $(BIN)/python
	@echo "== installing mdm_nb and what it needs (the first time downloads PyTorch, which takes a few minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev,docs]'
	@touch $@

train: $(STAMP) ## train a model on the 8x8 digits and evaluate it, on a CPU, in a few minutes
	@echo "== training; \`$(BIN)/mdm_train --help\` lists the options"
	@$(BIN)/mdm_train $(ARGS)

test: $(STAMP) ## run every check, saying what each is and how long it took
	@$(KEEP) $(BIN)/python tools/check.py $(ARGS)

docs: $(STAMP) ## build the site into _docs
	@echo "== building the site from the notebooks"
	@$(BIN)/python tools/docs.py $(ARGS)

serve: docs ## build the site and show it at http://127.0.0.1:8000
	@echo "== serving _docs at http://127.0.0.1:8000; Ctrl-C stops"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _docs 8000

lab: $(STAMP) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab nbs $(ARGS)

bench: $(STAMP) ## measure import time, kernels, a training step beside other libraries', reverse steps
	@$(BIN)/python tools/bench.py $(ARGS)

readme: $(STAMP) ## write README.md from nbs/index.ipynb
	@$(BIN)/python tools/readme.py

export: $(STAMP) ## write the modules from the notebooks
	@echo "== nbdev-export"
	@$(BIN)/nbdev-export
	@$(BIN)/python tools/api.py

lint: $(STAMP) ## check the style of modules, notebooks, tests and tools
	@$(BIN)/ruff check .

clean: ## remove what was built; runs and the environment stay
	@echo "== removing _docs, _proc, build and caches"
	@rm -rf _docs _proc build dist .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove the environment too
	@rm -rf $(VENV)
