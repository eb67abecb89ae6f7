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
      inherit (inputs.nixpkgs) lib;

      # A folder is a declaration: crates/plugin-quote makes packages.plugin-quote.
      crates = lib.attrNames (builtins.readDir ./crates);
      pluginCrates = lib.filter (lib.hasPrefix "plugin-") crates;

      # The lines of a list that say something.
      entriesOf =
        file:
        lib.filter (line: line != "" && !lib.hasPrefix "#" line) (
          lib.splitString "\n" (lib.readFile file)
        );
      repository = entriesOf ./templates/repository;

      sourceOf =
        fileset:
        lib.fileset.toSource {
          root = ./.;
          inherit fileset;
        };

      outputsFor =
        system:
        let
          pkgs = inputs.nixpkgs.legacyPackages.${system};
          rustFor = inputs.rust-overlay.lib.mkRustBin { };
          craneLib = (inputs.crane.mkLib pkgs).overrideToolchain (
            pkgs: (rustFor pkgs).fromRustupToolchainFile ./rust-toolchain.toml
          );

          # nixpkgs has one version of each tool, so another one than the list's can only be told.
          toolOf =
            line:
            let
              entry = builtins.match "([^ ]+) +([^ ]+).*" line;
              # Some crates have another name than the command that they are.
              tool = pkgs.${lib.removeSuffix "-cli" (lib.head entry)};
              told = ".config/tools has ${toString entry}, nixpkgs has ${tool.version}";
            in
            lib.warnIf (tool.version != lib.last entry) told tool;
          tools = map toolOf (entriesOf ./.config/tools) ++ [ pkgs.git ];

          # The workspace with `files`, and with stubs for the other crates, because cargo reads all
          # members: what is built from it is built again for a change of `files`, and for no other.
          manifests = sourceOf (craneLib.fileset.cargoTomlAndLock ./.);
          workspaceWith =
            files:
            let
              kept = sourceOf (lib.fileset.unions ([ ./Cargo.toml ] ++ files));
            in
            craneLib.mkDummySrc {
              src = manifests;
              extraDummyScript = "cp --recursive --force --no-preserve=mode ${kept}/. $out";
            };

          common = {
            pname = "plugwright";
            inherit (craneLib.crateNameFromCargoToml { cargoToml = ./Cargo.toml; }) version;
            cargoVendorDir = craneLib.vendorCargoDeps { src = manifests; };
            strictDeps = true;
            doInstallCargoArtifacts = false;
            # As in the recipes, so that there is one wasmtime for the command and the tests.
            env.CARGO_PROFILE = "dev";
          };
          hostDeps = craneLib.buildDepsOnly (common // { src = manifests; });
          plugwright = craneLib.buildPackage (
            common
            // {
              src = workspaceWith [
                ./crates/plugwright
                ./crates/plugwright-cli
                ./crates/plugwright-contract
                ./crates/plugwright-test
                ./wit
              ];
              cargoArtifacts = hostDeps;
              cargoExtraArgs = "--locked --bin plugwright";
              doCheck = false;
              meta.mainProgram = "plugwright";
            }
          );

          pipeline = common // {
            # cargo-component makes a folder in HOME.
            nativeBuildInputs = tools ++ [ pkgs.writableTmpDirAsHomeHook ];
            PLUGWRIGHT_CRATES = common.cargoVendorDir;
          };
          # What plugins depend on, compiled once for all of them: by the recipe itself, from stubs.
          pluginDeps = craneLib.buildDepsOnly (
            pipeline
            // {
              pname = "plugins";
              dummySrc = workspaceWith [
                ./justfile
                ./scripts
              ];
              buildPhaseCargoCommand = "PLUGWRIGHT=true bash scripts/build crates";
              doCheck = false;
            }
          );
          pluginFor =
            crate:
            craneLib.mkCargoDerivation (
              pipeline
              // {
                pname = crate;
                src = workspaceWith [
                  ./.config/tools
                  ./justfile
                  ./rust-toolchain.toml
                  ./scripts
                  ./wit
                  (./crates + "/${crate}")
                ];
                cargoArtifacts = pluginDeps;
                PLUGWRIGHT = lib.getExe plugwright;
                PLUGWRIGHT_DIST = placeholder "out";
                buildPhaseCargoCommand = "just build ${lib.removePrefix "plugin-" crate}";
                installPhaseCommand = "";
              }
            );
          pluginPackages = lib.genAttrs pluginCrates pluginFor;
          # Those of the examples, of contracts of their own.
          examples = craneLib.mkCargoDerivation (
            pipeline
            // {
              pname = "examples";
              src = workspaceWith [
                ./.config/tools
                ./examples
                ./justfile
                ./rust-toolchain.toml
                ./scripts
                ./wit
              ];
              cargoArtifacts = pluginDeps;
              PLUGWRIGHT = lib.getExe plugwright;
              PLUGWRIGHT_DIST = placeholder "out";
              buildPhaseCargoCommand = "bash scripts/build examples";
              installPhaseCommand = "";
            }
          );
          plugins = pkgs.runCommand "plugins" { } ''
            mkdir -p $out/symbols
            for plugin in ${toString (lib.attrValues pluginPackages)}; do
              cp $plugin/*.wasm $plugin/*.{provenance,cdx}.json $out
              cp $plugin/symbols/*.wasm $out/symbols
            done
            cp -r ${examples}/examples $out
            ${lib.getExe plugwright} index $out
          '';

          # Checks see all that is tracked: tests read WIT files, cases, snapshots and documents.
          check =
            name: command:
            craneLib.mkCargoDerivation (
              pipeline
              // {
                pname = "plugwright-${name}";
                src = sourceOf ./.;
                cargoArtifacts = hostDeps;
                buildPhaseCargoCommand = command;
              }
            );
        in
        {
          packages = pluginPackages // {
            inherit plugins plugwright;
          };

          checks = lib.mapAttrs check {
            fmt = ''
              cargo fmt --check
              just --fmt --check
            '';
            clippy = ''
              cargo clippy --all-targets --workspace --exclude='plugin-*' -- --deny warnings
              cargo clippy --target wasm32-wasip2 --package='plugin-*' -- --deny warnings
            '';
            doc = ''
              RUSTDOCFLAGS='--deny warnings' cargo doc --no-deps
              cargo test --doc
            '';
            # Once more, on the very files that are shared.
            plugins = ''
              for plugin in ${plugins}/*.wasm; do
                wasm-tools validate $plugin
                ${lib.getExe plugwright} check $plugin
              done
            '';
            # The recipes without those that they depend on: the command and the plugins are built already.
            contract = ''
              PLUGWRIGHT=${lib.getExe plugwright} just --no-deps contract
            '';
            tests = ''
              export CI=true PLUGWRIGHT=${lib.getExe plugwright} PLUGWRIGHT_DIST=${plugins}
              just --no-deps test
            '';
          };

          devShells.default = craneLib.devShell { packages = tools; };
          # With what plugins in other languages are built: what nixpkgs has in the versions that their
          # manifests name is used, and for the rest there are the clients of registries.
          devShells.languages = craneLib.devShell {
            packages = tools ++ [
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

          formatter = pkgs.nixfmt-tree;
        };

      # The locked nixpkgs has dropped Intel Macs, and says so where it is asked for one. The last
      # release with them is the one to try: --override-input nixpkgs github:NixOS/nixpkgs/nixpkgs-26.05-darwin
      perSystem = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ] outputsFor;
    in
    lib.genAttrs [
      "packages"
      "checks"
      "devShells"
      "formatter"
    ] (output: lib.mapAttrs (_: outputs: outputs.${output}) perSystem)
    // {
      # A part of this repository, so that there is one pipeline and not two.
      templates.default = {
        path = "${sourceOf (lib.fileset.unions (map (file: ./. + "/${file}") repository))}";
        description = "A repository of plugins: the pipeline, the host, a contract and one plugin";
        # Nix takes the permission to run it off `dev`, and the first build takes off Cargo.lock what is not
        # there.
        welcomeText = ''
          Make it a git repository, which flakes read, then build and test:

              chmod +x dev
              git init && git add .
              nix develop --command just build
              nix develop --command just test
              git add . && git commit --message 'Begin'

          In the shell of `nix develop`, `just new NAME` begins a plugin of your own, and with the first one
          a README. On machines without Nix, `./dev just build` does the same as `just build`.
        '';
      };
    };
}
