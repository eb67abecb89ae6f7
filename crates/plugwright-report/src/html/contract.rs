//! A contract: its changes and its definitions.

use maud::{Markup, html};

use super::text;
use crate::contract::{Contract, Definition, Interface, World};

pub(super) fn contract(contract: &Contract) -> Markup {
    let Contract { name, documentation, since, changes, refused, worlds, interfaces } = contract;
    let (id, heading) = (text::id("contract", name), text::id("contract-name", name));
    html! {
        article #(id) aria-labelledby=(heading) {
            h2 #(heading) { "The contract " (text::name(name)) }
            (text::documentation(documentation.as_deref()))
            h3 { "Changes" }
            @match since {
                None => p.quiet { "It has no release to compare with." },
                Some(since) if changes.is_empty() => p { "Nothing since " (text::name(since)) ", the last release." },
                Some(since) => {
                    p { "Since " (text::name(since)) ", the last release:" }
                    ul {
                        @for change in changes {
                            li {
                                @if change.breaks.is_some() { strong.mark.mend { "breaks plugins" } " " }
                                (text::said(&change.what))
                                @if let Some(why) = &change.breaks { ": " (text::said(why)) }
                            }
                        }
                    }
                }
            }
            @if let Some(why) = refused {
                p { strong.mark.mend { "It must not follow that release as it is" } ": " (text::said(why)) }
            }
            h3 { "Definitions" }
            @for world in worlds { (self::world(world)) }
            @for interface in interfaces { (self::interface(interface)) }
        }
    }
}

fn world(World { name, documentation, imports, exports }: &World) -> Markup {
    html! {
        details {
            summary { h4 { "World " (text::name(name)) } }
            (text::documentation(documentation.as_deref()))
            dl.facts {
                @for (what, names) in [("A plugin imports", imports), ("A plugin exports", exports)] {
                    div {
                        dt { (what) }
                        dd {
                            @if names.is_empty() { "nothing" }
                            @for (index, name) in names.iter().enumerate() {
                                @if index > 0 { ", " }
                                (text::name(name))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn interface(Interface { name, documentation, types, functions }: &Interface) -> Markup {
    html! {
        details {
            summary {
                h4 { "Interface " (text::name(name)) }
                span.quiet { (functions.len()) " functions, " (types.len()) " types" }
            }
            (text::documentation(documentation.as_deref()))
            dl.definitions {
                @for definition in functions.iter().chain(types) { (self::definition(definition)) }
            }
        }
    }
}

fn definition(Definition { text: wit, documentation, parts }: &Definition) -> Markup {
    html! {
        dt { code { (wit) } }
        dd {
            (text::documentation(documentation.as_deref()))
            @if !parts.is_empty() {
                ul {
                    @for (part, documentation) in parts {
                        li { code { (part) } (text::documentation(documentation.as_deref())) }
                    }
                }
            }
        }
    }
}
