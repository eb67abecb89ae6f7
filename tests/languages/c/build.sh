#!/usr/bin/env bash
# The steps are told in README.md.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/zig ZIG_LOCAL_CACHE_DIR=$SCRATCH/zig
read -ra cc <<<"${WASI_CC:-zig cc --target=wasm32-wasi}"

wit-bindgen c "$WIT" --world transformer --out-dir "$SCRATCH" \
  --rename plugwright:plugin/host@0.2.0=host --rename plugwright:plugin/transform@0.2.0=transform
"${cc[@]}" -std=c23 -Os -flto -Wall -Wextra -mexec-model=reactor -I "$SCRATCH" \
  count.c tally.c "$SCRATCH/transformer.c" "$SCRATCH/transformer_component_type.o" \
  -Wl,-z,stack-size=65536 -Wl,--strip-debug -o "$SCRATCH/count.wasm"
wasm-tools component new "$SCRATCH/count.wasm" --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
