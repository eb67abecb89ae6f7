//! Scripts in Lua and Rhai, with all of their default features.

use mlua::{Function, Lua, LuaString};
use rhai::{AST, Blob, Engine, Scope};
use work::Work;

use crate::way::Way;

/// Returns the work in both languages. There are no scripts for Markdown.
pub fn sources(work: Work) -> Option<(&'static str, &'static str)> {
    match work {
        Work::Echo => Some((include_str!("scripts/echo.lua"), include_str!("scripts/echo.rhai"))),
        Work::Count => {
            Some((include_str!("scripts/count.lua"), include_str!("scripts/count.rhai")))
        }
        Work::Markdown => None,
    }
}

/// Returns a new Lua state, and the compiled script.
pub fn lua(source: &str) -> (Lua, Function) {
    let lua = Lua::new();
    let function = lua.load(source).eval().expect("the script returns a function");
    (lua, function)
}

/// Returns a compiled Rhai script.
pub fn rhai(source: &str) -> (Engine, AST) {
    let engine = Engine::new();
    let script = engine.compile(source).expect("the script compiles");
    (engine, script)
}

/// Returns the ways to call a script.
pub fn ways<'a>(
    lua_source: &'a str,
    (engine, script): &'a (Engine, AST),
    work: Work,
) -> Vec<Way<'a>> {
    let call = |lua: &Lua, function: &Function, body: &[u8]| -> Vec<u8> {
        let body = lua.create_string(body).expect("the string can be created");
        function.call::<LuaString>(body).expect("the call returns an answer").as_bytes().to_vec()
    };
    let fresh = Way::new("Lua", move |body| {
        Box::new(move || {
            let (lua, function) = lua(lua_source);
            call(&lua, &function, body)
        })
    });
    let live = Way::new("Lua, live", move |body| {
        let (lua, function) = lua(lua_source);
        Box::new(move || call(&lua, &function, body))
    });
    let rhai = Way::new("Rhai", move |body| {
        Box::new(move || {
            let mut scope = Scope::new();
            match work {
                // In Rhai, bytes and text have different types.
                Work::Echo => {
                    let answer =
                        engine.call_fn::<Blob>(&mut scope, script, "transform", (body.to_vec(),));
                    answer.expect("the call returns an answer")
                }
                _ => {
                    let text = str::from_utf8(body).expect("the document is UTF-8").to_owned();
                    let answer = engine.call_fn::<String>(&mut scope, script, "transform", (text,));
                    answer.expect("the call returns an answer").into_bytes()
                }
            }
        })
    });
    vec![fresh, live, rhai]
}
