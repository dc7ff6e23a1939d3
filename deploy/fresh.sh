#!/usr/bin/env bash
# The proof that a newcomer's machine is enough: the README's two commands in a bare Debian 12 made by debootstrap,
# with nothing in it but Python, make and git, from a clone of what is committed. Needs root, debootstrap and the
# network; takes the better part of half an hour on 2 cores.
#
#   deploy/fresh.sh                  make demo (once), then make test
#   deploy/fresh.sh 'make install'   other commands instead
#
# How packages are reached is the outer machine's affair and is handed in from its environment, never written down:
# DEBIAN_MIRROR, http_proxy and its kin, every PIP_* variable, /etc/pip.conf, the certificates of PIP_CERT or
# SSL_CERT_FILE, and the lists of Debian's own packages if the outer machine runs the same release.
# FRESH_ROOT=directory keeps the root, and uses it again.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || { echo "make fresh needs root: it makes a root file system and changes into it." >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "make fresh needs debootstrap: apt-get install debootstrap" >&2; exit 69; }

release=bookworm
mirror=${DEBIAN_MIRROR:-}
root=${FRESH_ROOT:-$(mktemp -d "${TMPDIR:-/tmp}/fresh.XXXXXX")}
[ -n "${FRESH_ROOT:-}" ] || trap 'rm -rf --one-file-system "$root"' EXIT

[ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase "$release" "$root" ${mirror:+"$mirror"}

hand_in_how_packages_are_reached() {
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    if [ -z "$mirror" ] && grep -q "VERSION_CODENAME=$release" /etc/os-release; then
        [ ! -s /etc/apt/sources.list ] || cp /etc/apt/sources.list "$root/etc/apt/sources.list"
        if [ -f /etc/apt/sources.list.d/debian.sources ]; then
            cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
            [ -s /etc/apt/sources.list ] || : >"$root/etc/apt/sources.list"
        fi
    fi
    [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
    # Under another name, because the root's own ca-certificates will write its bundle over the usual one.
    certificates=${PIP_CERT:-${SSL_CERT_FILE:-}}
    [ -z "$certificates" ] || cp -L "$certificates" "$root/srv/outer-certificates.pem"
}

hand_in_how_packages_are_reached
rm -rf "$root/srv/hopnhat"
git clone --quiet --no-hardlinks . "$root/srv/hopnhat"

given=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}")
while IFS='=' read -r name value; do
    case $name in
        PIP_FIND_LINKS) continue ;; # a folder of the outer machine
        PIP_CERT | SSL_CERT_FILE) value=/srv/outer-certificates.pem ;;
        PIP_* | http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY) ;;
        *) continue ;;
    esac
    given+=("$name=$value")
done < <(env)

[ $# -gt 0 ] || set -- 'make demo DEMO=--once' 'make test'
commands=$(printf '%s\n' "$@")

# Namespaces of its own: whatever is mounted or started in the root ends with it.
unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
    root=$1 commands=$2
    shift 2
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    mkdir -p "$root/dev/shm" "$root/dev/pts"
    mount -t tmpfs tmpfs "$root/dev/shm"
    mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
    ln -s pts/ptmx "$root/dev/ptmx"
    exec env -i "$@" chroot "$root" bash -euo pipefail -c "
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends python3 make git >/dev/null
        cd /srv/hopnhat
        while read -r command <&3; do
            echo \"fresh: \$command\"
            time bash -c \"\$command\" 3<&-
        done 3<<<\"\$1\"
        echo \"fresh: done\"
    " fresh "$commands"
' fresh "$root" "$commands" "${given[@]}"
