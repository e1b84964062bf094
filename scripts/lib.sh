# What the scripts share: where the project is, where its tools live, how they speak. To be sourced, not run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# The scripts name files under target/ and share compiled parts between steps: one folder, wherever they run.
unset CARGO_TARGET_DIR
tools=$root/target/tools
[ ! -d "$HOME/.cargo/bin" ] || PATH="$HOME/.cargo/bin:$PATH"
export PATH="$tools/rust/bin:$tools/bin:$tools/npm/node_modules/.bin:$PATH"

cargo_leptos_version=0.3.11
target=wasm32-unknown-unknown

# What `cargo test` is asked for: with one choice of packages their dependencies are compiled with one choice of features.
tested=(--locked -p chatter -p chatter-budgets -p chatter-checker --features chatter/ssr)

say() { printf '%s\n' "▸ $*"; }
fail() {
  printf '%s\n' "✗ $*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command that changes the system: as root, or by sudo without a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Installs Debian's packages, where this is Debian or its kin.
apt() {
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@")
  have apt-get || return 1
  { as_root "${install[@]}" || { as_root apt-get update && as_root "${install[@]}"; }; } >"$tools/apt.log" 2>&1
}

# The same, of packages with a service: it is not started.
apt_unstarted() (
  policy=/usr/sbin/policy-rc.d
  mkdir -p "$tools"
  if [ ! -e $policy ]; then
    trap 'as_root rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null && as_root chmod +x $policy || exit 1
  fi
  apt "$@"
)

# The version of one package in Cargo.lock: `locked wasm-bindgen`.
locked() {
  awk -v name="name = \"$1\"" '$0 == name { getline; gsub(/version = |"/, ""); print; exit }' Cargo.lock
}

# Whether the standard library can be compiled anew.
has_std_source() { [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library/std" ]; }
