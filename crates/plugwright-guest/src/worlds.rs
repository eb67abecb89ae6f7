//! The text of the contract, and the bindings that a plugin's own crate generates from it.
//!
//! Bindings are generated in each plugin, not once here for all worlds. wit-bindgen's export macro derives one symbol
//! name from an interface, and two worlds of one crate cannot both have it. The types of the contract are defined in
//! this crate, and all bindings use them.

/// Generates the bindings of a world of the contract. The contract's text is here without its comments.
///
/// The contract has no world `with-host`. This crate generates its own bindings from it.
#[doc(hidden)]
#[macro_export]
macro_rules! __generate {
    ($world:literal $(, $($options:tt)*)?) => {
        $crate::__private::wit_bindgen::generate!({
            world: $world,
            inline: r#"
package plugwright:plugin@0.2.0;
interface host {
    enum level {
        trace,
        debug,
        info,
        warn,
        error,
    }
    record field {
        key: string,
        value: string,
    }
    log: func(level: level, message: string, fields: list<field>);
    resource map-resource {
        constructor(entries: list<tuple<string, string>>);
        take: func() -> list<tuple<string, string>>;
        length: func() -> u32;
    }
    log-structured: func(message: string, properties: map-resource);
}
interface sessions {
    use transform.{attribute, setting, failure};
    record head {
        name: string,
        media-type: string,
        attributes: list<attribute>,
    }
    record ending {
        body: list<u8>,
        attributes: list<attribute>,
    }
    resource transform-session {
        open: static func(input: head, options: list<setting>) -> result<transform-session, failure>;
        head: func() -> head;
        push: func(chunk: list<u8>) -> result<list<u8>, failure>;
        finish: static func(session: transform-session) -> result<ending, failure>;
    }
}
interface transform {
    record attribute {
        key: string,
        value: string,
    }
    record document {
        name: string,
        media-type: string,
        body: list<u8>,
        attributes: list<attribute>,
    }
    record setting {
        key: string,
        value: string,
    }
    record location {
        line: u32,
        column: u32,
    }
    record invalid-input {
        message: string,
        at: option<location>,
    }
    record bad-option {
        key: string,
        message: string,
        at: option<location>,
    }
    variant failure {
        invalid-input(invalid-input),
        unknown-option(string),
        bad-option(bad-option),
        internal(string),
    }
    record option-description {
        key: string,
        default: string,
        help: string,
    }
    record description {
        name: string,
        version: string,
        summary: string,
        takes: list<string>,
        gives: list<string>,
        options: list<option-description>,
    }
    describe: func() -> description;
    transform: func(input: document, options: list<setting>) -> result<document, failure>;
}
interface words {
    resource person-resource {
        constructor(first-name: string, last-name: string);
        replica: func() -> tuple<string, string>;
    }
    prettify: func(words: list<string>) -> result<string, string>;
    greet: func(person: borrow<person-resource>) -> result<string, string>;
}
world prettify {
    import host;
    export words;
}
world transformer {
    import host;
    export transform;
}
world streamer {
    include transformer;
    export sessions;
}
world with-host {
    import host;
}
"#,
            runtime_path: "::plugwright_guest::__private::wit_bindgen::rt",
            $($($options)*)?
        });
    };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_contract_is_the_one_in_wit() {
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        let files = ["host", "sessions", "transform", "words", "worlds"];
        let texts = files.map(|name| fs::read_to_string(wit.join(format!("{name}.wit"))));
        let texts = texts.map(|text| text.expect("a file of the contract"));
        let is_said = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        let there = texts.iter().flat_map(|text| text.lines()).filter(is_said);

        let (_, here) =
            include_str!("worlds.rs").split_once("inline: r#\"").expect("the text in the macro");
        let (here, own) =
            here.split_once("\nworld with-host {").expect("the world of this crate at its end");
        assert!(own.starts_with("\n    import host;\n}\n\"#"));
        assert_eq!(here.lines().filter(is_said).collect::<Vec<_>>(), there.collect::<Vec<_>>());
        let all = fs::read_dir(wit).expect("the folder wit").filter_map(Result::ok);
        let all = all.filter(|entry| entry.path().extension().is_some_and(|it| it == "wit"));
        assert_eq!(all.count(), files.len());
    }
}
