//! Numbers and texts for people.

/// Returns a number of bytes in a suitable unit.
pub(crate) fn bytes(bytes: u64) -> String {
    let in_unit = |unit: f64| number(bytes as f64 / unit);
    match bytes {
        0..1024 => count(bytes as usize, "byte", "bytes"),
        1024..0x10_0000 => format!("{} KiB", in_unit(1024.0)),
        _ => format!("{} MiB", in_unit(1_048_576.0)),
    }
}

/// Returns the difference between two numbers of bytes.
pub(crate) fn difference(now: u64, before: u64) -> String {
    let sign = if now < before { '−' } else { '+' };
    let by = now.abs_diff(before);
    match (by, before) {
        (0, _) => "as before".to_owned(),
        (_, 0) => format!("{sign}{}", bytes(by)),
        _ => match 100.0 * by as f64 / before as f64 {
            percent if percent < 0.1 => format!("{sign}{}", bytes(by)),
            percent => format!("{sign}{}, {sign}{} %", bytes(by), number(percent)),
        },
    }
}

/// Returns a time, given in nanoseconds, in a suitable unit.
pub(crate) fn time(nanoseconds: u64) -> String {
    let in_unit = |unit: f64| number(nanoseconds as f64 / unit);
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{} µs", in_unit(1e3)),
        1_000_000..1_000_000_000 => format!("{} ms", in_unit(1e6)),
        _ => format!("{} s", in_unit(1e9)),
    }
}

/// Returns the number with three significant digits.
pub(crate) fn number(number: f64) -> String {
    match number {
        99.95.. => format!("{number:.0}"),
        9.995..99.95 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Returns a part of a whole in percent.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    match whole {
        0 => "0 %".to_owned(),
        _ => format!("{} %", number(100.0 * part as f64 / whole as f64)),
    }
}

/// Returns a number with its noun in the singular or in the plural.
pub(crate) fn count(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Joins texts as in a sentence: `a, b and c`.
pub(crate) fn joined(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Plain(&'a str),
    /// A text in backquotes.
    Code(&'a str),
}

/// Splits a text with names in backquotes into its parts.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else { break };
        pieces.extend([Piece::Plain(plain), Piece::Code(code)]);
        rest = after;
    }
    pieces.push(Piece::Plain(rest));
    pieces.retain(|piece| !matches!(piece, Piece::Plain("")));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_three_digits_and_a_unit() {
        let shown = [0, 1, 1023, 1024, 105_063, 1_048_575, 18_326_528].map(bytes);
        assert_eq!(
            shown,
            ["0 bytes", "1 byte", "1023 bytes", "1.00 KiB", "103 KiB", "1024 KiB", "17.5 MiB"]
        );
        let shown = [999, 1_000, 667_000, 62_600_000, 9_317_000_000].map(time);
        assert_eq!(shown, ["999 ns", "1.00 µs", "667 µs", "62.6 ms", "9.32 s"]);
        assert_eq!(difference(100, 100), "as before");
        assert_eq!(difference(2048, 1024), "+1.00 KiB, +100 %");
        assert_eq!(difference(1024, 2048), "−1.00 KiB, −50.0 %");
        assert_eq!(difference(1, 0), "+1 byte");
        assert_eq!(percent(1, 0), "0 %");
    }

    #[test]
    fn what_is_between_backquotes_is_code() {
        use Piece::{Code, Plain};
        assert_eq!(pieces("`a` is `b`"), [Code("a"), Plain(" is "), Code("b")]);
        assert_eq!(pieces("no `end"), [Plain("no `end")]);
        assert_eq!(pieces(""), []);
        assert_eq!(joined(&["a".to_owned(), "b".to_owned()]), "a and b");
    }
}
