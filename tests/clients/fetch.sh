#!/usr/bin/env bash
# Brings what `make clients` runs and nobody here wrote into .clients: libraries of Python, JavaScript, Go
# and Java by their lock files, and Debian's Apache, nginx, Dovecot and oidc-agent. A second run with nothing new takes no time.
set -euo pipefail
cd "$(dirname "$0")"
kept=$(cd ../.. && pwd)/.clients
packages="apache2 libapache2-mod-auth-openidc nginx-light dovecot-imapd oidc-agent-cli maven openjdk-17-jdk-headless"
mkdir -p "$kept"

stamp() { sha256sum fetch.sh "$@" | sha256sum | cut -d' ' -f1; }
is_new() { [ "$(cat "$kept/$1.stamp" 2>/dev/null)" != "$(stamp "${@:2}")" ]; }
remember() { stamp "${@:2}" >"$kept/$1.stamp"; }

# The programs are the tests' to start and end: Debian's own services are kept from starting, and removed from none.
fetch_packages() {
    local missing="" package
    for package in $packages; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    local as="" policy=/usr/sbin/policy-rc.d ours=""
    [ "$(id -u)" = 0 ] || as=sudo
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $as tee $policy >/dev/null && $as chmod 755 $policy
        ours=yes
    fi
    # shellcheck disable=SC2086  # the list is words on purpose
    $as env DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends $missing >&2
    [ -z "$ours" ] || $as rm -f $policy
}

# Debian 12 has neither new enough: openid-client wants Node 20, go-oidc Go 1.26.
for tool in node npm go; do
    command -v $tool >/dev/null || { echo "Install Node 20 and Go 1.26 or newer first: $tool is not there." >&2; exit 1; }
done
fetch_packages
if is_new python python/requirements.lock; then
    python3 -m venv --clear "$kept/python"
    "$kept/python/bin/pip" --quiet --disable-pip-version-check install --require-hashes -r python/requirements.lock
    remember python python/requirements.lock
fi
# An empty archive is laid out once. Its pages' pictures and scripts are left out: no test looks at a page of it.
if is_new mayan python/mayan.lock; then
    rm -rf "$kept/mayan" && python3 -m venv "$kept/mayan"
    "$kept/mayan/bin/pip" --quiet --disable-pip-version-check install --require-hashes -r python/mayan.lock
    MAYAN_MEDIA_ROOT="$kept/mayan/media" MAYAN_CELERY_BROKER_URL=memory:// PYTHONWARNINGS=ignore \
        "$kept/mayan/bin/mayan-edms.py" common_initial_setup --no-dependencies >"$kept/mayan.log" 2>&1 ||
        { cat "$kept/mayan.log" >&2; exit 1; }
    remember mayan python/mayan.lock
fi
if is_new node node/package.json node/package-lock.json; then
    mkdir -p "$kept/node" && cp node/package.json node/package-lock.json "$kept/node/"
    (cd "$kept/node" && npm ci --silent --no-audit --no-fund --ignore-scripts)
    remember node node/package.json node/package-lock.json
fi
if is_new go go/go.mod go/go.sum go/relying_party.go; then
    (cd go && go build -o "$kept/go-oidc" .)
    remember go go/go.mod go/go.sum go/relying_party.go
fi
# Maven has no lock file: every jar that came is compared, none may be missing and none too many.
if is_new spring java/pom.xml java/jars.sha256 java/SpringParty.java; then
    rm -rf "$kept/spring" && mkdir -p "$kept/spring/jars" "$kept/spring/classes"
    mvn --quiet --batch-mode --strict-checksums --file java/pom.xml dependency:copy-dependencies \
        -DoutputDirectory="$kept/spring/jars"
    (cd "$kept/spring/jars" && LC_ALL=C sha256sum -- *.jar) | diff java/jars.sha256 - >&2 ||
        { echo "The jars are not those of tests/clients/java/jars.sha256." >&2; exit 1; }
    javac -proc:none -Werror -cp "$kept/spring/jars/*" -d "$kept/spring/classes" java/SpringParty.java
    remember spring java/pom.xml java/jars.sha256 java/SpringParty.java
fi
