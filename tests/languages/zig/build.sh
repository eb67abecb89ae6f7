#!/usr/bin/env bash
# Builds this guest. `just build-languages zig` calls it, and says what the variables are.
set -euo pipefail

export ZIG_GLOBAL_CACHE_DIR="$SCRATCH/cache" ZIG_LOCAL_CACHE_DIR="$SCRATCH/cache"

zig build-exe count.zig -target wasm32-freestanding -O ReleaseSmall -fstrip -fno-entry -rdynamic \
  --stack 65536 --name count -femit-bin="$SCRATCH/core.wasm"
wasm-tools component embed "$WIT" --world transformer "$SCRATCH/core.wasm" -o "$SCRATCH/embedded.wasm"
wasm-tools component new "$SCRATCH/embedded.wasm" -o "$COMPONENT"
