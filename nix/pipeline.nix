# The pipeline as a flake: this is `lib.pipeline` of this repository. It serves repositories made by `plugwright init`,
# and this one.
{
  self,
  nixpkgs,
  rust-overlay,
  crane,
  ...
}:
{
  # The repository, as a path: `./.`, not `self`.
  src,
  systems ? [
    "x86_64-linux"
    "aarch64-linux"
    "aarch64-darwin"
  ],
  # Files that plugins are built from, in addition to their own folders, the crates that they depend on and the folder
  # of their contract.
  files ? [ ],
  # More outputs for a system, from the parts below. An output here replaces one of the same name, and `null` removes
  # it.
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

  # The part of this repository that other workspaces depend on.
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

  # The tools in .config/tools, a line each. The command of a crate can have another name than the crate.
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

      # nixpkgs has one version of each tool. Another version of a tool that makes plugins may produce other bytes,
      # which `checks.digests` would report.
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
          "plugins may have other bytes than those that `./dev` builds: .config/tools has ${name} ${version}, nixpkgs ${tool.version}"
          tool;
      # Plugins in C and C++, and the tests of registries, need exactly the listed version. If nixpkgs has another one,
      # the tool is compiled when it is first called, as `dev` does.
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

      # The workspace with `files`, and with stubs for all other crates, because cargo reads every member. So a change
      # to `files` rebuilds it, and a change to other files does not.
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

      # A workspace that depends on a checkout uses the versions of that checkout until cargo has written its lock file.
      lock = lib.optionalAttrs (project.checkouts != [ ] && !lib.pathExists (src + "/Cargo.lock")) {
        cargoLock = ../Cargo.lock;
      };
      common = lock // {
        pname = "plugins";
        inherit (project) version;
        cargoVendorDir = craneLib.vendorCargoDeps ({ src = manifests; } // lock);
        # Only the versions in the lock file are available. Cargo removes what the lock file has beyond them, and
        # `--locked` would refuse that.
        cargoExtraArgs = "--offline";
        strictDeps = true;
        doInstallCargoArtifacts = false;
        # A build cannot see files outside of the repository, so the path of a checkout is replaced with this flake's
        # own source.
        postPatch = lib.concatMapStrings (checkout: ''
          substituteInPlace Cargo.toml --replace-fail '"${checkout}/crates/' '"${hostSource}/crates/'
        '') project.checkouts;
        # The recipes use this profile, too.
        env.CARGO_PROFILE = "dev";
      };
      hostDeps = craneLib.buildDepsOnly (common // { dummySrc = workspaceWith [ ]; });
      # If the command is a program of the workspace, it is built with the workspace's lock file. Users run this
      # command, and it builds the plugins.
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
        # cargo-component creates a folder in HOME.
        nativeBuildInputs = tools ++ [
          plugwright
          pkgs.writableTmpDirAsHomeHook
        ];
        PLUGWRIGHT = lib.getExe plugwright;
        PLUGWRIGHT_CRATES = common.cargoVendorDir;
      };
      # Without a sandbox, as on macOS, each build has another folder. If cargo saw its path, it would recompile the
      # dependencies of plugins each time.
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
      # The build script of wit-bindgen copies a file with its permissions. In what Nix vendors the file is read-only,
      # and the script copies it again for a plugin that is compiled for other instructions.
      makeWritable = "chmod --recursive u+w target/wasm32-wasip2 2>/dev/null || true";
      # Compiles the dependencies of plugins once for all plugins, by building stubs with the verb itself. The verb
      # compiles each stub and then rejects it, because a stub is not a plugin.
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
      # Plugins of two groups can have the same name.
      nameOf = plugin: "plugin-${lib.replaceStrings [ "/" ] [ "-" ] plugin.key}";
      pluginPackages = lib.listToAttrs (
        map (plugin: lib.nameValuePair (nameOf plugin) (pluginFor plugin)) project.crates
      );
      # All of dist/, except plugins in other languages. This is what is shipped, so it must reference nothing else.
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

      # Checks see every tracked file, because tests read WIT files, cases, snapshots and documents.
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
      # A check that compiles nothing does not wait for anything to be compiled.
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
          # Tests the files that are shared. Plugins in other languages are not among them.
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

        # If the command is a program of the workspace, cargo builds it together with the application's dependencies.
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
