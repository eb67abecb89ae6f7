//! Compiled code on disk: what is found again, what is never trusted, and what the command shows.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use plugwright::{Cache, CacheError, Host};
use plugwright_contract::Transformer;
use plugwright_contract::prelude::*;
use tempfile::TempDir;
use tests::{Output, plugwright, trapping};

/// Quick to compile, because the tests compile it often.
static SMALL: LazyLock<Vec<u8>> = LazyLock::new(|| trapping("transformer"));
/// Two variants of it, each with a custom section that nothing reads.
static OTHER: LazyLock<Vec<u8>> = LazyLock::new(|| [&**SMALL, b"\0\x02\x01a"].concat());
static THIRD: LazyLock<Vec<u8>> = LazyLock::new(|| [&**SMALL, b"\0\x02\x01b"].concat());

/// Returns a folder for one test, whose path has no links, and the path of a cache in it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let place = folder.path().canonicalize().expect("the path exists").join("cache");
    (folder, place)
}

/// Opens the cache in `place`, as another process would.
fn open(place: &Path) -> Cache {
    Cache::open(place).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads the component `bytes` with `cache`, and calls it. Returns whether it was found in the cache.
fn load(cache: &Cache, bytes: &[u8]) -> bool {
    let host =
        Host::builder().cache(cache.clone()).concurrency(64).build().expect("the engine starts");
    let before = (cache.hits(), cache.misses());
    let plugin = host.load_bytes::<Transformer>("sample", bytes);
    let trap = plugin.unwrap_or_else(|error| panic!("{error}")).describe();
    let trap = trap.expect_err("the plugin always traps").to_string();
    assert!(trap.contains("`unreachable`"), "{trap}");
    let found = cache.hits() > before.0;
    assert_eq!((cache.hits() - before.0) + (cache.misses() - before.1), 1);
    found
}

/// Returns the file of the only component in `cache`.
fn entry(cache: &Cache) -> PathBuf {
    let entries = cache.entries().expect("the cache can be read");
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].path.clone()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("the path exists").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the permissions can be set");
}

fn set_age(path: &Path, age: Duration) {
    let file = File::open(path).expect("the file exists");
    file.set_modified(SystemTime::now() - age).expect("the time can be set");
}

/// A cache with one small component in it.
struct Filled {
    _folder: TempDir,
    place: PathBuf,
}

impl Filled {
    fn new() -> Self {
        let (folder, place) = folder();
        assert!(!load(&open(&place), &SMALL));
        Self { _folder: folder, place }
    }

    fn entry(&self) -> PathBuf {
        entry(&open(&self.place))
    }

    /// Damages the component's file, and checks that it is compiled again and replaced, once.
    fn is_mended_after(&self, damage: impl FnOnce(&Path)) {
        damage(&self.entry());
        assert!(!load(&open(&self.place), &SMALL), "a changed file was found in the cache");
        assert!(load(&open(&self.place), &SMALL), "the file was not replaced");
        assert_eq!(mode(&self.entry()), 0o600);
    }
}

#[test]
fn a_component_is_compiled_once() {
    let (_folder, place) = folder();
    let cache = open(&place);
    assert!(!load(&cache, &SMALL));
    assert!(load(&cache, &SMALL));
    assert!(load(&open(&place), &SMALL));
    assert!(!load(&cache, &OTHER));
    assert_eq!((cache.hits(), cache.misses()), (1, 2));
    assert_eq!(cache.entries().expect("the cache can be read").len(), 2);
}

#[test]
fn nothing_in_the_folder_is_open_to_others() {
    let filled = Filled::new();
    let place = &filled.place;
    assert_eq!(mode(place), 0o700);
    let files: Vec<_> = fs::read_dir(place).expect("the folder can be read").flatten().collect();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
}

#[test]
fn what_is_cut_short_is_replaced() {
    let filled = Filled::new();
    for length in [0, 1, 31, 32, 1000] {
        filled.is_mended_after(|entry| {
            let file = File::options().write(true).open(entry).expect("the file exists");
            file.set_len(length).expect("the length can be set");
        });
    }
    filled.is_mended_after(|entry| fs::remove_file(entry).expect("the file exists"));
}

