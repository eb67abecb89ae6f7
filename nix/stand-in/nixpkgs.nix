# A flake that stands in for nixpkgs, and for rust-overlay where something is built. It combines the library of nixpkgs,
# the builders of corepkgs, which is a small fork of nixpkgs, and the tools of Debian. `inputs` puts this file among
# those of corepkgs.
{
  outputs =
    { self }:
    let
      lib = import ./lib;
      # Without Debian, the compilers of corepkgs are used. They are evaluated but not built, for rust-overlay.
      isDebian = lib.pathExists ./debian;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];

      # Tools of `dev` or Debian, by their names in nixpkgs.
      linked =
        pkgs:
        lib.genAttrs [
          "cargo-component"
          "cargo-insta"
          "git"
          "just"
          "wasm-tools"
          "wit-bindgen"
        ] (toolOf pkgs);
      toolOf =
        pkgs: name:
        pkgs.runCommand name { meta.mainProgram = name; } ''
          mkdir -p $out/bin
          for folder in /toolchain/tools /debian/bin; do
            [ ! -e $folder/${name} ] || ln -sf $folder/${name} $out/bin
          done
        ''
        // {
          version = versions.${name} or "0";
        };
      # The versions in nixpkgs when this list was last updated. The programs that run are those of `dev`.
      versions = {
        wasm-tools = "1.255.0";
        cargo-component = "0.21.1";
        wit-bindgen = "0.62.0";
      };
      # Packages that are evaluated but never run here.
      stubs =
        pkgs:
        lib.genAttrs [
          "actionlint"
          "cargo-deny"
          "cargo-fuzz"
          "cargo-semver-checks"
          "go"
          "mdbook"
          "nixfmt-tree"
          "nodejs"
          "python3"
          "typos"
          "zig"
          "zizmor"
        ] (name: pkgs.runCommand name { } "mkdir $out" // { version = "0"; });

      overlay = pkgs: _: {
        lib = import ./lib.nix // {
          version = "26.11";
        };
        path = ./.;
        mkShell =
          args:
          pkgs.stdenv.mkDerivation (
            {
              name = "shell";
              phases = [ "buildPhase" ];
              buildPhase = "export >> $out";
              nativeBuildInputs = args.packages or [ ];
            }
            // removeAttrs args [
              "packages"
              "inputsFrom"
            ]
          );
        mkShellNoCC = pkgs.mkShell;
        writableTmpDirAsHomeHook = pkgs.makeSetupHook {
          name = "writable-home";
        } (pkgs.writeText "writable-home.sh" "export HOME=$(mktemp -d)");
      };
      # What crane needs to build.
      debian =
        pkgs: old:
        {
          stdenvNoCC = pkgs.stdenv;
          runtimeShell = "/debian/bin/bash";
          # corepkgs supports only Linux and lacks this package, but a hook of crane names it.
          darwin.signingUtils = "/none";
          # The only program that crane itself builds. It converts JSON to TOML.
          rustPlatform.buildRustPackage =
            { pname, ... }:
            pkgs.writeTextFile {
              name = pname;
              executable = true;
              destination = "/bin/crane-json2toml";
              text = ''
                #!/debian/bin/python3
                import json, sys, tomli_w

                def with_values(it):
                    if isinstance(it, dict):
                        return {key: with_values(value) for key, value in it.items() if value is not None}
                    return [with_values(value) for value in it] if isinstance(it, list) else it

                sys.stdout.write(tomli_w.dumps(with_values(json.load(sys.stdin))))
              '';
            };
          # There is no network. A crate is the archive that cargo downloaded, and Nix still checks its hash.
          fetchurl =
            args:
            if lib.hasPrefix "cargo-src-" (args.name or "") then
              derivation {
                inherit (args) name;
                inherit (pkgs.stdenv) system;
                builder = "/debian/bin/bash";
                args = [
                  "-c"
                  # Nix kills a process that closes its output before it ends, as `cp` does, so the shell keeps running.
                  "/debian/bin/cp /toolchain/crates/${lib.removePrefix "cargo-src-" args.name}.crate $out || exit; exit 0"
                ];
                outputHash = args.sha256;
                outputHashAlgo = "sha256";
                outputHashMode = "flat";
              }
            else
              old.fetchurl args;
        }
        // lib.genAttrs [ "jq" "rsync" "zstd" ] (toolOf pkgs);

      # A single stage, in which everything comes from Debian.
      stages =
        {
          localSystem,
          config,
          overlays,
          ...
        }:
        [
          (_: {
            inherit config overlays;
            stdenv = import ./stdenv/generic {
              name = "stdenv-debian";
              buildPlatform = localSystem;
              hostPlatform = localSystem;
              targetPlatform = localSystem;
              inherit config;
              initialPath = [ "/debian" ];
              shell = "/debian/bin/bash";
              hasCC = false;
              fetchurlBoot = import <nix/fetchurl.nix>;
              cc = {
                isGNU = true;
                isClang = false;
                outPath = "/debian";
                targetPrefix = "";
                version = "14";
              };
            };
          })
        ];
      packagesOf =
        system:
        let
          pkgs = import ./default.nix (
            {
              inherit system;
              overlays = [ overlay ] ++ lib.optional isDebian debian;
            }
            // lib.optionalAttrs isDebian { stdenvStages = stages; }
          );
        in
        pkgs // linked pkgs // stubs pkgs // { bashInteractive = toolOf pkgs "bash"; };
    in
    {
      legacyPackages = lib.genAttrs systems packagesOf;
      lib = lib // {
        # The same function as in rust-overlay. It returns the toolchain of `dev`.
        mkRustBin = _: pkgs: {
          fromRustupToolchainFile =
            _:
            pkgs.runCommand "rust" { } ''
              mkdir -p $out/bin
              ln -s /toolchain/rust/bin/* $out/bin
            '';
        };
      };
    };
}
