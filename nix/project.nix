# What a repository of plugins says of itself, read without building anything: `lib` and its folder give its
# plugins, as plugwright.toml places them, and what each is built from.
lib: src:
let
  readIfThere = file: lib.optionalAttrs (lib.pathExists file) (lib.importTOML file);
  workspace = readIfThere (src + "/Cargo.toml");
  shared = workspace.workspace.dependencies or { };

  defaults = {
    wit = "wit";
    dist = "dist";
    plugins = [
      "plugins/*"
      "crates/plugin-*"
    ];
    profile = "plugin";
    group = [ ];
  };
  project = defaults // readIfThere (src + "/plugwright.toml");

  # The folders that a pattern fits, with what its `*` stands for, which can have a folder in it: examples/*/plugin.
  # Without one it is one folder, which is called as it is. The rules are those of the command, and `just flake`
  # compares the two.
  matching =
    pattern:
    let
      parts = builtins.match "(.*/)?([^/*]*)[*]([^/*]*)(/[^*]*)?" pattern;
      part = index: lib.defaultTo "" (lib.elemAt parts index);
      parent = src + "/${part 0}";
      names = lib.optionals (lib.pathExists parent) (lib.attrNames (builtins.readDir parent));
      isOne =
        name:
        lib.hasPrefix (part 1) name
        && lib.hasSuffix (part 2) name
        && lib.stringLength name > lib.stringLength (part 1 + part 2)
        && !lib.hasPrefix "." name;
      entryOf = name: {
        name = lib.removePrefix (part 1) (lib.removeSuffix (part 2) name);
        path = "${part 0}${name}${part 3}";
      };
      entries =
        if parts != null then
          map entryOf (lib.filter isOne names)
        else
          [
            {
              name = baseNameOf pattern;
              path = pattern;
            }
          ];
    in
    map (entry: entry // { folder = src + "/${entry.path}"; }) (
      lib.filter ({ path, ... }: isFolder (src + "/${path}")) entries
    );
  # Whatever is in a link, Nix looks only whether it is there.
  isFolder =
    path:
    lib.pathIsDirectory path
    || lib.any (file: lib.pathExists (path + "/${file}")) [
      "Cargo.toml"
      "plugin.toml"
    ];

  pluginsOf =
    {
      plugins,
      wit,
      folder ? "",
      ...
    }:
    map (
      plugin:
      let
        manifest = readIfThere (plugin.folder + "/Cargo.toml");
        witPath = lib.replaceStrings [ "*" ] [ plugin.name ] wit;
      in
      plugin
      // {
        # Where it goes in the folder of built plugins, and what it is called where there are those of all groups.
        group = folder;
        key = lib.removePrefix "/" "${folder}/${plugin.name}";
        inherit witPath;
        wit = src + "/${witPath}";
        # Those of other languages are built by tools of registries, which Nix does not let in.
        isCrate = lib.pathExists (plugin.folder + "/Cargo.toml");
        package = manifest.package.name;
        artifact = lib.replaceStrings [ "-" ] [ "_" ] (manifest.lib.name or manifest.package.name);
      }
    ) (lib.concatMap (pattern: matching (lib.removeSuffix "/" pattern)) plugins);

  # Two patterns can fit one folder.
  plugins = lib.unique (
    lib.sort
      (
        one: other:
        lib.compareLists lib.compare [ one.group one.name ] [ other.group other.name ] < 0
      )
      (
        lib.concatMap pluginsOf (
          [ { inherit (project) plugins wit; } ]
          # Of the others, those that are built without being named.
          ++ map (group: { inherit (project) wit; } // group) (
            lib.filter (group: group.default or true) project.group
          )
        )
      )
  );

  crates = lib.filter (plugin: plugin.isCrate) plugins;

  members = lib.filter ({ folder, ... }: lib.pathExists (folder + "/Cargo.toml")) (
    lib.concatMap matching (workspace.workspace.members or [ ])
  );
  makesCommand =
    { folder, ... }:
    lib.any (bin: bin.name or "" == "plugwright") (lib.importTOML (folder + "/Cargo.toml")).bin or [ ];

  # The path of a dependency of the crate in `folder`, or null if it has none.
  pathOf =
    folder: name: dependency:
    if dependency.workspace or false == true then
      pathOf src name shared.${name}
    else if dependency ? path then
      if lib.hasPrefix "/" dependency.path then
        null
      else
        folder + "/${dependency.path}"
    else
      null;
  isWithin = path: path != null && lib.path.hasPrefix src path;

  # Of the repository itself.
  dependenciesOf =
    folder:
    let
      tablesOf = manifest: [
        (manifest.dependencies or { })
        (manifest.build-dependencies or { })
      ];
      manifest = lib.importTOML (folder + "/Cargo.toml");
      tables = tablesOf manifest ++ lib.concatMap tablesOf (lib.attrValues (manifest.target or { }));
    in
    lib.filter isWithin (lib.concatMap (lib.mapAttrsToList (pathOf folder)) tables);

  # A crate's folder, and those of the repository's crates that it depends on.
  foldersOf =
    folder:
    let
      item = folder: {
        key = toString folder;
        inherit folder;
      };
    in
    map (item: item.folder) (
      builtins.genericClosure {
        startSet = [ (item folder) ];
        operator = { folder, ... }: map item (dependenciesOf folder);
      }
    );
in
{
  inherit (project) dist;
  inherit crates;
  # As `plugwright build --list` has it.
  list = map (plugin: {
    inherit (plugin) name group;
    folder = plugin.path;
    wit = plugin.witPath;
    crate = plugin.isCrate;
  }) plugins;
  # Where cargo leaves what it compiles by the profile of plugins.
  profileFolder =
    {
      dev = "debug";
      test = "debug";
      bench = "release";
    }
    .${project.profile} or project.profile;
  hasOthers = lib.any (plugin: plugin.group == "" && !plugin.isCrate) plugins;
  groups = lib.unique (map (plugin: plugin.group) crates);
  wit = src + "/${project.wit}";
  version = workspace.workspace.package.version or workspace.package.version or "0.1.0";

  # The folder of the workspace's crate that is the command `plugwright`, or null if it has none.
  command = (lib.findFirst makesCommand { folder = null; } members).folder;

  inherit foldersOf;

  # Those of all crates of the workspace. Those that others depend on are members without being named.
  manifests = map (folder: folder + "/Cargo.toml") (
    lib.unique (lib.concatMap ({ folder, ... }: foldersOf folder) members)
  );

  # The checkout whose crates the workspace depends on by their path, from outside of it.
  checkouts = lib.unique (
    lib.filter (checkout: checkout != null) (
      lib.mapAttrsToList (
        name: dependency:
        let
          crate = "/crates/${name}";
        in
        if dependency ? path && lib.hasSuffix crate dependency.path && !isWithin (pathOf src name dependency) then
          lib.removeSuffix crate dependency.path
        else
          null
      ) shared
    )
  );
}
