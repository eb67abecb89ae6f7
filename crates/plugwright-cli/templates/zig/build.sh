#!/usr/bin/env bash
# Makes C of the contract, reads it as Zig, compiles both and the plugin, and makes a component of them that imports
# nothing of WASI.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/zig ZIG_LOCAL_CACHE_DIR=$SCRATCH/zig

wit-bindgen c "$WIT" --world WORLD --out-dir "$SCRATCH"
zig translate-c "$SCRATCH/HEADER.h" -target wasm32-wasi -lc >"$SCRATCH/C.zig"
zig build-exe -target wasm32-wasi -mexec-model=reactor -fno-entry -O ReleaseSmall -fno-strip --stack 65536 -lc \
  --name plugin -I "$SCRATCH" --dep C -Mroot=plugin.zig "$SCRATCH/HEADER.c" "$SCRATCH/HEADER_component_type.o" \
  -MC="$SCRATCH/C.zig" -femit-bin="$SCRATCH/plugin.wasm"
# Of what a debugger reads, only the names of functions are left, which backtraces show.
wasm-tools strip "$SCRATCH/plugin.wasm" |
  wasm-tools component new --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
