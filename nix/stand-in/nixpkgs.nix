# The flake that stands in for nixpkgs, and for rust-overlay where something is built: the library of nixpkgs and the
# builders of corepkgs, which is a small fork of it, with the tools of Debian. `inputs` puts it among the files of corepkgs.
{
  outputs =
    { self }:
    let
      lib = import ./lib;
      # Else with the compilers of corepkgs, which are evaluated and not built: rust-overlay wants them.
      isDebian = lib.pathExists ./debian;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];

      # By the names in nixpkgs, what `dev` or Debian has.
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
      # Those of nixpkgs when it was last looked at: the tools that are run are those of `dev`.
      versions = {
        wasm-tools = "1.255.0";
        cargo-component = "0.21.1";
        wit-bindgen = "0.62.0";
      };
      # What is evaluated, and never run here.
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
      # What crane builds with.
      debian =
        pkgs: old:
        {
          stdenvNoCC = pkgs.stdenv;
          runtimeShell = "/debian/bin/bash";
          # What corepkgs has not: it knows Linux alone. A hook of crane names it.
          darwin.signingUtils = "/none";
          # The one program that crane is made with: it writes JSON as TOML.
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
          # There is no network: a crate is the archive that cargo downloaded, and its hash is looked at as ever.
          fetchurl =
            args:
            if lib.hasPrefix "cargo-src-" (args.name or "") then
              derivation {
                inherit (args) name;
                inherit (pkgs.stdenv) system;
                builder = "/debian/bin/bash";
                args = [
                  "-c"
                  # Nix kills what closes its output before it ends, as `cp` does, so the shell stays.
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

      # One stage, in which everything is Debian's.
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
        # As rust-overlay has it: the toolchain of `dev`.
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
