#!/usr/bin/env bash
# Generates C code from the contract, translates its header to Zig, compiles both with the plugin, and links a component
# that imports nothing from WASI.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/zig ZIG_LOCAL_CACHE_DIR=$SCRATCH/zig

wit-bindgen c "$WIT" --world WORLD --out-dir "$SCRATCH"
zig translate-c "$SCRATCH/HEADER.h" -target wasm32-wasi -lc >"$SCRATCH/C.zig"
zig build-exe -target wasm32-wasi -mexec-model=reactor -fno-entry -O ReleaseSmall -fno-strip --stack 65536 -lc \
  --name plugin -I "$SCRATCH" --dep C -Mroot=plugin.zig "$SCRATCH/HEADER.c" "$SCRATCH/HEADER_component_type.o" \
  -MC="$SCRATCH/C.zig" -femit-bin="$SCRATCH/plugin.wasm"
# Strip the debug information except for the names of functions, which backtraces show.
wasm-tools strip "$SCRATCH/plugin.wasm" |
  wasm-tools component new --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
