//! The types of fields: number, boolean, null or text.

/// The type of a field, or of a whole column.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Empty,
    Number,
    Boolean,
    Text,
}

/// The largest integer up to which all integers are exact in 64-bit floating point, which most readers of JSON use for
/// numbers.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// How many digits of a decimal fraction 64-bit floating point always keeps.
const KEPT_DIGITS: usize = 15;

impl Kind {
    /// Returns the type of a single field.
    pub(crate) fn of(field: &str) -> Self {
        match field {
            "" => Self::Empty,
            "true" | "false" | "TRUE" | "FALSE" => Self::Boolean,
            _ if is_number(field) => Self::Number,
            _ => Self::Text,
        }
    }

    /// Returns the type of a column with both types.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Empty, kind) | (kind, Self::Empty) => kind,
            (kind, other) if kind == other => kind,
            _ => Self::Text,
        }
    }
}

/// Rows that are kept until the types of their columns are known.
#[derive(Default)]
pub(crate) struct Columns {
    /// The type of each column, by all of its fields.
    kinds: Vec<Kind>,
    fields: String,
    /// Where each field ends.
    ends: Vec<usize>,
}

impl Columns {
    /// Keeps a row.
    pub(crate) fn keep<'a>(&mut self, row: impl ExactSizeIterator<Item = &'a str>) {
        self.kinds.resize(row.len(), Kind::Empty);
        for (kind, field) in self.kinds.iter_mut().zip(row) {
            // A column of text stays text.
            if *kind != Kind::Text {
                *kind = kind.and(Kind::of(field));
            }
            self.fields.push_str(field);
            self.ends.push(self.fields.len());
        }
    }

    /// Returns the rows, each field with its type.
    pub(crate) fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = (&str, Kind)>> {
        let mut start = 0;
        self.ends.chunks(self.kinds.len().max(1)).map(move |ends| {
            let row = start;
            start = ends.last().copied().unwrap_or(row);
            let starts = [row].into_iter().chain(ends.iter().copied());
            starts.zip(ends).zip(&self.kinds).map(|((start, end), kind)| {
                let field = &self.fields[start..*end];
                (field, if field.is_empty() { Kind::Empty } else { *kind })
            })
        })
    }
}

/// Returns whether a field is a number in JSON whose value readers keep exactly.
fn is_number(field: &str) -> bool {
    let unsigned = field.strip_prefix('-').unwrap_or(field);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    if !digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return false;
    }
    if fraction.is_some_and(|fraction| !digits(fraction)) {
        return false;
    }
    match exponent {
        None if fraction.is_none() => whole.parse().is_ok_and(|value: u64| value <= LARGEST_EXACT),
        None => kept(field, whole, fraction),
        Some(exponent) => {
            let signed = exponent.strip_prefix(['+', '-']);
            digits(signed.unwrap_or(exponent))
                // Part numbers and digests can look like `12e3`.
                && (fraction.is_some() || signed.is_some())
                && kept(field, whole, fraction)
        }
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether 64-bit floating point keeps all digits of the number.
fn kept(field: &str, whole: &str, fraction: Option<&str>) -> bool {
    let digits = [whole, fraction.unwrap_or_default()].concat();
    let significant = digits.trim_start_matches('0');
    let value: f64 = field.parse().unwrap_or(f64::NAN);
    significant.len() <= KEPT_DIGITS && (value.is_normal() || significant.is_empty())
}
