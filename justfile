# The pipeline. `just` lists the recipes; `./dev just RECIPE` runs one with the pinned toolchain.

set minimum-version := '1.55.0'
set positional-arguments

# The command, which is the pipeline: `plugwright build` and the other verbs, and plugwright.toml says where things are.
plugwright := env("PLUGWRIGHT", target / "debug/plugwright")
export PLUGWRIGHT_DIST := env("PLUGWRIGHT_DIST", "dist")

target := env("CARGO_TARGET_DIR", "target")
# Most tests wait for a program, a clock or cargo's lock, so there are more threads than cores.
export RUST_TEST_THREADS := env("RUST_TEST_THREADS", "6")

# Show this list
list:
    @just --list --unsorted

# Build plugins, all crates unless named: cargo component build, wasm-tools validate, wasm-tools strip, and checks
[group('build')]
build *PLUGIN: _plugwright
    @"{{ plugwright }}" build "${@:---crates}"

# Build plugins of other languages, all unless named, into dist/languages/
[group('build')]
build-languages *PLUGIN: _plugwright
    @"{{ plugwright }}" build "${@:---languages}"

# Run FILE, or `-`, through PLUGIN; ARGUMENTS go to `plugwright run`
[group('build')]
run PLUGIN FILE *ARGUMENTS: (build PLUGIN)
    @"{{ plugwright }}" run "$@"

# Run FILE through PLUGIN, and again whenever its source, the contract or FILE is saved
[group('build')]
dev PLUGIN FILE *ARGUMENTS: (build PLUGIN)
    @"{{ plugwright }}" run "$@" --watch --build "just build $1" --sources "crates/plugin-$1" --sources wit

# Add a plugin, in Rust unless another LANG is named: it builds, and has a first case and a line in the README
[arg('lang', long)]
[arg('world', long)]
[group('build')]
new NAME world='transformer' lang='rust': _plugwright
    @"{{ plugwright }}" new "$1" --world "{{ world }}" --lang "{{ lang }}"

# Show how large plugins are, all unless named, and what takes the room in them
[group('build')]
size *PLUGIN:
    @just build "$@"
    @"{{ plugwright }}" size "$@"

# Sign all plugins with the secret key KEY, as `plugwright key new` makes one
[group('build')]
sign KEY: build
    @"{{ plugwright }}" sign --key "$1"

# Remove what was built
[group('build')]
clean:
    rm -rf dist "{{ target }}"

# Test the plugins in dist/, the host and the command, or only the cases of PLUGIN
[group('test')]
test PLUGIN='': (build PLUGIN)
    @[ -z "$1" ] || cargo insta test --test cases --check -- "$1/" --skip 'plain cargo'
    @[ -n "$1" ] || cargo insta test --all-targets --check --unreferenced=reject || { echo 'snapshots: `just review` shows what changed, `just bless` accepts all of it' >&2 && exit 1; }

# Test, and walk through the snapshots that changed
[group('test')]
review: build
    cargo insta test --all-targets --review

# Test, accept every snapshot that changed and delete those that no test uses
[group('test')]
bless: build
    cargo insta test --all-targets --accept --unreferenced=delete
    git diff --stat -- '*.snap'

# Feed TARGET, one of crates/fuzz/targets/, with inputs that nobody would write, for SECONDS
[group('test')]
fuzz TARGET SECONDS='60': build
    @bash crates/fuzz/run "$@"

# Measure the host, or what of it FILTER names, beside native code and plain wasmtime
[group('test')]
bench *FILTER: build
    for part in host soak table structure; do cargo bench --package benches --bench $part -- "$@" || exit; done

# Measure the same plugin in each language that is built, beside the one in Rust
[group('test')]
languages: build build-languages
    @PLUGWRIGHT="{{ plugwright }}" cargo bench --quiet --package benches --bench languages

# Check format, lints and documentation, with warnings denied
[group('check')]
lint:
    just --fmt --check
    cargo fmt --check
    cargo clippy --all-targets --workspace --exclude='plugin-*' -- --deny warnings
    cargo clippy --target wasm32-wasip2 --package='plugin-*' -- --deny warnings
    RUSTDOCFLAGS='--deny warnings' cargo doc --no-deps
    cargo test --doc

# Build plugins twice, all unless named, as two people in two places, and compare the bytes
[group('trust')]
repro *PLUGIN: _plugwright
    @"{{ plugwright }}" repro "$@"

# Build plugins again, all unless named, and compare them with those in FOLDER
[group('trust')]
verify FOLDER='dist' *PLUGIN: _plugwright
    @"{{ plugwright }}" verify "$@"

# Check what is depended on: known vulnerabilities, licences, bans and sources
[group('trust')]
audit *ARGUMENTS:
    cargo deny --config .config/deny.toml {{ ARGUMENTS }} check

# Check the workflows of CI
[group('trust')]
workflows:
    actionlint
    zizmor --offline --pedantic .github

# Format the code
[group('check')]
fmt:
    just --fmt
    cargo fmt

# Make a book of the author's guide, in target/docs/
[group('check')]
docs:
    mdbook build docs

# Compare the contract with its last release, and refuse what would break plugins unsaid
[group('check')]
contract: _plugwright
    @"{{ plugwright }}" contract

# Check all that a push is checked for, and that it leaves nothing behind
[group('check')]
ci: lint contract test
    @status=$(git status --porcelain) && [ -z "$status" ] || { echo "error: the tree is not clean:"; echo "$status"; exit 1; }

_plugwright:
    @[ -n "${PLUGWRIGHT:-}" ] || cargo build --bin plugwright
