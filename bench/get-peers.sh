#!/bin/sh
# Installs the backup programs that Beffroi is measured against: restic, borg, bupstash, rustic.
#
#   get-peers.sh [--prefix DIR] [restic|borg|bupstash|rustic]...
#
# For root on Debian 12, with cargo on the PATH. Without names it installs all four into DIR/bin
# (default /opt/peers). A program that is already there in the wanted version is left alone. At the
# end it prints the versions found and fails if one is missing. The two Rust programs take about
# fifteen minutes each; CARGO_TARGET_DIR (default /tmp/peers-target) may be deleted afterwards.
set -eu

RESTIC_VERSION=0.19.1
BORG_VERSION=1.4.5
BUPSTASH_VERSION=0.12.0
RUSTIC_VERSION=0.11.4

prefix=/opt/peers
debian_mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

main() {
    peers=
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix)
            [ $# -ge 2 ] || stop "--prefix needs a folder"
            prefix=$2
            shift
            ;;
        restic | borg | bupstash | rustic) peers="$peers $1" ;;
        *) stop "unknown argument: $1 (usage: get-peers.sh [--prefix DIR] [restic|borg|bupstash|rustic]...)" ;;
        esac
        shift
    done
    peers=${peers:-restic borg bupstash rustic}
    [ "$(id -u)" = 0 ] || stop "run this as root: it installs Debian packages"
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-/tmp/peers-target}"
    mkdir -p "$prefix/bin"
    for peer in $peers; do
        if installed "$peer"; then
            say "$peer is already there"
        else
            say "installing $peer"
            "install_$peer"
        fi
    done
    report
}

# restic comes from Debian's sid suite; its binary is static, so it runs on Debian 12. The suite's lists live in
# a folder of their own: the system's package lists and preferences stay as they are.
install_restic() {
    suite=$(mktemp -d)
    mkdir -p "$suite/lists/partial" "$suite/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $debian_mirror sid main" >"$suite/sources.list"
    # apt drops its rights to fetch; it must be able to write here.
    chmod 755 "$suite"
    chown -R _apt "$suite" 2>/dev/null || true
    sid_apt update -qq
    (cd "$suite" && sid_apt download -qq restic)
    dpkg -x "$suite"/restic_*.deb "$suite/unpacked"
    install -m 755 "$suite/unpacked/usr/bin/restic" "$prefix/bin/restic"
    rm -rf "$suite"
}

sid_apt() {
    apt-get -o Dir::Etc::SourceList="$suite/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$suite/lists" -o Dir::Cache::Archives="$suite/archives" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

install_borg() {
    need_packages python3-venv python3-dev gcc pkg-config libacl1-dev libssl-dev liblz4-dev libxxhash-dev libzstd-dev
    /usr/bin/python3 -m venv "$prefix/borg-venv"
    "$prefix/borg-venv/bin/pip" install --quiet "borgbackup==$BORG_VERSION"
    ln -sf ../borg-venv/bin/borg "$prefix/bin/borg"
}

install_bupstash() {
    need_packages gcc pkg-config libsodium-dev
    cargo_install bupstash "$BUPSTASH_VERSION"
}

install_rustic() {
    need_packages gcc pkg-config
    cargo_install rustic-rs "$RUSTIC_VERSION"
}

cargo_install() {
    command -v cargo >/dev/null || stop "cargo is not on the PATH: install Rust first (https://rustup.rs)"
    # From /: a `.cargo/config.toml` or a toolchain file of the current folder must not weigh on the peers.
    (cd / && nice -n 19 cargo install "$1" --version "$2" --locked --root "$prefix" -j "${CARGO_JOBS:-1}")
}

need_packages() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
    done
    [ -z "$missing" ] && return
    say "installing Debian packages:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word per package
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
}

wanted() {
    case $1 in
    restic) echo "$RESTIC_VERSION" ;;
    borg) echo "$BORG_VERSION" ;;
    bupstash) echo "$BUPSTASH_VERSION" ;;
    rustic) echo "$RUSTIC_VERSION" ;;
    esac
}

# Prints the first line a program says about its version; nothing if it does not run.
version() {
    case $1 in
    restic) "$prefix/bin/restic" version ;;
    *) "$prefix/bin/$1" --version ;;
    esac 2>/dev/null | head -n 1
}

installed() {
    # Debian's sid moves on: any restic will do, and the report says which.
    [ "$1" = restic ] && { [ -n "$(version restic)" ]; return; }
    case $(version "$1") in
    *"$(wanted "$1")"*) return 0 ;;
    *) return 1 ;;
    esac
}

report() {
    absent=
    for peer in $peers; do
        line=$(version "$peer")
        [ -n "$line" ] || absent="$absent $peer"
        printf '%-9s wanted %-7s found: %s\n' "$peer" "$(wanted "$peer")" "${line:-nothing}"
    done
    [ -z "$absent" ] || stop "not installed:$absent"
    say "add them to the PATH: export PATH=$prefix/bin:\$PATH"
}

say() { echo "get-peers: $*"; }

stop() {
    echo "get-peers: $*" >&2
    exit 1
}

main "$@"