#[test]
fn what_has_another_byte_in_it_is_replaced() {
    let filled = Filled::new();
    let length = fs::metadata(filled.entry()).expect("the path exists").len() as usize;
    // The beginning, the middle and the end of the code, and the seal.
    for at in [0, length / 2, length - 33, length - 32, length - 1] {
        filled.is_mended_after(|entry| {
            let mut bytes = fs::read(entry).expect("the file exists");
            bytes[at] ^= 1;
            fs::write(entry, bytes).expect("the file can be written");
        });
    }
    filled.is_mended_after(|entry| {
        let mut bytes = fs::read(entry).expect("the file exists");
        bytes.push(0);
        fs::write(entry, bytes).expect("the file can be written");
    });
}

#[test]
fn what_is_no_private_file_is_replaced() {
    let filled = Filled::new();
    filled.is_mended_after(|entry| set_mode(entry, 0o666));
    filled.is_mended_after(|entry| set_mode(entry, 0o000));
    filled.is_mended_after(|entry| {
        fs::remove_file(entry).expect("the file exists");
        fs::create_dir_all(entry.join("folder")).expect("the folder can be created");
    });
    filled.is_mended_after(|entry| {
        let elsewhere = entry.with_extension("elsewhere");
        fs::rename(entry, &elsewhere).expect("the path exists");
        symlink(elsewhere, entry).expect("the link can be created");
    });
}

#[test]
fn what_a_host_has_in_memory_is_no_reason_to_leave_a_damaged_file() {
    let filled = Filled::new();
    let cache = open(&filled.place);
    let host =
        Host::builder().cache(cache.clone()).concurrency(64).build().expect("the engine starts");
    let is_found = || {
        let before = (cache.hits(), cache.misses());
        let plugin = host.load_bytes::<Transformer>("sample", &SMALL);
        assert!(plugin.unwrap_or_else(|error| panic!("{error}")).describe().is_err());
        assert_eq!((cache.hits() - before.0) + (cache.misses() - before.1), 1);
        cache.hits() > before.0
    };
    let damages: [&dyn Fn(&Path); 6] = [
        &|entry| {
            let mut bytes = fs::read(entry).expect("the file exists");
            bytes[1000] ^= 1;
            fs::write(entry, bytes).expect("the file can be written");
        },
        &|entry| {
            // Another file with the same length and time of use.
            let used = fs::metadata(entry).and_then(|it| it.modified()).expect("the file exists");
            let mut bytes = fs::read(entry).expect("the file exists");
            bytes[1000] ^= 1;
            fs::remove_file(entry).expect("the file exists");
            fs::write(entry, bytes).expect("the file can be written");
            set_mode(entry, 0o600);
            File::open(entry).and_then(|it| it.set_modified(used)).expect("the time can be set");
        },
        &|entry| {
            let file = File::options().write(true).open(entry).expect("the file exists");
            file.set_len(1000).expect("the length can be set");
        },
        &|entry| set_mode(entry, 0o666),
        &|entry| fs::remove_file(entry).expect("the file exists"),
        &|_| drop(cache.clear().expect("the cache can be cleared")),
    ];
    for damage in damages {
        for _ in 0..3 {
            // Long enough that a later change shows in the times of the file.
            thread::sleep(Duration::from_millis(150));
            assert!(is_found(), "the component is not in the cache");
        }
        damage(&filled.entry());
        assert!(!is_found(), "a changed file was found in the cache");
        assert!(load(&open(&filled.place), &SMALL), "the file was not replaced");
    }
}

#[test]
fn one_component_does_not_do_for_another() {
    let Filled { _folder, place } = Filled::new();
    let cache = open(&place);
    let small = entry(&cache);
    let intact = fs::read(&small).expect("the file exists");
    cache.clear().expect("the cache can be cleared");
    load(&cache, &OTHER);
    // Sealed with the right key, but stored under the other component's name.
    fs::rename(entry(&cache), &small).expect("the path exists");
    assert!(!load(&open(&place), &SMALL));
    assert_eq!(fs::read(&small).expect("the file exists").len(), intact.len());
    assert!(load(&open(&place), &SMALL));
}

