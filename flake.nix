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
      # Serves this repository and those of others. nix/pipeline.nix documents its arguments and outputs.
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
              # The tests run these cases, with an application that covers more than the command does.
              cases = null;
              doc = check "doc" ''
                RUSTDOCFLAGS='--deny warnings' cargo doc --no-deps
                cargo test --doc
              '';
              # Checks the files that are shared once more.
              plugins = pkgs.runCommand "check-plugins" { nativeBuildInputs = tools ++ [ plugwright ]; } ''
                for plugin in ${plugins}/*.wasm; do
                  wasm-tools validate $plugin
                  plugwright check $plugin
                done
                touch $out
              '';
              # rustup's toolchain gives the same bytes, symbols included.
              digests = checkText "digests" ''
                PLUGWRIGHT_DIST=${plugins} bash digests/check
              '';
              # Runs the recipe without its dependencies, because the command and the plugins are built already.
              contract = checkText "contract" ''
                PLUGWRIGHT=${lib.getExe plugwright} just --no-deps contract
              '';
              # The build script of wit-bindgen copies a file with its permissions. In what Nix vendors the file is
              # read-only, so a second copy to the same folder would fail.
              tests = check "tests" ''
                while sleep 0.5; do
                  find target "$TMPDIR" -path '*/build/wit-bindgen-*/out/*.a' ! -perm -u+w -exec chmod u+w {} + 2>/dev/null || true
                done &
                CI=true just --no-deps test
                kill $!
              '';
            };

            # The tools for plugins in other languages. The pipeline uses a tool from nixpkgs if it has the version that
            # the plugin's manifest names. Otherwise these registry clients download the tool.
            devShells.languages = craneLib.devShell {
              packages = shellTools ++ [
                pkgs.go
                pkgs.nodejs
                pkgs.python3
                pkgs.zig
              ];
            };
            # The tools that lint workflows, and nothing that is slow to fetch.
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
      # Listed one by one, so that using only the template does not evaluate nixpkgs.
      inherit (own)
        packages
        checks
        devShells
        formatter
        ;
      lib = { inherit pipeline; };

      # A copy of what `plugwright init` writes. A test compares the two. The template cannot know where a checkout of
      # this repository is, so Cargo.toml expects it beside the new repository, and a lock file tells Nix.
      templates.default = {
        path = ./nix/template;
        description = "A repository of plugins: a contract, a plugin, an application and the pipeline";
        # Nix removes the executable permission of `dev`.
        welcomeText = ''
          `Cargo.toml` expects Plugwright beside this folder, in ../plugwright. These commands make this folder a
          git repository, which flakes need, tell Nix the same place, run the plugin and test it:

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
