# Everything a developer or an operator does every day. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
bin := .venv/bin
rooms := foundation directory sso signing provisioning trial

.PHONY: help install install-run demo run check test kill clients fuzz bench migrate docs fresh lock

help: ## this list
	@printf 'Hợp Nhất: one sign-on for a merged administration\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## make .venv with everything for running and testing; says what to do where it may not
	@deploy/install.sh test

install-run:
	@deploy/install.sh run

demo: install-run ## the story on the real merger of three provinces, then a service to look at (DEMO="--once" checks and ends)
	@$(bin)/hopnhat demo $(DEMO)

run: install-run ## serve this installation on loopback (RUN="--port 8000")
	@$(bin)/hopnhat serve $(RUN)

check: install ## format, lint, strict types, floors, message catalogues
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/pytest tests/house -q

test: install ## every test: both databases, a real slapd, a real browser (TEST="-k words")
	$(bin)/pytest --numprocesses=$${TEST_PROCESSES:-2} --dist=loadfile $(TEST)

kill: install ## SIGKILL at a hundred random moments of apply, on both databases (KILL_SEED=7 repeats one)
	KILL_ROUNDS=$${KILL_ROUNDS:-100} $(bin)/pytest tests/provisioning/merger/test_kill.py -q -s

clients: install ## programs nobody here wrote log in through the provider (fetches them; wants Node 20, Go 1.26, root)
	@tests/clients/fetch.sh
	$(bin)/pytest tests/clients -o python_files='try_*.py test_*.py'

fuzz: install ## strange input at every address and every reader (FUZZ_SECONDS=600; FUZZ_SEED repeats one)
	$(bin)/python -m tests.sso.fuzzing $${FUZZ_SECONDS:-600} $(FUZZ_SEED)

bench: install ## what each kind of work costs on this machine, against the budgets
	@$(bin)/python -m tests.bench $(BENCH)

migrate: install-run ## bring the database to the newest schema
	@$(bin)/hopnhat db upgrade

docs: install ## write docs/reference from the code: commands, settings, the web interface
	@$(bin)/python docs/write_reference.py

fresh: ## the README's two commands in a bare Debian 12 made by debootstrap (root, long; not in CI)
	@deploy/fresh.sh

lock: ## resolve the dependencies anew and write the lock files
	@deploy/lock.sh
