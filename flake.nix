{
  description = "A build pipeline for WebAssembly component plugins, and the host that runs them";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    rust-overlay.url = "github:oxalica/rust-overlay";
    rust-overlay.inputs.nixpkgs.follows = "nixpkgs";
    crane.url = "github:ipetkov/crane";
  };

  outputs =
    inputs:
    let
      # For the repositories of others, and for this one: nix/pipeline.nix says what it takes and gives.
      pipeline = import ./nix/pipeline.nix inputs;
      own = pipeline {
        src = ./.;
        extend =
          {
            pkgs,
            lib,
            craneLib,
            tools,
            shellTools,
            plugwright,
            plugins,
            check,
            checkText,
            ...
          }:
          {
            checks = {
              # They are among the tests: the application there shows more than the command knows of.
              cases = null;
              doc = check "doc" ''
                RUSTDOCFLAGS='--deny warnings' cargo doc --no-deps
                cargo test --doc
              '';
              # Once more, on the very files that are shared.
              plugins = pkgs.runCommand "check-plugins" { nativeBuildInputs = tools ++ [ plugwright ]; } ''
                for plugin in ${plugins}/*.wasm; do
                  wasm-tools validate $plugin
                  plugwright check $plugin
                done
                touch $out
              '';
              # The bytes are those by rustup, symbols included.
              digests = checkText "digests" ''
                PLUGWRIGHT_DIST=${plugins} bash digests/check
              '';
              # The recipes without those that they depend on: the command and the plugins are built already.
              contract = checkText "contract" ''
                PLUGWRIGHT=${lib.getExe plugwright} just --no-deps contract
              '';
              # The build script of wit-bindgen copies a file with its permissions, which are for reading only in what Nix
              # vendors, and cannot do so twice in one folder.
              tests = check "tests" ''
                while sleep 0.5; do
                  find target "$TMPDIR" -path '*/build/wit-bindgen-*/out/*.a' ! -perm -u+w -exec chmod u+w {} + 2>/dev/null || true
                done &
                CI=true just --no-deps test
                kill $!
              '';
            };

            # With what plugins in other languages are built: what nixpkgs has in the versions that their
            # manifests name is used, and for the rest there are the clients of registries.
            devShells.languages = craneLib.devShell {
              packages = shellTools ++ [
                pkgs.go
                pkgs.nodejs
                pkgs.python3
                pkgs.zig
              ];
            };
            # What lints workflows, and nothing that takes long to fetch.
            devShells.workflows = pkgs.mkShellNoCC {
              packages = [
                pkgs.just
                pkgs.actionlint
                pkgs.zizmor
              ];
            };
          };
      };
    in
    {
      # Named one by one, so that who asks for the template alone waits for no nixpkgs.
      inherit (own)
        packages
        checks
        devShells
        formatter
        ;
      lib = { inherit pipeline; };

      # What `plugwright init` writes, as files, which a test compares with it. Where a checkout of this
      # repository is, nobody knows here: Cargo.toml says that it is beside, and Nix is told by a lock.
      templates.default = {
        path = ./nix/template;
        description = "A repository of plugins: a contract, a plugin, an application and the pipeline";
        # Nix takes the permission to run it off `dev`.
        welcomeText = ''
          `Cargo.toml` says that Plugwright is beside this folder, in ../plugwright. Make it a git repository,
          which flakes read, say the same to Nix, then see what the plugin answers, and test it:

              chmod +x dev
              cp ../plugwright/Cargo.lock .
              git init && git add .
              nix flake lock --override-input plugwright "git+file://$(realpath ../plugwright)"
              nix develop --command cargo update --workspace
              nix develop --command just run
              nix develop --command just test
              git add . && git commit --message 'Begin'

          On machines without Nix, `./dev just run` does the same as `just run`.
        '';
      };
    };
}
