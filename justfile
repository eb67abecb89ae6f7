# The pipeline. `just` lists the recipes; `./dev just RECIPE` runs one with the pinned toolchain.

set minimum-version := '1.55.0'
set positional-arguments

# What builds plugins: `component build` for cargo-component, `build` for plain cargo.
builder := env("PLUGWRIGHT_BUILDER", "component build")

# Where the pipeline leaves plugins, the host that checks them, and where cargo unpacks crates.
export PLUGWRIGHT_DIST := env("PLUGWRIGHT_DIST", "dist")
plugwright := env("PLUGWRIGHT", target / "debug/plugwright")

target := env("CARGO_TARGET_DIR", "target")
crates := env("PLUGWRIGHT_CRATES", env("CARGO_HOME", home_directory() / ".cargo") / "registry/src")
# Most tests wait for a program, a clock or cargo's lock, so there are more threads than cores.
export RUST_TEST_THREADS := env("RUST_TEST_THREADS", "6")

# Show this list
list:
    @just --list --unsorted

# Build plugins, all unless named, into dist/
[group('build')]
build *PLUGIN: _plugwright
    #!/usr/bin/env bash
    set -euo pipefail
    # No path of this machine gets into a plugin and no flag of its environment, so that it is the same
    # wherever it is built.
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS
    commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
    remap=("$PWD=/plugwright" "$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit" "{{ absolute_path(target) }}=/target")
    # Only of folders that are there.
    compgen -G "{{ crates }}/*/" >/dev/null || cargo fetch --locked --target wasm32-wasip2
    for registry in "{{ crates }}"/*/; do remap+=("${registry%/}=/crates"); done
    # The last one that fits holds, and this folder can be in the target folder.
    [[ $PWD != "{{ absolute_path(target) }}"/* ]] || remap+=("$PWD=/plugwright")
    flags=$(printf '"--remap-path-prefix=%s",' "${remap[@]}")
    # With both wasm targets named, cargo-component builds for the one on the command line alone.
    export CARGO_BUILD_TARGET=wasm32-wasip1
    compile=(cargo {{ builder }} --target wasm32-wasip2 --profile plugin --config "target.wasm32-wasip2.rustflags=[$flags]")
    dist=$PLUGWRIGHT_DIST
    all=(crates/plugin-*/)
    all=("${all[@]#crates/plugin-}") && all=("${all[@]%/}")
    if [ -n "${1:-}" ]; then plugins=("$@"); else plugins=("${all[@]}"); fi
    for plugin in "${plugins[@]}"; do
      [ -d "crates/plugin-$plugin" ] || { echo "error: there is no plugin \`$plugin\`, only: ${all[*]}" >&2; exit 2; }
    done
    mkdir -p "$dist/symbols"
    beside=$(mktemp -d "$dist/.new-XXXXXX")
    trap 'rm -rf "$beside"' EXIT

    provenance=("{{ plugwright }}" provenance --builder "{{ builder }}")
    # Up to date: what the statement beside the plugin says of sources, tools and files still holds.
    current=" $("${provenance[@]}" --current "${plugins[@]}" | tr '\n' ' ')"
    changed=0 broken=()
    for plugin in "${plugins[@]}"; do
      [[ $current != *" $plugin "* ]] || [ ! "$dist/$plugin.provenance.json" -nt "{{ plugwright }}" ] || continue
      built="{{ target }}/wasm32-wasip2/plugin/plugin_${plugin//-/_}.wasm"
      new=$beside/$plugin.wasm symbols=$dist/symbols/$plugin.wasm manifest=crates/plugin-$plugin/plugin.toml
      fail() { broken+=("plugin \`$plugin\` failed to $1: $2"); }
      # One by one: built together, they would get each other's features of the crates that they share.
      "${compile[@]}" --package="plugin-$plugin" || { fail compile "mend the errors of \`plugin-$plugin\` above"; continue; }
      version=$(cargo pkgid --package "plugin-$plugin")
      wasm-tools validate "$built" || { fail validate "\`$built\` is not a valid component"; continue; }
      wasm-tools strip --all "$built" | wasm-tools metadata add --name "$plugin" --version "${version##*[#@]}" --output "$new" ||
        { fail strip "\`wasm-tools\` says why above"; continue; }
      "{{ plugwright }}" embed "$manifest" "$new" && "{{ plugwright }}" check "$new" --symbols "$built" --before "$symbols" >/dev/null ||
        { fail check "make it fit, as said above"; continue; }
      # The statement last: that it holds says that the rest is there.
      cp "$built" "$beside/symbols" && mv "$new" "$dist/$plugin.wasm" && mv "$beside/symbols" "$symbols"
      "${provenance[@]}" --built "$built" "$plugin" || { fail tell "\`plugwright provenance\` says why above"; continue; }
      changed=$((changed + 1))
    done
    # What is no plugin any more.
    for file in "$dist"/*.wasm; do
      plugin=$(basename "$file" .wasm)
      [ ! -f "$file" ] || [ -d "crates/plugin-$plugin" ] || { rm -f "$file" "$dist/symbols/$plugin.wasm" "$dist/$plugin".{provenance,cdx}.json; changed=$((changed + 1)); }
    done
    [ $changed = 0 ] && [ -f "$dist/plugins.json" ] || "{{ plugwright }}" index "$dist"
    [ ${#broken[@]} = 0 ] || { printf 'error: %s; then type `just build`\n' "${broken[@]}" >&2 && exit 1; }
    [ $changed = 0 ] && echo "nothing to do: $dist/ is up to date" >&2 || echo "$changed built into $dist/" >&2

# Run FILE, or `-`, through PLUGIN; ARGUMENTS go to `plugwright run`
[group('build')]
run PLUGIN FILE *ARGUMENTS: (build PLUGIN)
    @"{{ plugwright }}" run "$@"

# Run FILE through PLUGIN, and again whenever its source, the contract or FILE is saved
[group('build')]
dev PLUGIN FILE *ARGUMENTS: (build PLUGIN)
    @"{{ plugwright }}" run "$@" --watch --build "just build $1" --sources "crates/plugin-$1" --sources wit

# Add a plugin: a crate that builds, a first case, and a line in the README
[arg('world', long)]
[group('build')]
new NAME world='transformer':
    @bash templates/new "$1" "{{ world }}"

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
    @[ -z "$1" ] || cargo insta test --package tests --test cases --check -- "$1/" --skip 'plain cargo'
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
    for part in host soak table; do cargo bench --package benches --bench $part -- "$@" || exit; done

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
    @PLUGWRIGHT="{{ plugwright }}" bash scripts/rebuild twice "$@"

# Build plugins again, all unless named, and compare them with those in FOLDER
[group('trust')]
verify FOLDER='dist' *PLUGIN: _plugwright
    @PLUGWRIGHT="{{ plugwright }}" bash scripts/rebuild against "{{ FOLDER }}" "${@:2}"

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
