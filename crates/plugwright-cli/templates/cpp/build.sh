#!/usr/bin/env bash
# Generates C code from the contract, compiles it with the plugin, and links a component that imports nothing from WASI.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/zig ZIG_LOCAL_CACHE_DIR=$SCRATCH/zig

wit-bindgen c "$WIT" --world WORLD --out-dir "$SCRATCH"
zig cc --target=wasm32-wasi -std=c23 -Os -flto -c "$SCRATCH/HEADER.c" -o "$SCRATCH/HEADER.o"
zig c++ --target=wasm32-wasi -std=c++23 -Os -g1 -flto -fno-exceptions -Wall -mexec-model=reactor -I "$SCRATCH" \
  plugin.cpp "$SCRATCH/HEADER.o" "$SCRATCH/HEADER_component_type.o" \
  -Wl,-z,stack-size=65536 -o "$SCRATCH/plugin.wasm"
# Strip the debug information except for the names of functions, which backtraces show.
wasm-tools strip "$SCRATCH/plugin.wasm" |
  wasm-tools component new --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
