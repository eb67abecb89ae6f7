//! Checks whether a component fits a world, including the types, with wit-component.

use std::mem;
use std::panic::AssertUnwindSafe;

use wit_component::{DecodedWasm, decode};
use wit_parser::{CloneMaps, PackageName, Resolve, Span, WorldId, WorldKey};

use super::WorldType;
use super::catch_panic::catch_panic;
use crate::text::version::compatible;

/// Returns a message about the first type that differs between the component and the world, if there is one. The names
/// must be compared before.
///
/// The component's imports from WASI always fit.
pub(crate) fn targets(world: &WorldType, component: &[u8]) -> Option<String> {
    catch_panic(AssertUnwindSafe(|| compare(world, component)))
        .unwrap_or_else(|said| Some(format!("the type comparison panicked: {said}")))
}

fn compare(world: &WorldType, component: &[u8]) -> Option<String> {
    let (resolve, id) = world.resolve();
    let mut resolve = resolve.clone();
    let decoded = match decode(component) {
        Ok(DecodedWasm::Component(theirs, their_world)) => {
            take_versions(&mut resolve, &theirs);
            add_wasi(&mut resolve, id, theirs, their_world)
        }
        Ok(DecodedWasm::WitPackage(..)) => {
            return Some("it is a contract, not a plugin".to_owned());
        }
        Err(error) => return Some(told(&format!("{error:#}"))),
    };
    if let Err(said) = decoded {
        return Some(told(&said));
    }
    let fits = wit_component::targets(&resolve, id, component);
    fits.err().map(|error| told(&format!("{error:#}")))
}

/// Adds a component's imports from WASI, and nothing else, to the world.
fn add_wasi(
    resolve: &mut Resolve,
    world: WorldId,
    mut theirs: Resolve,
    their_world: WorldId,
) -> Result<(), String> {
    const NAME: &str = "what-it-imports-of-wasi";
    let is_wasi =
        |resolve: &Resolve, key: &WorldKey| resolve.name_world_key(key).starts_with("wasi:");
    // The world is cloned, because the types of the component's own world must stay in it.
    let Some(mut wasi) = theirs.worlds.get(their_world).cloned() else { return Ok(()) };
    NAME.clone_into(&mut wasi.name);
    wasi.exports.clear();
    wasi.imports.retain(|key, _| is_wasi(&theirs, key));
    let Some(package) = wasi.package else { return Ok(()) };
    let wasi = theirs.worlds.alloc(wasi);
    if let Some(package) = theirs.packages.get_mut(package) {
        package.worlds.insert(NAME.to_owned(), wasi);
    }
    // Merging would compare the component's copy of the contract with the contract, and refuse it with an unclear
    // message. Renamed packages are not compared.
    let of_others = theirs.packages.iter().filter(|(_, package)| package.name.namespace != "wasi");
    for id in of_others.map(|(id, _)| id).collect::<Vec<_>>() {
        if let Some(package) = theirs.packages.get_mut(id) {
            let old = package.name.clone();
            package.name.namespace = format!("theirs-{}", old.namespace);
            let new = package.name.clone();
            theirs.package_names.swap_remove(&old);
            theirs.package_names.insert(new, id);
        }
    }
    let merged = resolve.merge(theirs).and_then(|remap| {
        let wasi = remap.map_world(wasi, Span::default())?;
        resolve.merge_worlds(wasi, world, &mut CloneMaps::default())
    });
    merged.map_err(|error| format!("{error:#}"))
}

/// Changes the versions of the contract's packages to the component's versions, where they are compatible under
/// semantic versioning. The linker accepts compatible versions, but this comparison needs equal names.
fn take_versions(resolve: &mut Resolve, theirs: &Resolve) {
    let mut taken: Vec<(_, PackageName)> = Vec::new();
    for (_, their) in &theirs.packages {
        // A package with an equal name needs no change, and no version is taken twice.
        if resolve.package_names.contains_key(&their.name) {
            continue;
        }
        let name = their.name.to_string();
        let is_theirs = |other: &PackageName| theirs.package_names.contains_key(other);
        let mut ours = resolve.packages.iter().filter(|(id, package)| {
            compatible(&package.name.to_string(), &name)
                && !is_theirs(&package.name)
                && taken.iter().all(|(other, _)| other != id)
        });
        let ours = ours.next().map(|(id, _)| (id, their.name.clone()));
        taken.extend(ours);
    }
    for (id, name) in taken {
        if let Some(package) = resolve.packages.get_mut(id) {
            let old = mem::replace(&mut package.name, name.clone());
            resolve.package_names.swap_remove(&old);
            resolve.package_names.insert(name, id);
        }
    }
}

