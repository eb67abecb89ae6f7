//! The operators `+`, `-`, `*`, `/` and `%` on values, as in jq.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

use jaq_core::ValR;

use super::{Decimal, Entries, Object, Val, error, into_values, wrong, wrong_pair};

/// The greatest length of a repeated string, in bytes.
const TEXT: f64 = i32::MAX as f64;

impl Add for Val {
    type Output = ValR<Self>;

    fn add(self, other: Self) -> ValR<Self> {
        Ok(match (self, other) {
            (Self::Null, value) | (value, Self::Null) => value,
            (Self::Text(mut left), Self::Text(right)) => {
                Rc::make_mut(&mut left).push_str(&right);
                Self::Text(left)
            }
            (Self::Array(mut left), Self::Array(right)) => {
                Rc::make_mut(&mut left).0.extend(into_values(right));
                Self::Array(left)
            }
            (Self::Object(mut left), Self::Object(right)) => {
                let right = right.0.iter().map(|(key, value)| (key.clone(), value.clone()));
                Rc::make_mut(&mut left).0.extend(right);
                Self::Object(left)
            }
            (left, right) => return calculate(&left, &right, "cannot be added", |x, y| x + y),
        })
    }
}

impl Sub for Val {
    type Output = ValR<Self>;

    fn sub(self, other: Self) -> ValR<Self> {
        match (self, other) {
            (Self::Array(mut left), Self::Array(right)) => {
                Rc::make_mut(&mut left).0.retain(|value| !right.0.contains(value));
                Ok(Self::Array(left))
            }
            (left, right) => calculate(&left, &right, "cannot be subtracted", |x, y| x - y),
        }
    }
}

impl Mul for Val {
    type Output = ValR<Self>;

    fn mul(self, other: Self) -> ValR<Self> {
        match (self.number(), other.number()) {
            (None, Some(times)) if matches!(self, Self::Text(_)) => return repeated(&self, times),
            (Some(times), None) if matches!(other, Self::Text(_)) => {
                return repeated(&other, times);
            }
            _ => {}
        }
        match (self, other) {
            (Self::Object(left), Self::Object(right)) => Ok(Self::Object(merged(left, right))),
            (left, right) => calculate(&left, &right, "cannot be multiplied", |x, y| x * y),
        }
    }
}

impl Div for Val {
    type Output = ValR<Self>;

    fn div(self, other: Self) -> ValR<Self> {
        match (&self, &other) {
            (Self::Text(text), Self::Text(separator)) => return Ok(split(text, separator)),
            (_, divisor) if divisor.number() == Some(0.0) && self.number().is_some() => {
                let message = "cannot be divided because the divisor is zero";
                return Err(wrong_pair(&self, &other, message));
            }
            _ => {}
        }
        calculate(&self, &other, "cannot be divided", |x, y| x / y)
    }
}

impl Rem for Val {
    type Output = ValR<Self>;

    fn rem(self, other: Self) -> ValR<Self> {
        // Both become integers, with saturation.
        fn whole(number: f64) -> i64 {
            number as i64
        }
        if let (Some(dividend), Some(divisor)) = (self.number(), other.number())
            && !dividend.is_nan()
            && whole(divisor) == 0
            && !divisor.is_nan()
        {
            let message = "cannot be divided (remainder) because the divisor is zero";
            return Err(wrong_pair(&self, &other, message));
        }
        calculate(&self, &other, "cannot be divided (remainder)", |x, y| {
            if x.is_nan() || y.is_nan() {
                f64::NAN
            } else {
                whole(x).checked_rem(whole(y)).unwrap_or_default() as f64
            }
        })
    }
}

impl Neg for Val {
    type Output = ValR<Self>;

    fn neg(self) -> ValR<Self> {
        match self {
            Self::Number(number) => Ok(Self::Number(-number)),
            Self::Decimal(decimal) => Ok(Self::Decimal(Rc::new(decimal.negated()))),
            _ => Err(wrong(&self, "cannot be negated")),
        }
    }
}

/// Returns the distance of a number from zero.
pub(crate) fn absolute(value: Val) -> Val {
    match value {
        Val::Number(number) => Val::Number(number.abs()),
        Val::Decimal(decimal) if decimal.digits.starts_with('-') => {
            Val::Decimal(Rc::new(Decimal::negated(&decimal)))
        }
        _ => value,
    }
}

/// Splits a string at separators, or into characters if there is no separator.
pub(crate) fn split(text: &str, separator: &str) -> Val {
    if text.is_empty() {
        Val::array(Vec::new())
    } else if separator.is_empty() {
        text.chars().map(Val::text).collect()
    } else {
        text.split(separator).map(Val::text).collect()
    }
}

fn calculate(left: &Val, right: &Val, cannot: &str, by: fn(f64, f64) -> f64) -> ValR<Val> {
    match (left.number(), right.number()) {
        (Some(x), Some(y)) => Ok(Val::Number(by(x, y))),
        _ => Err(wrong_pair(left, right, cannot)),
    }
}

fn repeated(text: &Val, times: f64) -> ValR<Val> {
    let Val::Text(text) = text else { return Ok(Val::Null) };
    if times < 0.0 || times.is_nan() {
        return Ok(Val::Null);
    }
    let times = times.min(TEXT).floor();
    if times * text.len() as f64 >= TEXT {
        return Err(error("Repeat string result too long"));
    }
    Ok(Val::text(text.repeat(times as usize)))
}

/// Merges the entries of two objects. An entry of `right` wins, unless both values are objects, which are merged.
fn merged(left: Rc<Object>, right: Rc<Object>) -> Rc<Object> {
    /// An object into which another one is merged, with the entries that are still to come.
    struct Level {
        into: Rc<Object>,
        from: indexmap::map::IntoIter<super::Text, Val>,
        /// Its place in the object above it.
        key: super::Text,
    }
    let level = |into, from: Rc<Object>, key| {
        let from: Entries = from.0.clone();
        Level { into, from: from.into_iter(), key }
    };
    let mut above = Vec::new();
    let mut here = level(left, right, Rc::default());
    loop {
        let Some((key, value)) = here.from.next() else {
            let Some(parent) = above.pop() else { return here.into };
            let Level { into, key, .. } = std::mem::replace(&mut here, parent);
            Rc::make_mut(&mut here.into).0.insert(key, Val::Object(into));
            continue;
        };
        let entries = &mut Rc::make_mut(&mut here.into).0;
        match (entries.get_mut(&key), value) {
            (Some(old @ Val::Object(_)), Val::Object(from)) => {
                if let Val::Object(into) = std::mem::take(old) {
                    above.push(std::mem::replace(&mut here, level(into, from, key)));
                }
            }
            (_, value) => _ = entries.insert(key, value),
        }
    }
}
