#!/usr/bin/env bash
# Makes .venv and installs what the project needs; a second run with nothing new takes less than a second.
#
#   deploy/install.sh run     what `hopnhat` itself needs: `make demo`, `make run`
#   deploy/install.sh test    that, and PostgreSQL, Chromium and the tools the tests use: `make install`
#
# Distribution packages are installed when this user may (root, or sudo without a password); otherwise the one
# command to run is printed and the exit code is 1. Python packages come from the lock files, by hash, through
# whatever index the user's own pip is configured for.
#
# PYTHON=...                 the interpreter to use, 3.11 or newer (otherwise the first one found)
# ARGON2_MARCH=...   the machine argon2's bindings are compiled for (default native; containers: x86-64-v3)
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-run}
venv=.venv
march=${ARGON2_MARCH:-native}

say() { printf '%s\n' "$*" >&2; }

run_packages="python3-venv python3-dev gcc libc6-dev libldap-dev libsasl2-dev slapd ldap-utils openssl ca-certificates"
test_packages="git postgresql chromium chromium-driver poppler-utils zbar-tools"

case $profile in
    run)  lock=requirements.lock     packages=$run_packages ;;
    test) lock=requirements-dev.lock packages="$run_packages $test_packages" ;;
    *)    say "usage: deploy/install.sh run|test"; exit 64 ;;
esac

missing_packages() {
    local package
    for package in $packages; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

# The programs are ours to start and stop; the distribution's own services are not wanted, and in a container
# their start would fail the installation. policy-rc.d is Debian's way to say so.
install_packages() {
    local as=$1 missing=$2 policy=/usr/sbin/policy-rc.d ours=""
    say "installing from the distribution: $missing"
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $as tee $policy >/dev/null && $as chmod 755 $policy
        ours=yes
    fi
    local outcome=0
    $as apt-get update -qq || say "the package lists could not be renewed; going on with what is known"
    # shellcheck disable=SC2086  # the list is words on purpose
    $as env DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends $missing >&2 || outcome=$?
    [ -z "$ours" ] || $as rm -f $policy
    return $outcome
}

check_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "This is not a Debian system; make sure the counterparts of these packages are installed: $packages"
        return
    fi
    local missing
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        install_packages "" "$missing"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        install_packages sudo "$missing"
    else
        say "Packages of the distribution are missing, and this user may not install them. Run this once, then come back:"
        say ""
        say "  sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends ${missing% }'"
        exit 1
    fi
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "No Python 3.11 or newer with the venv module was found; set PYTHON=/path/to/python3."
    exit 1
}

# What the environment was made from: locks, project file, this script, interpreter, compiler target, processor.
fingerprint() {
    {
        sha256sum "$lock" requirements-build.lock pyproject.toml deploy/install.sh
        "$python" -VV
        pwd
        printf '%s\n' "$march"
        grep -m1 '^flags' /proc/cpuinfo || true
    } | sha256sum | cut -d' ' -f1
}

pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }

# The stock wheel of argon2's bindings takes twice the time of a build for this very processor, and the hash is the
# log-in. Compiled without pip's cache: a wheel kept there may come from another machine or other flags.
compile_argon2() {
    local wanted="$venv/argon2.lock"
    awk '/^argon2-cffi-bindings==/ {on=1} on {print} on && !/\\$/ {exit}' "$lock" >"$wanted"
    if CFLAGS="-O3 -march=$march" pip install --no-cache-dir --no-deps --no-build-isolation --force-reinstall \
        --require-hashes --no-binary argon2-cffi-bindings -r "$wanted" 2>"$venv/argon2.log"; then
        printf '%s\n' "-O3 -march=$march" >"$venv/argon2.flags"
        say "argon2's bindings are compiled for this machine (-march=$march)"
    else
        rm -f "$venv/argon2.flags"
        say "NOTICE: argon2's bindings could not be compiled (see $venv/argon2.log); the stock wheel is used."
        say "        Log-ins work, each costs about twice the processor time. hopnhat doctor shows the figure."
        pip install --no-deps --force-reinstall --require-hashes --only-binary :all: -r "$wanted"
    fi
}

# The project itself, where it stands; setuptools' advice about editable installations is kept for when it fails.
install_project() {
    pip install --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat --editable . \
        2>"$venv/project.log" || { cat "$venv/project.log" >&2; return 1; }
}

install_python_packages() {
    say "installing the Python packages of $lock into $venv"
    "$venv/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$venv"
    pip install --require-hashes -r requirements-build.lock
    compile_argon2
    pip install --no-build-isolation --require-hashes -r "$lock"
    install_project
}

check_packages
python=$(find_python)
made_from=$(fingerprint)
for stamp in "$venv/.installed-$profile" "$venv/.installed-test"; do
    [ -f "$stamp" ] || continue
    # What was installed for the tests serves for running, too.
    case $stamp in *-test) [ "$profile" = test ] || made_from=$(lock=requirements-dev.lock fingerprint) ;; esac
    [ "$(cat "$stamp")" != "$made_from" ] || exit 0
done
made_from=$(fingerprint)
install_python_packages
printf '%s\n' "$made_from" >"$venv/.installed-$profile"
say "ready: $venv/bin/hopnhat"