#[test]
fn what_another_key_sealed_is_replaced() {
    let filled = Filled::new();
    let key = |entry: &Path| entry.with_file_name("seal-key");
    filled
        .is_mended_after(|entry| fs::write(key(entry), [7; 32]).expect("the file can be written"));
    filled
        .is_mended_after(|entry| fs::write(key(entry), b"short").expect("the file can be written"));
    filled.is_mended_after(|entry| fs::remove_file(key(entry)).expect("the file exists"));
    // Others may have read this key and sealed code with it.
    filled.is_mended_after(|entry| set_mode(&key(entry), 0o644));
    filled.is_mended_after(|entry| {
        fs::remove_file(key(entry)).expect("the file exists");
        symlink("/dev/zero", key(entry)).expect("the link can be created");
    });
}

#[test]
fn a_key_that_is_replaced_while_it_is_in_use_does_no_harm() {
    let Filled { _folder, place } = Filled::new();
    let before = open(&place);
    fs::remove_file(place.join("seal-key")).expect("the file exists");
    let after = open(&place);
    assert!(!load(&after, &SMALL));
    assert!(!load(&before, &SMALL));
    assert!(!load(&after, &SMALL));
    assert!(load(&after, &SMALL));
}

#[test]
fn a_folder_that_others_can_change_is_refused() {
    let (_folder, place) = folder();
    for mode in [0o777, 0o770, 0o702] {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir(&place).expect("the folder can be created");
        set_mode(&place, mode);
        let error = Cache::open(&place).expect_err("the folder is refused");
        assert!(matches!(error, CacheError::Writable { .. }), "{error}");
    }
    let link = place.with_file_name("link");
    set_mode(&place, 0o700);
    symlink(&place, &link).expect("the link can be created");
    for link in [link.clone(), link.join(""), link.join(".")] {
        let error = Cache::open(link).expect_err("the folder is refused");
        assert!(matches!(error, CacheError::Link { .. }), "{error}");
    }
    // Root can give a folder away. Other users look for one that is not theirs.
    let ours = fs::metadata(&place).expect("the path exists").uid();
    let _ = chown(&place, Some(ours + 1), None);
    let candidates = [place.as_path(), Path::new("/"), Path::new("/proc"), Path::new("/System")];
    let others = |path: &&Path| fs::metadata(path).is_ok_and(|metadata| metadata.uid() != ours);
    if let Some(foreign) = candidates.into_iter().find(others) {
        let error = Cache::open(foreign).expect_err("the folder is refused");
        assert!(matches!(error, CacheError::Owner { .. }), "{error}");
    }
    let _ = chown(&place, Some(ours), None);
}

#[test]
fn a_folder_of_something_else_is_refused_and_left_as_it_is() {
    let (folder, place) = folder();
    fs::create_dir(&place).expect("the folder can be created");
    set_mode(&place, 0o700);
    open(&place);
    // Without its key, a folder has no code that anyone could trust.
    fs::remove_file(place.join("seal-key")).expect("the file exists");
    fs::write(place.join(".new-1"), "begun").expect("the file can be written");
    // A folder that is its own file system counts as empty.
    fs::create_dir(place.join("lost+found")).expect("the folder can be created");
    open(&place);
    fs::write(place.join("note"), "beside the key").expect("the file can be written");
    open(&place);
    fs::remove_file(place.join("seal-key")).expect("the file exists");
    let error = Cache::open(&place).expect_err("the folder is refused");
    assert!(matches!(error, CacheError::NotEmpty { .. }), "{error}");
    for arguments in [&["cache", "--clear"][..], &["cache"], &["inspect", "quote"]] {
        let output = Output::of(plugwright(folder.path(), arguments).args(["--cache", "cache"]));
        let says = "cache` is not a cache, because it contains `note`: give a folder that is empty or does not \
                    exist\n";
        assert!(output.code == Some(2) && output.stderr.ends_with(says), "{output}");
    }
    assert!(!place.join("seal-key").exists());
}

