//! The facts about a plugin in the report, compared with an earlier build of the plugin.

use std::collections::BTreeMap;

use plugwright::{ForeignText, Limit, Limits, More};
use plugwright_contract::OptionSchema;
use plugwright_report::{Facts, Item, Material, Origin, Part, Size, Times};

use super::seen::Seen;
use super::tested::Tested;
use super::told::{self, Places};
use crate::parts::parts;
use crate::statement::{Parameters, Resource};

/// Facts about a plugin that are not in the plugin: its tests and times.
pub(super) struct Beside {
    pub(super) tested: Tested,
    pub(super) times: Option<Times>,
}

/// Returns all facts about a plugin, compared with the plugin `before`, if there is one.
pub(super) fn facts(seen: &Seen, before: Option<&Seen>, places: &Places, beside: Beside) -> Facts {
    let Seen { inspection, wants, .. } = seen;
    let names = |texts: &[ForeignText]| told::list(texts.iter().map(ForeignText::exact));
    let shown = |text: &Option<ForeignText>| text.as_ref().map(told::name);
    let marked =
        |of: &dyn Fn(&Seen) -> Vec<String>| Item::marked(of(seen), before.map(of).as_deref());
    let schema = seen.schema.as_ref();
    let beyond = before.map(|before| wants.more_than(&before.wants)).unwrap_or_default();
    Facts {
        version: shown(&inspection.version),
        summary: schema.map(|schema| told::text(&schema.summary)),
        world: shown(&inspection.world),
        contract: shown(&inspection.contract),
        sha256: inspection.sha256.clone(),
        takes: schema.map(|it| told::list(it.takes.iter().map(|it| &**it))).unwrap_or_default(),
        gives: schema.map(|it| told::list(it.gives.iter().map(|it| &**it))).unwrap_or_default(),
        imports: marked(&|seen| names(&seen.inspection.imports)),
        grants: marked(&|seen| told::list(seen.wants.grants.iter().map(|it| &**it))),
        limits: marked(&|seen| limits(&seen.wants.limits)),
        options: marked(&|seen| {
            let options = seen.schema.iter().flat_map(|schema| &schema.options);
            let row = |it: &OptionSchema| format!("`{}={}` {}", it.key, it.default, it.help);
            let options: Vec<_> = options.map(row).collect();
            told::list(options.iter().map(|it| &**it))
        }),
        functions: marked(&|seen| seen.functions.clone()),
        more: beyond.iter().map(|more| places.line(&in_words(more))).collect(),
        untrue: inspection.mismatches.iter().map(|it| places.line(&it.to_string())).collect(),
        size: size(seen, before),
        times: beside.times,
        cases: beside.tested.cases,
        checks: beside.tested.checks,
        origin: origin(seen, before, places),
        signature: seen.signature.clone(),
        materials: materials(seen, before, places),
    }
}

/// Returns what the plugin asks for in addition to the plugin before it.
fn in_words(more: &More) -> String {
    let text = |limit: Limit, value: u64| {
        Limits::none().with(limit, value).texts().next().unwrap_or_default()
    };
    match more {
        More::Limit { limit, asked: Some(asked), agreed } => {
            let (asked, before) = (text(*limit, *asked), text(*limit, *agreed));
            format!("it expects up to `{asked}`, instead of up to `{before}`")
        }
        More::Limit { limit, asked: None, agreed } => {
            let before = text(*limit, *agreed);
            format!("it no longer declares this limit, which was `{before}` before")
        }
        other => other.to_string(),
    }
}

fn limits(limits: &Limits) -> Vec<String> {
    limits.texts().collect()
}

fn size(seen: &Seen, before: Option<&Seen>) -> Size {
    let parts_of = |seen: &Seen| {
        let bytes = seen.inspection.bytes as u64;
        seen.symbols.as_ref().map(|symbols| parts(&symbols.sizes, bytes)).unwrap_or_default()
    };
    let old = before.and_then(|before| before.symbols.as_ref());
    // Small crates have no part of their own in the old plugin, so their sizes come from its symbols.
    let mut known: BTreeMap<ForeignText, u64> = BTreeMap::new();
    if let Some(symbols) = old {
        known.extend(symbols.sizes.code.iter().map(|(name, size)| (name.clone(), *size)));
        known.extend(before.into_iter().flat_map(parts_of));
    }
    let part = |(name, bytes): (ForeignText, u64)| Part {
        before: old.and_then(|_| known.get(&name).copied()),
        name: told::name(&name),
        bytes,
    };
    Size {
        bytes: seen.inspection.bytes as u64,
        before: before.map(|before| before.inspection.bytes as u64),
        unstripped: seen.symbols.as_ref().map(|symbols| symbols.bytes),
        budget: seen.budget,
        parts: parts_of(seen).into_iter().map(part).collect(),
    }
}

fn origin(seen: &Seen, before: Option<&Seen>, places: &Places) -> Result<Origin, String> {
    let statement = seen.statement.as_ref().map_err(|error| places.line(&format!("{error:#}")))?;
    let Parameters { plugin: _, target, profile, builder, environment } = statement.parameters();
    let mut parameters = Vec::new();
    let mut add = |name: &str, value: &str| parameters.push((told::text(name), told::text(value)));
    add("Command", builder);
    target.iter().for_each(|target| add("Target", target));
    profile.iter().for_each(|profile| add("Profile", profile));
    environment.iter().for_each(|(name, value)| add(name, value));
    let pair = |name: &str, value: &str| (told::text(name), told::text(value));
    let input = |it: &Resource| {
        let digest = it.digest.iter().next().map(|(kind, value)| format!("{kind} {value}"));
        pair(&it.name, &digest.unwrap_or_default())
    };
    let old = before.and_then(|before| before.statement.as_ref().ok());
    let changed = old.map(|old| statement.differences(old));
    Ok(Origin {
        builder: told::text(statement.builder()),
        commit: statement.commit().as_ref().map(told::name),
        parameters,
        tools: statement.tools().iter().map(|(name, version)| pair(name, version)).collect(),
        inputs: statement.materials().iter().map(input).collect(),
        changed: changed.map(|it| told::list(it.iter().map(|it| &**it))),
    })
}

fn materials(seen: &Seen, before: Option<&Seen>, places: &Places) -> Result<Vec<Material>, String> {
    let now = seen.materials.as_ref().map_err(|error| places.line(&format!("{error:#}")))?;
    let old = before.and_then(|before| before.materials.as_ref().ok());
    let is_new = |it: &Material| {
        let is_it = |other: &Material| other.name == it.name && other.version == it.version;
        old.map(|old| !old.iter().any(is_it))
    };
    Ok(now.iter().map(|it| Material { is_new: is_new(it), ..it.clone() }).collect())
}
