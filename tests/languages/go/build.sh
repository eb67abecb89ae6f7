#!/usr/bin/env bash
# Builds this guest. `just build-languages go` calls it, and says what the variables are.
set -euo pipefail

# Nothing is kept outside of $SCRATCH, nothing is downloaded, and no setting of the person's own counts.
export HOME="$SCRATCH" GOCACHE="$SCRATCH/cache" GOPATH="$SCRATCH/path" GOENV=off GOFLAGS='' GOWORK=off
export GOPROXY=off GOTOOLCHAIN=local GOOS=wasip1 GOARCH=wasm

go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags='-s -w' -o "$SCRATCH/core.wasm" .
wasm-tools component embed "$WIT" --world transformer "$SCRATCH/core.wasm" -o "$SCRATCH/embedded.wasm"
wasm-tools component new "$SCRATCH/embedded.wasm" --adapt "wasi_snapshot_preview1=$DENY_ALL" -o "$COMPONENT"
