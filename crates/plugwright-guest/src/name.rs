//! Turns Rust identifiers into the names of the contract, in `kebab-case`.

/// Returns the identifier without `r#`. The result is as long as the name in `kebab-case`.
pub const fn plain(identifier: &str) -> &str {
    match identifier.as_bytes() {
        [b'r', b'#', ..] => identifier.split_at(2).1,
        _ => identifier,
    }
}

/// Returns the bytes of the name in `kebab-case`.
pub const fn kebab<const LENGTH: usize>(name: &str) -> [u8; LENGTH] {
    let mut kebab = [0; LENGTH];
    let mut index = 0;
    while index < LENGTH {
        let byte = name.as_bytes()[index];
        kebab[index] = if byte == b'_' { b'-' } else { byte };
        index += 1;
    }
    kebab
}

/// Returns the text of a name's bytes.
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a name is UTF-8"),
    }
}

/// Expands to the name of an option or of a log field: the identifier in `kebab-case`.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    ($identifier:ident) => {{
        const NAME: &str = $crate::__private::plain(::core::stringify!($identifier));
        const BYTES: [u8; NAME.len()] = $crate::__private::kebab(NAME);
        const KEY: &str = $crate::__private::text(&BYTES);
        KEY
    }};
}
