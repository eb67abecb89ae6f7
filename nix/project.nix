# Reads what a repository of plugins declares, without building anything. From `lib` and the repository's folder, it
# finds the plugins that plugwright.toml lists, and the files that each is built from.
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

  # The folders that match a pattern. Each has a name: what `*` stands for. A path can follow the `*`, as in
  # examples/*/plugin. A pattern without `*` is one folder, and its name is the folder's name. The command has the same
  # rules, and `just flake` compares the two.
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
  # Nix does not follow a link to see what it is, so a link counts as a folder if one of these files exists in it.
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
        # The folder in dist/, and the name of the plugin among the plugins of all groups.
        group = folder;
        key = lib.removePrefix "/" "${folder}/${plugin.name}";
        inherit witPath;
        wit = src + "/${witPath}";
        # Plugins in other languages are built by tools from registries, which Nix's sandbox cannot reach.
        isCrate = lib.pathExists (plugin.folder + "/Cargo.toml");
        package = manifest.package.name;
        artifact = lib.replaceStrings [ "-" ] [ "_" ] (manifest.lib.name or manifest.package.name);
      }
    ) (lib.concatMap (pattern: matching (lib.removeSuffix "/" pattern)) plugins);

  # Two patterns can match the same folder.
  plugins = lib.unique (
    lib.sort
      (
        one: other:
        lib.compareLists lib.compare [ one.group one.name ] [ other.group other.name ] < 0
      )
      (
        lib.concatMap pluginsOf (
          [ { inherit (project) plugins wit; } ]
          # Only the groups that are built by default.
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

  # The path of a dependency of the crate in `folder`, or null if the dependency has no path.
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

  # The dependencies that are in the repository itself.
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

  # The folder of a crate, and the folders of the crates in the repository that it depends on.
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
  # The same as the output of `plugwright build --list`.
  list = map (plugin: {
    inherit (plugin) name group;
    folder = plugin.path;
    wit = plugin.witPath;
    crate = plugin.isCrate;
  }) plugins;
  # The folder that cargo uses for the profile of plugins.
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

  # The folder of the crate in the workspace that provides the command `plugwright`, or null.
  command = (lib.findFirst makesCommand { folder = null; } members).folder;

  inherit foldersOf;

  # The manifests of all crates in the workspace. A crate that another member depends on is a member even if it is not
  # listed.
  manifests = map (folder: folder + "/Cargo.toml") (
    lib.unique (lib.concatMap ({ folder, ... }: foldersOf folder) members)
  );

  # The checkouts outside of the workspace whose crates it depends on by path.
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
