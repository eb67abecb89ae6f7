//! Numbers of credit and debit cards: of a known issuer, in the grouping of cards, and with a correct check digit.

use super::text;

/// The greatest number of digits.
const DIGITS: usize = 19;
/// The greatest number of printed groups.
const GROUPS: usize = 5;

pub(super) fn find(before: &[u8], rest: &[u8]) -> Option<usize> {
    // Excludes fractions, parts of longer numbers with hyphens, and telephone numbers.
    if !text::begins(before, rest) || matches!(before, [.., b'0'..=b'9', b'.' | b'-'] | [.., b'+'])
    {
        return None;
    }
    let (mut digits, mut groups) = ([0; DIGITS], [0; GROUPS]);
    let (mut count, mut at, mut separator, mut longest) = (0, 0, None, None);
    for index in 0..GROUPS {
        let group = &rest[at..];
        let group = &group[..group.iter().take_while(|byte| byte.is_ascii_digit()).count()];
        let known = digits.get_mut(count..count + group.len());
        let (Some(known), false) = (known, group.is_empty()) else { break };
        for (known, digit) in known.iter_mut().zip(group) {
            *known = digit - b'0';
        }
        (count, at, groups[index]) = (count + group.len(), at + group.len(), group.len());
        let after = &rest[at..];
        let goes_on = match after {
            [b'.', b'0'..=b'9', ..] => true,
            // A bracket stands where something was masked.
            [b'-', next, ..] => {
                separator == Some(b'-') && (next.is_ascii_alphanumeric() || *next == b'[')
            }
            _ => !text::ends(after),
        };
        let (digits, groups) = (&digits[..count], &groups[..=index]);
        if !goes_on && is_grouped(groups) && is_issued(digits) && luhn(digits) {
            longest = Some(at);
        }
        match after {
            [byte @ (b' ' | b'-'), ..] if *separator.get_or_insert(*byte) == *byte => at += 1,
            _ => break,
        }
    }
    longest
}

/// Returns whether the number is written without groups, or in groups as on cards.
fn is_grouped(groups: &[usize]) -> bool {
    matches!(groups, [_] | [4, 6, 4 | 5] | [4, 4, 4, 1..=4] | [4, 4, 4, 4, 1..=3])
}

/// Returns whether an issuer has numbers with this prefix and length. Without this check, one number in ten would
/// match.
fn is_issued(digits: &[u8]) -> bool {
    let [a, b, c, d, ..] = *digits else { return false };
    let [a, b, c, d] = [a, b, c, d].map(u16::from);
    match (a * 1000 + b * 100 + c * 10 + d, digits.len()) {
        // Visa.
        (4000..=4999, 16 | 19) => true,
        // Mastercard.
        (5100..=5599 | 2221..=2720, 16) => true,
        // American Express.
        (3400..=3499 | 3700..=3799, 15) => true,
        // Diners Club.
        (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14..=19) => true,
        // Discover, JCB, UnionPay.
        (6011 | 6440..=6599 | 3528..=3589 | 6200..=6299, 16..=19) => true,
        // Mir, Troy, Uzcard, Humo, RuPay, Dankort, Verve.
        (2200..=2204 | 5060..=5061, 16..=19) => true,
        (5019 | 5080..=5089 | 8100..=8299 | 8600 | 9792 | 9860, 16) => true,
        // Maestro.
        (5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763, 14..=19) => true,
        _ => false,
    }
}

/// Computes the check digit of ISO/IEC 7812-1.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let digit = u32::from(*digit);
            if index % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}
