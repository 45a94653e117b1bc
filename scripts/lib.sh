# Sourced by build, serve and test: what this machine lacks, installed by apt-get, and the paths they share.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
NAME=${0##*/}
MIN_RUST=1.88
TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
MODULE=$ROOT/modules/swoole.so

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The header comment of the calling script is its help text.
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit "${1:-0}"; }

# ---- packages -------------------------------------------------------------------------------------------------

WANTED=() REFRESH=
want() { WANTED+=("$@"); }
want_for() { have "$1" || want "$2"; }      # want_for COMMAND PACKAGE
want_file() { compgen -G "$1" >/dev/null || want "$2"; }   # want_file GLOB PACKAGE

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    else die "needs root or sudo to run: $*"
    fi
}

# Installs what want() collected; nothing at all happens where nothing is missing.
install_wanted() {
    [ ${#WANTED[@]} -gt 0 ] || return 0
    local packages=("${WANTED[@]}") log
    WANTED=()
    have apt-get || die "missing: ${packages[*]} (no apt-get here: install them by hand)"
    log=$(mktemp)
    say "installing ${packages[*]}"
    # A machine that was interrupted half-way has packages unpacked and not configured.
    as_root dpkg --configure -a >>"$log" 2>&1 || true
    local install=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install --no-install-recommends)
    if [ -n "$REFRESH" ] || ! as_root "${install[@]}" "${packages[@]}" >>"$log" 2>&1; then
        REFRESH=
        as_root apt-get -q -o DPkg::Lock::Timeout=300 update >>"$log" 2>&1 \
            || { tail -n 5 "$log" >&2; die "apt-get update failed (log: $log)"; }
        as_root "${install[@]}" -f "${packages[@]}" >>"$log" 2>&1 \
            || { tail -n 5 "$log" >&2; die "apt-get could not install ${packages[*]} (log: $log)"; }
    fi
    rm -f "$log"
    hash -r
}

# version_at_least 1.95.0 1.88
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

debian_php() {
    case $(. /etc/os-release 2>/dev/null; echo "${VERSION_ID:-}") in
        13) echo 8.4 ;;
        *) echo 8.2 ;;
    esac
}

rust_version() { rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p'; }

# rustup puts its tools where a login shell finds them, a script may not.
find_rust() {
    local cargo_home=${CARGO_HOME:-${HOME:-/root}/.cargo}
    if ! have cargo && [ -x "$cargo_home/bin/cargo" ]; then PATH=$cargo_home/bin:$PATH; fi
    export PATH
}

rust_is_enough() {
    local version
    have cargo || return 1
    version=$(rust_version)
    [ -n "$version" ] && version_at_least "$version" "$MIN_RUST"
}

need_rust() {
    find_rust
    if rust_is_enough; then return; fi
    # Debian's plain rustc stays what it was at the release; the -web packages follow what browsers need.
    case $(. /etc/os-release 2>/dev/null; echo "${VERSION_ID:-}") in
        12 | 13) want rustc-web cargo-web ;;
        *) if apt-cache show rustc-web >/dev/null 2>&1; then want rustc-web cargo-web; else want rustc cargo; fi ;;
    esac
    # An older rustc-web would count as installed where the lists are older than its update.
    REFRESH=1
}

check_rust() {
    hash -r
    # An old rustup in front of the packages that were just installed.
    if ! rust_is_enough; then export PATH=/usr/bin:$PATH; fi
    rust_is_enough || die "needs Rust $MIN_RUST or newer, found: $(rust_version || true) (Debian's newest is in its security archive)"
}

# ---- PHP ------------------------------------------------------------------------------------------------------

# PHP_CONFIG chooses another PHP than the distribution's.
need_php() {
    [ -z "${PHP_CONFIG:-}" ] || return 0
    PHP_VERSION=$(debian_php)
    have php-config || want "php$PHP_VERSION-dev"
    have php || want "php$PHP_VERSION-cli"
}

check_php() {
    hash -r
    PHP_CONFIG=$(command -v "${PHP_CONFIG:-php-config}" || true)
    [ -n "$PHP_CONFIG" ] && [ -x "$PHP_CONFIG" ] || die "no php-config: set PHP_CONFIG=/path/to/php-config"
    PHP=$("$PHP_CONFIG" --php-binary)
    [ -x "$PHP" ] || die "$PHP_CONFIG names $PHP as its php, and that is not there"
    PHP_VERSION=$("$PHP_CONFIG" --version)
    PHP_VERSION=${PHP_VERSION%.*}
    PHP_EXTENSIONS=$("$PHP_CONFIG" --extension-dir)
    case $PHP_VERSION in
        8.2 | 8.3 | 8.4) ;;
        *) die "PHP $PHP_VERSION is not supported (8.2, 8.3 and 8.4 are)" ;;
    esac
    # ext-php-rs finds its PHP by these two.
    export PHP PHP_CONFIG
}

# ---- the build ------------------------------------------------------------------------------------------------

need_build() {
    need_php
    need_rust
    want_for cc gcc
    want_for clang clang
    want_file "/usr/lib/llvm-*/lib/libclang.so*" libclang-dev
    want_for pkg-config pkg-config
    want_file "/usr/include/openssl/ssl.h" libssl-dev
    want_for make make
    want_for git git
    want_file "/etc/ssl/certs/ca-certificates.crt" ca-certificates
    install_wanted
    check_php
    check_rust
}

# build_module release|dev: leaves modules/swoole.so, replaced in one step (a running php keeps the old one mapped).
build_module() {
    local profile=$1 dir=$1 flags=()
    if [ "$profile" = release ]; then flags=(--release); else dir=debug; fi
    say "building swoole.so ($profile, PHP $PHP_VERSION, rustc $(rust_version))"
    # Calls of other objects are bound when they are first made: a php that starts has no use for most of them.
    (cd "$ROOT" && if [ "$profile" = release ]; then export RUSTFLAGS=${RUSTFLAGS--C relro-level=partial}; fi \
        && CARGO_TARGET_DIR=$TARGET_DIR cargo build "${flags[@]}" -p swoole) || die "the build failed"
    mkdir -p "$ROOT/modules"
    cp "$TARGET_DIR/$dir/libswoole.so" "$MODULE.new"
    mv -f "$MODULE.new" "$MODULE"
}
