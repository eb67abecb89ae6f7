# The pipeline as a flake: what `lib.pipeline` of this repository gives. It serves a repository that `plugwright init`
# made, and this one.
{
  self,
  nixpkgs,
  rust-overlay,
  crane,
  ...
}:
{
  # The repository: a path, so `./.` and not `self`.
  src,
  systems ? [
    "x86_64-linux"
    "aarch64-linux"
    "aarch64-darwin"
  ],
  # More files that plugins are built from than those in their folders, in crates that they depend on and in
  # the folder of their contract.
  files ? [ ],
  # What else there is for a system, by output, from the parts below. Of two with the same name it is this one, and
  # `null` takes one away.
  extend ? parts: { },
}:
let
  inherit (nixpkgs) lib;
  project = import ./project.nix lib src;

  sourceOf =
    fileset:
    lib.fileset.toSource {
      root = src;
      inherit fileset;
    };
  ifThere = map (file: lib.fileset.maybeMissing (src + "/${file}"));

  # Of this repository, what other workspaces depend on.
  hostSource = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.toml
      ../crates/plugwright
      ../crates/plugwright-cli
      ../crates/plugwright-contract
      ../crates/plugwright-guest
      ../crates/plugwright-http
      ../crates/plugwright-registry
      ../crates/plugwright-report
      ../crates/plugwright-test
      ../wit
    ];
  };

  # The tools of .config/tools: what each line says. Some crates have another name than the command that they are.
  listed =
    map
      (line: {
        crate = lib.head line;
        name = lib.removeSuffix "-cli" (lib.head line);
        version = lib.elemAt line 1;
        options = lib.drop 3 line;
      })
      (
        map (line: lib.filter (word: word != "") (lib.splitString " " line)) (
          lib.filter (line: line != "" && !lib.hasPrefix "#" line) (
            lib.splitString "\n" (lib.readFile (src + "/.config/tools"))
          )
        )
      );

  outputsFor =
    system:
    let
      pkgs = nixpkgs.legacyPackages.${system};
      craneLib = (crane.mkLib pkgs).overrideToolchain (
        pkgs: (rust-overlay.lib.mkRustBin { } pkgs).fromRustupToolchainFile (src + "/rust-toolchain.toml")
      );

      # nixpkgs has one version of each tool. Of those that make plugins another one may make other bytes, which
      # `checks.digests` would say.
      toolOf =
        { name, version, ... }:
        let
          tool = pkgs.${name} or (throw "nixpkgs has no `${name}`, which .config/tools lists");
          makesPlugins = lib.elem name [
            "cargo-component"
            "wasm-tools"
          ];
        in
        lib.warnIf (makesPlugins && tool.version != version)
          "plugins may come out with other bytes than by `./dev`: .config/tools has ${name} ${version}, nixpkgs ${tool.version}"
          tool;
      # Plugins in C and C++ need the very version, and so does what registries are tested with: else it is compiled
      # when it is called first, as by `dev`.
      exact =
        {
          crate,
          name,
          version,
          options,
        }:
        if pkgs.${name}.version or "" == version then
          pkgs.${name}
        else
          pkgs.writeShellScriptBin name ''
            root=''${XDG_CACHE_HOME:-$HOME/.cache}/plugwright/${name}-${version}
            if [ ! -x "$root/bin/${name}" ]; then
              echo "compiling ${name} ${version}: a minute or two, once on this machine" >&2
              cargo install --quiet --locked --root "$root" ${crate}@${version} ${toString options} >&2 || exit
            fi
            exec "$root/bin/${name}" "$@"
          '';
      isExact =
        { name, ... }:
        lib.elem name [
          "wit-bindgen"
          "wkg"
        ];
      tools = map toolOf (lib.filter (tool: !isExact tool) listed) ++ [ pkgs.git ];
      shellTools = tools ++ map exact (lib.filter isExact listed);

      # The workspace with `files`, and with stubs for the other crates, because cargo reads all
      # members: what is built from it is built again for a change of `files`, and for no other.
      manifests = sourceOf (
        lib.fileset.unions (
          ifThere [
            ".cargo"
            "Cargo.lock"
            "Cargo.toml"
          ]
          ++ project.manifests
        )
      );
      workspaceWith =
        files:
        craneLib.mkDummySrc {
          src = manifests;
          extraDummyScript = lib.optionalString (files != [ ]) ''
            cp --recursive --force --no-preserve=mode ${
              sourceOf (lib.fileset.unions (ifThere [ "Cargo.toml" ] ++ files))
            }/. $out
          '';
        };

      # Until cargo has written one, a workspace that depends on a checkout has the versions of that.
      lock = lib.optionalAttrs (project.checkouts != [ ] && !lib.pathExists (src + "/Cargo.lock")) {
        cargoLock = ../Cargo.lock;
      };
      common = lock // {
        pname = "plugins";
        inherit (project) version;
        cargoVendorDir = craneLib.vendorCargoDeps ({ src = manifests; } // lock);
        # No other versions are to be had than those of the lock. What it has beyond them cargo takes out, which
        # `--locked` would refuse.
        cargoExtraArgs = "--offline";
        strictDeps = true;
        doInstallCargoArtifacts = false;
        # Outside of the repository there is nothing in a build, so a checkout is the one that this flake is of.
        postPatch = lib.concatMapStrings (checkout: ''
          substituteInPlace Cargo.toml --replace-fail '"${checkout}/crates/' '"${hostSource}/crates/'
        '') project.checkouts;
        # As in the recipes.
        env.CARGO_PROFILE = "dev";
      };
      hostDeps = craneLib.buildDepsOnly (common // { dummySrc = workspaceWith [ ]; });
      # By the lock of the workspace, if the command is a program of it. People run it, and it builds the plugins.
      plugwright =
        if project.command == null then
          self.packages.${system}.plugwright
        else
          craneLib.buildPackage (
            release
            // {
              src = workspaceWith (project.foldersOf project.command ++ [ project.wit ]);
              cargoArtifacts = craneLib.buildDepsOnly (release // { dummySrc = workspaceWith [ ]; });
              nativeBuildInputs = [ pkgs.installShellFiles ];
              postInstall = ''
                $out/bin/plugwright man man
                installManPage man/*
                for shell in bash zsh fish; do
                  installShellCompletion --cmd plugwright --$shell <($out/bin/plugwright completions $shell)
                done
              '';
              meta.mainProgram = "plugwright";
            }
          );
      release = common // {
        pname = "plugwright";
        cargoExtraArgs = "--offline --bin plugwright";
        cargoCheckCommand = "true";
        doCheck = false;
        env.CARGO_PROFILE = "release";
      };

      pipeline = common // {
        # cargo-component makes a folder in HOME.
        nativeBuildInputs = tools ++ [
          plugwright
          pkgs.writableTmpDirAsHomeHook
        ];
        PLUGWRIGHT = lib.getExe plugwright;
        PLUGWRIGHT_CRATES = common.cargoVendorDir;
      };
      # Outside of a sandbox, as on macOS, each build has another folder. Cargo must not see that, or it compiles
      # anew what plugins depend on.
      wrapped = pipeline // {
        PLUGWRIGHT_WRAPPED = "yes";
        RUSTC_WRAPPER = pkgs.writeShellScript "rustc" ''
          exec "$@" --remap-path-prefix="$NIX_BUILD_TOP/source=/plugwright" --remap-path-prefix="$NIX_BUILD_TOP/source/target=/target"
        '';
      };
      declarations = ifThere [
        ".config/tools"
        "plugwright.toml"
        "rust-toolchain.toml"
      ];
      # The build script of wit-bindgen copies a file with its permissions, which are for reading only in what Nix vendors, and
      # does so again for a plugin that is compiled to other instructions.
      makeWritable = "chmod --recursive u+w target/wasm32-wasip2 2>/dev/null || true";
      # What plugins depend on, compiled once for all of them: by the verb itself, from stubs. They are
      # compiled, and then refused, because a stub is no plugin.
      pluginDeps = craneLib.buildDepsOnly (
        wrapped
        // {
          dummySrc = workspaceWith (
            declarations
            ++ lib.concatMap (plugin: [
              (plugin.folder + "/plugin.toml")
              plugin.wit
            ]) project.crates
          );
          buildPhaseCargoCommand = lib.concatMapStrings (plugin: ''
            ${makeWritable}
            PLUGWRIGHT_DIST=$TMPDIR/dist plugwright build ${plugin.key} || true
            test -f target/wasm32-wasip2/${project.profileFolder}/${plugin.artifact}.wasm
          '') project.crates;
          doCheck = false;
        }
      );
      pluginFor =
        plugin:
        craneLib.mkCargoDerivation (
          wrapped
          // {
            pname = nameOf plugin;
            src = workspaceWith (
              declarations ++ files ++ project.foldersOf plugin.folder ++ [ plugin.wit ]
            );
            cargoArtifacts = pluginDeps;
            PLUGWRIGHT_DIST = placeholder "out";
            buildPhaseCargoCommand = ''
              ${makeWritable}
              plugwright build ${plugin.key}
            '';
            installPhaseCommand = "";
            allowedReferences = [ ];
          }
        );
      # Those of two groups can have the same name.
      nameOf = plugin: "plugin-${lib.replaceStrings [ "/" ] [ "-" ] plugin.key}";
      pluginPackages = lib.listToAttrs (
        map (plugin: lib.nameValuePair (nameOf plugin) (pluginFor plugin)) project.crates
      );
      # All of dist/, but for plugins of other languages. It is what is shipped: nothing else comes with it.
      plugins =
        pkgs.runCommand "plugins"
          {
            nativeBuildInputs = [ plugwright ];
            allowedReferences = [ ];
          }
          ''
            mkdir -p $out
            for plugin in ${toString (lib.attrValues pluginPackages)}; do
              cp --recursive --force --no-preserve=mode $plugin/. $out
            done
            for folder in ${toString (map (group: "./${group}") project.groups)}; do
              plugwright index $out/$folder
            done
          '';

      # Checks see all that is tracked: tests read WIT files, cases, snapshots and documents.
      check =
        name: command:
        craneLib.mkCargoDerivation (
          pipeline
          // {
            pname = "check-${name}";
            src = sourceOf src;
            cargoArtifacts = hostDeps;
            PLUGWRIGHT_DIST = plugins;
            buildPhaseCargoCommand = ''
              ln --symbolic ${plugins} ${project.dist}
              ${command}
            '';
          }
        );
      # One that compiles nothing waits for nothing that is compiled.
      checkText =
        name: command:
        craneLib.mkCargoDerivation (
          common
          // {
            pname = "check-${name}";
            src = sourceOf src;
            cargoArtifacts = null;
            cargoVendorDir = null;
            nativeBuildInputs = tools;
            buildPhaseCargoCommand = command;
          }
        );

      outputs = {
        packages = pluginPackages // {
          default = plugins;
          inherit plugins plugwright;
        };

        checks = {
          fmt = checkText "fmt" ''
            cargo fmt --check
            ${lib.optionalString (lib.pathExists (src + "/justfile")) "just --fmt --check"}
          '';
          clippy = check "clippy" ''
            cargo clippy --all-targets -- --deny warnings
            cargo clippy --target wasm32-wasip2 ${
              toString (map (plugin: "--package=${plugin.package}") project.crates)
            } -- --deny warnings
          '';
          # The very files that are shared. Those of other languages are not among them.
          cases = checkText "cases" ''
            PLUGWRIGHT_DIST=${plugins} PLUGWRIGHT_CACHE=$TMPDIR/cache ${lib.getExe plugwright} test ${
              toString (
                map (plugin: plugin.name) (
                  lib.filter (plugin: project.hasOthers && plugin.group == "") project.crates
                )
              )
            }
          '';
          tests = check "tests" "cargo test";
        };

        # Where the command is a program of the workspace, cargo makes it with what the application depends on.
        devShells.default = craneLib.devShell {
          packages = shellTools ++ lib.optional (project.command == null) plugwright;
        };

        formatter = pkgs.nixfmt-tree;
      };
      more = extend {
        inherit
          pkgs
          lib
          craneLib
          tools
          shellTools
          plugwright
          plugins
          check
          checkText
          ;
      };
    in
    lib.mapAttrs (
      name: output:
      if name == "formatter" then
        more.formatter or output
      else
        lib.filterAttrs (_: value: value != null) (output // more.${name} or { })
    ) outputs;

  perSystem = lib.genAttrs systems outputsFor;
in
lib.genAttrs [
  "packages"
  "checks"
  "devShells"
  "formatter"
] (output: lib.mapAttrs (_: outputs: outputs.${output}) perSystem)
