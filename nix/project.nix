# What a repository of plugins says of itself, read without building anything: `lib` and its folder give its
# plugins, as plugwright.toml places them, and what each is built from.
lib: src:
let
  readIfThere = file: lib.optionalAttrs (lib.pathExists file) (lib.importTOML file);
  workspace = readIfThere (src + "/Cargo.toml");
  shared = workspace.workspace.dependencies or { };

  defaults = {
    wit = "wit";
    plugins = [
      "plugins/*"
      "crates/plugin-*"
    ];
    profile = "plugin";
    group = [ ];
  };
  project = defaults // readIfThere (src + "/plugwright.toml");

  # The folders that a pattern fits, with what its `*` stands for. It can have a folder in it: examples/*/plugin.
  matching =
    pattern:
    let
      parts = builtins.match "(.*/)?([^/*]*)[*]([^/*]*)(/[^*]*)?" pattern;
      part = index: lib.defaultTo "" (lib.elemAt parts index);
      parent = src + "/${part 0}";
      entries = lib.optionalAttrs (lib.pathExists parent) (builtins.readDir parent);
      folders = lib.filter (
        name: entries.${name} == "directory" && lib.hasPrefix (part 1) name && lib.hasSuffix (part 2) name
      ) (lib.attrNames entries);
      entryOf = folder: {
        name = lib.removePrefix (part 1) (lib.removeSuffix (part 2) folder);
        folder = parent + "/${folder}${part 3}";
      };
    in
    if parts != null then
      map entryOf folders
    else
      throw "`${pattern}` has to have one `*`, which stands for the plugin's name: mend it in plugwright.toml";
  withFile = file: lib.filter ({ folder, ... }: lib.pathExists (folder + "/${file}"));

  pluginsOf =
    {
      plugins,
      wit,
      folder ? ".",
      ...
    }:
    map (
      plugin:
      let
        manifest = readIfThere (plugin.folder + "/Cargo.toml");
      in
      plugin
      // {
        # Where it goes in the folder of built plugins.
        group = folder;
        wit = src + "/${lib.replaceStrings [ "*" ] [ plugin.name ] wit}";
        # Those of other languages are built by tools of registries, which Nix does not let in.
        isCrate = manifest != { };
        package = manifest.package.name;
        artifact = lib.replaceStrings [ "-" ] [ "_" ] (manifest.lib.name or manifest.package.name);
      }
    ) (withFile "plugin.toml" (lib.concatMap matching plugins));

  plugins = lib.concatMap pluginsOf (
    [ { inherit (project) plugins wit; } ]
    ++ map (group: { inherit (project) wit; } // group) project.group
  );

  crates = lib.filter (plugin: plugin.isCrate) plugins;

  members = withFile "Cargo.toml" (
    lib.concatMap (
      member: if lib.hasInfix "*" member then matching member else [ { folder = src + "/${member}"; } ]
    ) (workspace.workspace.members or [ ])
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
  inherit (project) profile;
  inherit crates;
  hasOthers = lib.any (plugin: plugin.group == "." && !plugin.isCrate) plugins;
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