#[test]
fn a_folder_for_reading_only_is_read() {
    let Filled { _folder, place } = Filled::new();
    set_mode(&place, 0o500);
    let cache = open(&place);
    assert!(load(&cache, &SMALL));
    assert!(!load(&cache, &OTHER));
    assert_eq!(fs::read_dir(&place).expect("the folder can be read").count(), 2);
    set_mode(&place, 0o700);
}

#[test]
fn what_was_not_used_for_the_longest_time_makes_room() {
    let sizes = [&**SMALL, &**OTHER].map(|component| {
        let (_folder, place) = folder();
        load(&open(&place), component);
        fs::metadata(entry(&open(&place))).expect("the path exists").len()
    });
    let (_folder, place) = folder();
    let cache = open(&place).limited_to(sizes.iter().sum());
    load(&cache, &SMALL);
    let small = entry(&cache);
    set_age(&small, Duration::from_secs(20));
    load(&cache, &OTHER);
    let entries = cache.entries().expect("the cache can be read");
    assert_eq!(entries.iter().map(|entry| entry.bytes).collect::<Vec<_>>(), [sizes[1], sizes[0]]);
    assert_eq!(entries[1].path, small);

    // `SMALL` is older, until it is used.
    set_age(&entries[0].path, Duration::from_secs(10));
    assert!(load(&cache, &SMALL));
    set_age(&small, Duration::from_secs(5));
    assert!(!load(&cache, &THIRD));
    assert!(load(&cache, &THIRD));
    assert!(load(&cache, &SMALL));
    let left = cache.entries().expect("the cache can be read");
    assert!(left.iter().all(|entry| entry.path != entries[0].path), "{left:?}");

    // A component that alone exceeds the limit is not kept, and does not evict the others.
    let cache = open(&place).limited_to(sizes[1] - 1);
    assert!(!load(&cache, &OTHER));
    assert_eq!(cache.entries().expect("the cache can be read"), left);
}

#[test]
fn what_a_stopped_process_left_is_removed_in_the_end() {
    let (_folder, place) = folder();
    let cache = open(&place);
    let [old, new, other] = [".new-old", ".new-new", "notes"].map(|name| place.join(name));
    for file in [&old, &new, &other] {
        fs::write(file, "half").expect("the file can be written");
        set_age(file, Duration::from_secs(if *file == new { 60 } else { 2 * 60 * 60 }));
    }
    load(&cache, &SMALL);
    assert_eq!([&old, &new, &other].map(|file| file.exists()), [false, true, true]);
}

#[test]
fn several_processes_fill_an_empty_cache_at_once() {
    let (folder, place) = folder();
    fs::write(folder.path().join("small.wasm"), &**SMALL).expect("the file can be written");
    let check = || {
        let mut command = plugwright(folder.path(), ["check", "small.wasm"]);
        Output::of(command.env("PLUGWRIGHT_CACHE", &place))
    };
    let outputs: Vec<Output> = thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(check)).collect();
        runs.into_iter().map(|run| run.join().expect("the thread did not panic")).collect()
    });
    insta::allow_duplicates!(for output in outputs {
        assert_snapshot!(output, @"
        small.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, which imports only its contract
        [exit code 0]
        ");
    });
    assert!(load(&open(&place), &SMALL));
    assert_eq!(fs::read_dir(&place).expect("the folder can be read").count(), 2);
}

