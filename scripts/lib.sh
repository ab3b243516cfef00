# Shared by setup, demo and test; sourced, never run. Needs bash 4.
# shellcheck shell=bash

YIELDSET_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export YIELDSET_ROOT
export YIELDSET_CACHE=${YIELDSET_CACHE:-$HOME/.cache/yieldset}
export PATH=$YIELDSET_CACHE/tools/bin:$HOME/.cargo/bin:$PATH

RUST_VERSION=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$YIELDSET_ROOT/rust-toolchain.toml")

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The same target folder for every clone, so that a clean clone does not build a thousand crates again.
use_shared_target() {
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$YIELDSET_CACHE/target}
  mkdir -p "$CARGO_TARGET_DIR"
}

# is_rust TOOLCHAIN: it is installed and has the pinned version.
is_rust() {
  local rustc
  rustc=$(RUSTUP_TOOLCHAIN=$1 rustup which rustc 2>/dev/null) || return 1
  [ "$("$rustc" --version 2>/dev/null | cut -d' ' -f2)" = "$RUST_VERSION" ]
}

# Chooses the pinned compiler under any name it is installed by; rustup is told not to fetch another.
# Fails where none is installed.
use_rust() {
  local name
  have rustup || return 1
  for name in "$RUST_VERSION" stable; do
    if is_rust "$name"; then export RUSTUP_TOOLCHAIN=$name; return 0; fi
  done
  return 1
}

# step TEXT COMMAND…: runs a long command with its output in a log, shows that it is alive, and its last lines if it fails.
step() {
  local text=$1 log started pid elapsed line width
  shift
  mkdir -p "$YIELDSET_CACHE/logs"
  log=$(mktemp "$YIELDSET_CACHE/logs/step.XXXXXX")
  started=$SECONDS
  "$@" >"$log" 2>&1 &
  pid=$!
  # An interrupted script must not leave its build running.
  trap 'kill "$pid" 2>/dev/null; trap - INT TERM; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    elapsed=$((SECONDS - started))
    if [ -t 2 ]; then
      line=$(tail -c 400 "$log" | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*m//g' | grep -v '^ *$' | tail -n 1 || true)
      width=$(($(tput cols 2>/dev/null || echo 80) - ${#text} - 12))
      [ "$width" -gt 0 ] || width=1
      printf '\r\033[K%s  %ds  %s' "$text" "$elapsed" "${line:0:$width}" >&2
    elif [ "$elapsed" -gt 0 ] && [ $((elapsed % 60)) -eq 0 ]; then
      say "$text: $((elapsed / 60)) min"
    fi
    sleep 1
  done
  [ -t 2 ] && printf '\r\033[K' >&2
  trap - INT TERM
  if wait "$pid"; then
    say "$text: done in $((SECONDS - started)) s"
    rm -f "$log"
  else
    tail -n 40 "$log" >&2
    die "$text failed; the whole log: $log"
  fi
}

# check_sha256 FILE DIGEST
check_sha256() {
  [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]
}

# apt PACKAGE…: Debian and Ubuntu. Elsewhere, or without the right to install, says what to do.
apt() {
  local sudo=()
  have apt-get || die "install $* with your system's package manager, then run this again"
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || die "run this, then try again: sudo apt-get update && sudo apt-get install -y $*"
    sudo=(sudo -n)
  fi
  if [ -z "${APT_UPDATED:-}" ]; then
    step "apt-get update" "${sudo[@]}" apt-get update
    APT_UPDATED=1
  fi
  step "apt-get install $*" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# Prints the folder of the newest usable Postgres (15 or later).
postgres_bin() {
  local folder version
  for folder in $({ have initdb && dirname "$(command -v initdb)"; ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV; } || true); do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ] || continue
    version=$("$folder/postgres" --version | sed 's/.* \([0-9]*\)[.a-z].*/\1/')
    if [ "${version:-0}" -ge 15 ]; then printf '%s\n' "$folder"; return 0; fi
  done
  return 1
}
