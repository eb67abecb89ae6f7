#!/usr/bin/env bash
# The steps are told in README.md.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/zig ZIG_LOCAL_CACHE_DIR=$SCRATCH/zig
read -ra cxx <<<"${WASI_CXX:-zig c++ --target=wasm32-wasi}"

wit-bindgen cpp "$WIT" --world transformer --out-dir "$SCRATCH"
"${cxx[@]}" -std=c++23 -Os -flto -fno-exceptions -Wall -Wextra -mexec-model=reactor -I "$SCRATCH" \
  count.cpp tally.cpp "$SCRATCH/transformer.cpp" "$SCRATCH/transformer_component_type.o" \
  -Wl,-z,stack-size=65536 -Wl,--strip-debug -o "$SCRATCH/count.wasm"
wasm-tools component new "$SCRATCH/count.wasm" --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
