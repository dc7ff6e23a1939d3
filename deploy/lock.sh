#!/usr/bin/env bash
# Writes the lock files anew from the lower bounds of pyproject.toml: every version exact, every archive by its hash,
# for every Python from 3.11 on, and no address of any index in them.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip --quiet --disable-pip-version-check install 'uv>=0.6'

compile() {
    .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@" >/dev/null
}

compile pyproject.toml --output-file requirements.lock
compile pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
compile --group build --output-file requirements-build.lock
compile --group clients --output-file tests/clients/python/requirements.lock
compile tests/clients/python/mayan.in --output-file tests/clients/python/mayan.lock

if grep -nE '[a-z]+://|^--' requirements*.lock tests/clients/python/*.lock; then
    echo "An address of an index stands in a lock file; it may not be committed." >&2
    exit 1
fi
