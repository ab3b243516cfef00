# Shared by setup, demo and test; sourced, never run. Needs bash 4.
# shellcheck shell=bash

# With it set, `cd` may go elsewhere and prints where.
unset CDPATH
YIELDSET_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export YIELDSET_ROOT
export YIELDSET_CACHE=${YIELDSET_CACHE:-$HOME/.cache/yieldset}
export PATH=$YIELDSET_CACHE/tools/bin:$HOME/.cargo/bin:$PATH

RUST_VERSION=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$YIELDSET_ROOT/rust-toolchain.toml")
# What the demo runs, for cargo build. Programs of the whole workspace, not packages: so each crate has the features that the
# tests build it with, and neither builds anew what the other has.
PROGRAMS=(--workspace --bin yieldset-tasks --bin yieldset-oracle --bin yieldset-indexer --bin yieldset-devnet --bin yieldset)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Prints what the script that was called says of itself in its first lines.
show_help() { sed -n '2,/^[^#]/{ s/^#$//; s/^# //; t print; b; :print p; }' "$0"; }

# The clone's own target folder, as cargo has it: cargo goes by the time of a file, so in a folder that two clones share it
# takes the programs of the one for the other's. Where CI is set, each clone is new, and the folder is kept in the cache, so
# that a new one does not build a thousand crates again.
use_target() {
  local default=$YIELDSET_ROOT/target
  # What cargo keeps to build the same folder again faster is of no use to the next clone, and grows with each.
  [ -z "${CI:-}" ] || { default=$YIELDSET_CACHE/target; export CARGO_INCREMENTAL=0; }
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$default}
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

# Sets CPU to the seconds of processor time that this script's ended programs used, with those that they started.
children_cpu() {
  local file user system
  file=$(mktemp)
  # Not in a subshell, which has children of its own.
  times >"$file"
  read -r user system < <(tail -n 1 "$file" | tr 'm' ' ' | tr -d 's' | awk '{ print int($1 * 60 + $2), int($3 * 60 + $4) }')
  rm -f "$file"
  CPU=$((user + system))
}

# duration SECONDS
duration() {
  if [ "$1" -lt 60 ]; then printf '%d s' "$1"; else printf '%d min %d s' "$(($1 / 60))" "$(($1 % 60))"; fi
}

# Prints how far the build in a log is and a guess at what is left, from cargo's own bar: `Building [==> ] 123/1012: …`.
# crates_done LOG ELAPSED FIRST: FIRST crates had been built before.
crates_done() {
  local bar built all left
  bar=$(tail -c 4000 "$1" | tr '\r' '\n' | grep -oE '\] [0-9]+/[0-9]+' | tail -n 1 || true)
  [ -n "$bar" ] || return 0
  built=${bar#* } all=${bar#*/} built=${built%/*}
  printf '%d of %d crates' "$built" "$all"
  # Crates differ by a hundred times, so a guess from a few is worth nothing.
  if [ "$2" -ge 30 ] && [ $(((built - $3) * 20)) -ge $((all - $3)) ]; then
    left=$(($2 * (all - built) / (built - $3)))
    printf ', about %s left' "$(duration "$((left < 60 ? left : left / 60 * 60))" | sed 's/ 0 s$//')"
  fi
}

# last_line LOG: what was printed last, without colours.
last_line() {
  tail -c 400 "$1" | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*[mK]//g; s/^ *//' | grep -v '^ *$' | tail -n 1 || true
}

# step TEXT COMMAND…: runs a long command with its output in a log, shows how far it is, and its last lines if it fails.
# Leaves its seconds in STEP_WALL and STEP_CPU.
step() {
  local text=$1 log started before pid elapsed line width first='' next=60
  shift
  mkdir -p "$YIELDSET_CACHE/logs"
  log=$(mktemp "$YIELDSET_CACHE/logs/step.XXXXXX")
  children_cpu
  started=$SECONDS before=$CPU
  CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=100 "$@" >"$log" 2>&1 &
  pid=$!
  # An interrupted script must not leave its build running.
  trap 'kill "$pid" 2>/dev/null; trap - INT TERM; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    elapsed=$((SECONDS - started))
    [ -n "$first" ] || first=$(crates_done "$log" 0 0 | cut -d' ' -f1)
    if [ -t 2 ] || [ "$elapsed" -ge "$next" ]; then
      line=$(crates_done "$log" "$elapsed" "${first:-0}")
      [ -n "$line" ] || line=$(last_line "$log")
    fi
    if [ -t 2 ]; then
      width=$(($(tput cols 2>/dev/null || echo 80) - ${#text} - 16))
      [ "$width" -gt 0 ] || width=1
      printf '\r\033[K%s  %s  %s' "$text" "$(duration "$elapsed")" "${line:0:$width}" >&2
    elif [ "$elapsed" -ge "$next" ]; then
      say "$text: $((elapsed / 60)) min${line:+, $line}"
      next=$((next + 60))
    fi
    sleep 1
  done
  [ -t 2 ] && printf '\r\033[K' >&2
  trap - INT TERM
  if wait "$pid"; then
    children_cpu
    STEP_WALL=$((SECONDS - started)) STEP_CPU=$((CPU - before))
    say "$text: done in $(duration "$STEP_WALL")$(cpu_minutes "$STEP_CPU")"
    rm -f "$log"
  else
    tr '\r' '\n' <"$log" | grep -vE '^ *Building |^.?\[K? *$' | tail -n 40 >&2
    die "$text failed; the whole log: $log"
  fi
}

# cpu_minutes SECONDS: for the end of a line; nothing for what was short.
cpu_minutes() {
  [ "$1" -lt 60 ] || printf ', %d CPU-minutes' "$((($1 + 30) / 60))"
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
