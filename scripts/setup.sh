#!/bin/bash
# Looks for what synk needs on this machine, says what is missing and, on Debian and its kin, installs it after asking
# once. As root without a terminal, or with CI=true, it does not ask. SYNK_SKIP_SETUP=1 skips the system packages.
#
# usage: scripts/setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."

# To build: the linker and what it links with; certificates for crates.io.
BUILD="gcc libc6-dev ca-certificates"
# To open a window: X11 and keyboard libraries that are loaded when the program runs, a graphics driver, a font.
RUN="libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0 \
libegl1 libvulkan1 mesa-vulkan-drivers fonts-dejavu-core"
# To test: a screen without a monitor, keys and clicks for it, and the programs that run in the panes.
TEST="xvfb xdotool imagemagick fonts-noto-color-emoji vim htop less tmux mc procps socat \
openssh-server openssh-client netcat-openbsd"

fail() {
    printf '\nsynk: %s\n' "$*" >&2
    exit 1
}

# Whether version $1 is at least version $2, part by part.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

check_rust() {
    local wanted have
    wanted=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
    command -v cargo >/dev/null || fail "Rust is missing (cargo is not on PATH). Install Rust $wanted or newer from \
https://rustup.rs and run make again."
    have=$(cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p' || true)
    [ -n "$have" ] || fail "\`cargo --version\` does not answer with a version. Install Rust $wanted or newer from \
https://rustup.rs and run make again."
    at_least "$have" "$wanted" || fail "Rust $have is too old: synk needs $wanted or newer. With rustup: \`rustup update \
stable\`; otherwise install Rust from https://rustup.rs."
}

# Formatting and lints are part of the tests and not part of every Rust installation.
check_rust_tools() {
    local tool missing=""
    for tool in fmt clippy; do
        cargo "$tool" --version >/dev/null 2>&1 || missing="$missing ${tool/#fmt/rustfmt}"
    done
    [ -z "$missing" ] && return
    command -v rustup >/dev/null || fail "the Rust tools$missing are missing: install them as you installed Rust."
    echo "synk: adding the Rust tools$missing"
    # shellcheck disable=SC2086 # a list of words
    rustup component add $missing || fail "rustup could not add$missing."
}

# The packages of the list that are not installed, on a system with dpkg.
missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

install_packages() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "these packages are missing, and there is no sudo to install them with:
    $*
Install them as root (apt-get install) and run make again."
        as_root=(sudo)
    fi
    if [ -t 0 ] && [ "${CI:-}" != true ]; then
        local answer
        printf 'synk needs these packages of your system:\n\n    %s\n\nInstall them now with apt-get? [Y/n] ' "$*"
        read -r answer || answer=n
        case "$answer" in
        "" | [Yy] | [Yy]es) ;;
        *) fail "nothing was installed. Install the packages above, or run with SYNK_SKIP_SETUP=1 to go on without." ;;
        esac
    elif [ "$(id -u)" != 0 ]; then
        # Nobody is there to type a password.
        sudo -n true 2>/dev/null || fail "these packages are missing: $*
Run \`sudo apt-get install $*\` and make again."
    fi
    echo "synk: installing $*"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q || echo "synk: apt-get update failed; trying with the lists there are" >&2
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "$@" || fail "apt-get could not install: $*"
}

check_system() {
    local wanted="$BUILD $RUN" missing
    [ "$1" = test ] && wanted="$wanted $TEST"
    # shellcheck disable=SC2086 # lists of words
    if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
        missing=$(missing_packages $wanted)
        [ -z "$missing" ] || install_packages $missing
        return
    fi
    command -v cc >/dev/null || fail "there is no C compiler (cc), which Rust needs to link. Install one with your \
system's package manager and run make again."
    [ "$(uname -s)" = Darwin ] && return
    local libraries
    libraries=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    missing=""
    for library in libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libXrandr.so.2 libxkbcommon-x11.so.0 libvulkan.so.1; do
        case "$libraries" in "" | *"$library"*) ;; *) missing="$missing $library" ;; esac
    done
    [ -z "$missing" ] || fail "these libraries are missing:$missing
Your system has no apt-get, so install what holds them with its package manager: the X11, xkbcommon and Vulkan client
libraries and a Vulkan driver (Mesa). On Debian the packages are: $wanted
To go on without: SYNK_SKIP_SETUP=1 make $1"
}

case "${1:-}" in
run | test) ;;
*) fail "usage: scripts/setup.sh run|test" ;;
esac
check_rust
[ "${SYNK_SKIP_SETUP:-}" = 1 ] || check_system "$1"
[ "$1" != test ] || check_rust_tools
