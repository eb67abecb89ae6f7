//! What a field is: a number, a boolean, nothing, or text.

/// What a field, or all of a column, is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Empty,
    Number,
    Boolean,
    Text,
}

/// The largest whole number of which all smaller ones are exact in 64-bit floating point, which is
/// what most readers of JSON keep numbers in.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// How many digits of a decimal fraction 64-bit floating point keeps, whatever they are.
const KEPT_DIGITS: usize = 15;

impl Kind {
    /// What a field is by itself.
    pub(crate) fn of(field: &str) -> Self {
        match field {
            "" => Self::Empty,
            "true" | "false" | "TRUE" | "FALSE" => Self::Boolean,
            _ if is_number(field) => Self::Number,
            _ => Self::Text,
        }
    }

    /// What a column of both is.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Empty, kind) | (kind, Self::Empty) => kind,
            (kind, other) if kind == other => kind,
            _ => Self::Text,
        }
    }
}

/// Rows that are kept until it is known what their columns are.
#[derive(Default)]
pub(crate) struct Columns {
    /// What each column is, by all of its fields.
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
            // What is text already stays so.
            if *kind != Kind::Text {
                *kind = kind.and(Kind::of(field));
            }
            self.fields.push_str(field);
            self.ends.push(self.fields.len());
        }
    }

    /// The rows, each field with what it is written as.
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

/// Says whether a field is a number of JSON, and stays the same number when it is read as one.
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
                // Part numbers and digests look like `12e3`.
                && (fraction.is_some() || signed.is_some())
                && kept(field, whole, fraction)
        }
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Says whether 64-bit floating point keeps all digits of the number.
fn kept(field: &str, whole: &str, fraction: Option<&str>) -> bool {
    let digits = [whole, fraction.unwrap_or_default()].concat();
    let significant = digits.trim_start_matches('0');
    let value: f64 = field.parse().unwrap_or(f64::NAN);
    significant.len() <= KEPT_DIGITS && (value.is_normal() || significant.is_empty())
}
