#!/usr/bin/env bash
# Makes C of the contract, compiles that and the plugin, and makes a component of them that imports nothing of WASI.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/zig ZIG_LOCAL_CACHE_DIR=$SCRATCH/zig

wit-bindgen c "$WIT" --world WORLD --out-dir "$SCRATCH"
zig cc --target=wasm32-wasi -std=c23 -Os -flto -c "$SCRATCH/HEADER.c" -o "$SCRATCH/HEADER.o"
zig c++ --target=wasm32-wasi -std=c++23 -Os -g1 -flto -fno-exceptions -Wall -mexec-model=reactor -I "$SCRATCH" \
  plugin.cpp "$SCRATCH/HEADER.o" "$SCRATCH/HEADER_component_type.o" \
  -Wl,-z,stack-size=65536 -o "$SCRATCH/plugin.wasm"
# Of what a debugger reads, only the names of functions are left, which backtraces show.
wasm-tools strip "$SCRATCH/plugin.wasm" |
  wasm-tools component new --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