/// Turns the engine's message into plain words: which function or type of which interface differs, and what each side
/// has. For an import the engine expects the plugin's type, and for an export the contract's type.
fn told(said: &str) -> String {
    let said = said.split(" (at offset ").next().unwrap_or(said);
    let quoted = |layer: &str, begin: &str| {
        let (name, rest) = layer.strip_prefix(begin)?.split_once('`')?;
        rest.is_empty().then(|| name.to_owned())
    };
    let (mut interface, mut places, mut imported) = (None, Vec::new(), false);
    // The outermost layer is about the world as a whole.
    let mut layers =
        said.split('\n').skip_while(|layer| layer.contains("type mismatch for import"));
    let world = said.split('\n').nth(1).unwrap_or_default();
    if let Some(name) = quoted(world, "type mismatch for import `") {
        (interface, imported) = (Some(name), true);
    }
    let mut detail = "";
    for layer in layers.by_ref() {
        if let Some(name) = quoted(layer, "type mismatch for export `") {
            interface = Some(name);
        } else if let Some(name) = quoted(layer, "type mismatch in instance export `") {
            places.push(format!("`{name}`"));
        } else if let Some(place) = layer.strip_prefix("type mismatch in ") {
            places.push(place.to_owned());
        } else {
            detail = layer;
        }
    }
    let detail = match imported {
        true => sides(detail, "the plugin", "the contract"),
        false => sides(detail, "the contract", "the plugin"),
    };
    places.reverse();
    places.extend(interface.map(|interface| format!("`{interface}`")));
    if places.is_empty() { detail } else { format!("{}: {detail}", places.join(" of ")) }
}

/// Says what each side has, instead of what was expected and found.
fn sides(detail: &str, expects: &str, has: &str) -> String {
    let plain = |text: &str| text.replace("primitive ", "");
    // For results, the engine's message has the sides swapped.
    let detail = match detail {
        "expected a result, found none" => "expected no result, found one",
        "expected no result, found one" => "expected a result, found none",
        _ => detail,
    };
    let parts = detail
        .strip_prefix("expected ")
        .and_then(|rest| rest.split_once(", found ").or_else(|| rest.split_once(" found ")));
    if let Some((expected, found)) = parts {
        return format!("{expects} has {}, but {has} has {}", plain(expected), plain(found));
    }
    let missing = detail.strip_prefix("missing expected export ");
    missing.map_or_else(|| plain(detail), |name| format!("{has} does not have {name}"))
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_the_engine_says_is_told_by_sides() {
        let world = "failed to validate encoded bytes: type mismatch for import `pricing`";
        let exported = format!(
            "{world}\ntype mismatch for export `a:b/c@1.0.0`\ntype mismatch in instance export `quote`\n\
             type mismatch in record field `total`\nexpected primitive `u32` found primitive `u64` (at offset 0x8)"
        );
        assert_eq!(
            told(&exported),
            "record field `total` of `quote` of `a:b/c@1.0.0`: the contract has `u32`, but the plugin has `u64`"
        );
        let imported = format!(
            "{world}\ntype mismatch for import `a:b/d@1.0.0`\ntype mismatch in instance export `find`\n\
             expected 1 parameters, found 2 (at offset 0x8)"
        );
        assert_eq!(
            told(&imported),
            "`find` of `a:b/d@1.0.0`: the plugin has 1 parameters, but the contract has 2"
        );
        let missing = format!(
            "{world}\ntype mismatch for export `a:b/c`\nmissing expected export `more` (at offset 0x8)"
        );
        assert_eq!(told(&missing), "`a:b/c`: the plugin does not have `more`");
        assert_eq!(told("something else (at offset 0x8)"), "something else");
    }
}
