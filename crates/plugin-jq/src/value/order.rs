//! The order and the equality of values, as in jq.

use std::cmp::Ordering;
use std::slice;

use super::{Object, Text, Val};

/// The next comparison of two containers.
enum Level<'a> {
    Arrays(slice::Iter<'a, Val>, slice::Iter<'a, Val>),
    Objects(std::vec::IntoIter<(&'a Val, &'a Val)>),
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        compare(self, other).is_eq()
    }
}

impl PartialOrd for Val {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(compare(self, other))
    }
}

/// Compares as jq does: `nan` is less than every number, including itself.
pub(crate) fn compare(left: &Val, right: &Val) -> Ordering {
    pair(left, right, Ordering::Less)
}

/// The order for sorting, in which all `nan` are equal.
pub(crate) fn sorting(left: &Val, right: &Val) -> Ordering {
    pair(left, right, Ordering::Equal)
}

pub(crate) fn sorting_all(left: &[Val], right: &[Val]) -> Ordering {
    walk(vec![Level::Arrays(left.iter(), right.iter())], Ordering::Equal)
}

pub(crate) fn same_all(left: &[Val], right: &[Val]) -> bool {
    walk(vec![Level::Arrays(left.iter(), right.iter())], Ordering::Less).is_eq()
}

fn pair(left: &Val, right: &Val, nan: Ordering) -> Ordering {
    let mut below = Vec::new();
    let ordering = shallow(left, right, &mut below, nan);
    if ordering.is_eq() { walk(below, nan) } else { ordering }
}

fn walk(mut levels: Vec<Level<'_>>, nan: Ordering) -> Ordering {
    while let Some(level) = levels.last_mut() {
        let pair = match level {
            Level::Arrays(left, right) => match (left.next(), right.next()) {
                (Some(left), Some(right)) => Some((left, right)),
                (Some(_), None) => return Ordering::Greater,
                (None, Some(_)) => return Ordering::Less,
                (None, None) => None,
            },
            Level::Objects(pairs) => pairs.next(),
        };
        let Some((left, right)) = pair else {
            levels.pop();
            continue;
        };
        let ordering = shallow(left, right, &mut levels, nan);
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

/// Compares two values without their contents, which are compared later.
fn shallow<'a>(
    left: &'a Val,
    right: &'a Val,
    below: &mut Vec<Level<'a>>,
    nan: Ordering,
) -> Ordering {
    match (left, right) {
        (Val::Number(left), Val::Number(right)) => numbers(*left, *right, nan),
        (Val::Text(left), Val::Text(right)) => left.cmp(right),
        (Val::Array(left), Val::Array(right)) => {
            below.push(Level::Arrays(left.0.iter(), right.0.iter()));
            Ordering::Equal
        }
        (Val::Object(left), Val::Object(right)) => objects(left, right, below),
        (Val::Decimal(left), Val::Decimal(right)) => left.compare(right),
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => numbers(left, right, nan),
            _ => rank(left).cmp(&rank(right)),
        },
    }
}

fn numbers(left: f64, right: f64, nan: Ordering) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| match (left.is_nan(), right.is_nan()) {
        (true, true) => nan,
        (true, false) => Ordering::Less,
        (false, _) => Ordering::Greater,
    })
}

/// Objects are compared by their names first.
fn objects<'a>(left: &'a Object, right: &'a Object, below: &mut Vec<Level<'a>>) -> Ordering {
    let (left, right) = (sorted(left), sorted(right));
    let names = left.iter().map(|(name, _)| name).cmp(right.iter().map(|(name, _)| name));
    if names.is_eq() {
        let pairs = left.into_iter().zip(right).map(|((_, left), (_, right))| (left, right));
        below.push(Level::Objects(pairs.collect::<Vec<_>>().into_iter()));
    }
    names
}

fn sorted(object: &Object) -> Vec<(&Text, &Val)> {
    let mut entries: Vec<_> = object.0.iter().collect();
    entries.sort_unstable_by_key(|(name, _)| *name);
    entries
}

fn rank(value: &Val) -> u8 {
    match value {
        Val::Null => 0,
        Val::Bool(false) => 1,
        Val::Bool(true) => 2,
        Val::Number(_) | Val::Decimal(_) => 3,
        Val::Text(_) => 4,
        Val::Array(_) => 5,
        Val::Object(_) => 6,
    }
}