#[test]
fn the_command_shows_and_clears() {
    let (folder, place) = folder();
    let folder = folder.path();
    let run = |arguments: &[&str]| {
        Output::of(plugwright(folder, arguments).env("PLUGWRIGHT_CACHE", &place))
    };
    // Showing the cache does not create it.
    let unmade = run(&["cache"]);
    assert_snapshot!(unmade.to_string().replace("/private$FOLDER", "$FOLDER"), @"
    the cache is empty: there is no folder `$FOLDER/cache`
    [exit code 0]
    ");
    assert_eq!(run(&["cache", "--clear"]), unmade);
    assert!(!place.exists());
    open(&place);
    assert_snapshot!(run(&["cache"]).to_string().replace("/private$FOLDER", "$FOLDER"), @"
    folder       $FOLDER/cache
    components   0
    size         0 bytes
    limit        1073741824 bytes
    [exit code 0]
    ");
    load(&open(&place), &SMALL);
    let bytes = fs::metadata(entry(&open(&place))).expect("the path exists").len();
    let shown = run(&["cache"]);
    assert!(shown.stdout.contains("components   1\n"), "{shown}");
    assert!(shown.stdout.contains(&format!("size         {bytes} bytes\n")), "{shown}");
    let cleared = run(&["cache", "--clear"]);
    let words = format!("removed 1 component, {bytes} bytes, from ");
    assert!(cleared.stdout.starts_with(&words), "{cleared}");
    assert!(open(&place).entries().expect("the cache can be read").is_empty());
    assert_snapshot!(run(&["cache", "--no-cache"]), @"
    ── stderr
    error: there is no cache with `--no-cache`: leave out that option
    [exit code 2]
    ");
}

#[test]
fn the_command_keeps_compiled_code_where_it_is_told() {
    let (folder, place) = folder();
    let folder = folder.path().canonicalize().expect("the path exists");
    let run = |variables: &[(&str, &Path)], arguments: &[&str]| {
        let mut command = plugwright(&folder, arguments);
        command.env_remove("PLUGWRIGHT_CACHE").envs(variables.iter().copied());
        Output::of(&mut command)
    };
    fs::write(folder.join("small.wasm"), &**SMALL).expect("the file can be written");
    let check = ["check", "small.wasm"];
    let kept = |place: &Path| place.is_dir() && load(&open(place), &SMALL);
    let [xdg, home] = ["xdg", "home"].map(|name| folder.join(name));

    let no_cache = [&["--no-cache"], &check[..]].concat();
    let output = run(&[("PLUGWRIGHT_CACHE", &place), ("HOME", &home)], &no_cache);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!place.exists() && !home.exists());

    let output = run(&[("XDG_CACHE_HOME", &xdg), ("HOME", &home)], &check);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(kept(&xdg.join("plugwright/compiled")) && !home.exists());

    let relative = Path::new("relative");
    let output = run(&[("XDG_CACHE_HOME", relative), ("HOME", &home)], &check);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(kept(&home.join(".cache/plugwright/compiled")) && !folder.join(relative).exists());

    // The default folder was not asked for, so a problem with it is only a warning.
    set_mode(&home.join(".cache/plugwright/compiled"), 0o777);
    assert_snapshot!(run(&[("HOME", &home)], &check), @"
    small.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, which imports only its contract
    ── stderr
    warn: compiling plugins each time: other users can write into `$FOLDER/home/.cache/plugwright/compiled` and change the compiled code in it: give another folder, or run `chmod 700 $FOLDER/home/.cache/plugwright/compiled` if this folder is used for nothing else
    [exit code 0]
    ");
    set_mode(&home.join(".cache/plugwright/compiled"), 0o700);

    // These folders were asked for.
    fs::create_dir(&place).expect("the folder can be created");
    set_mode(&place, 0o777);
    let given = [&["--cache", "cache"], &check[..]].concat();
    assert_snapshot!(run(&[], &given), @"
    ── stderr
    error: other users can write into `$FOLDER/cache` and change the compiled code in it: give another folder, or run `chmod 700 $FOLDER/cache` if this folder is used for nothing else
    [exit code 2]
    ");
    set_mode(&place, 0o700);
    symlink(&place, folder.join("link")).expect("the link can be created");
    assert_snapshot!(run(&[("PLUGWRIGHT_CACHE", Path::new("link/"))], &check), @"
    ── stderr
    error: `$FOLDER/link` is a link, but the cache must be a folder itself: give the folder that it leads to, `$FOLDER/cache`
    [exit code 2]
    ");
    fs::write(folder.join("file"), "").expect("the file can be written");
    assert_snapshot!(run(&[], &["--cache", "file", "cache"]), @"
    ── stderr
    error: cannot use the folder `$FOLDER/file` for compiled code: not a directory
    [exit code 8]
    ");
}
