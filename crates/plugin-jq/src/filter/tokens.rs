//! Rewrites the tokens of a filter, because jq's parser accepts more than jaq's.

use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::span;

use super::meaning::ALTERNATIVES;

/// Rewrites what only jq's parser accepts.
pub(super) fn adapt<'a>(code: &'a str, tokens: &mut Vec<Token<&'a str>>) {
    for Token(_, token) in tokens.iter_mut() {
        match token {
            Tok::Block(tokens) => adapt(code, tokens),
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(Token(_, Tok::Block(tokens))) = part {
                        adapt(code, tokens);
                    }
                }
            }
            _ => {}
        }
    }
    let mut place = 0;
    while place < tokens.len() {
        match tokens[place].0 {
            "as" => alternatives_as_array(place + 1, tokens),
            "reduce" | "foreach" => source_in_brackets(place + 1, tokens),
            "." => number_without_zero(code, place, tokens),
            _ => {}
        }
        place += 1;
    }
}

/// Puts patterns with `?//` between them into one array.
fn alternatives_as_array(place: usize, tokens: &mut Vec<Token<&str>>) {
    let is_next = |tokens: &[Token<&str>], from: usize| {
        matches!(tokens.get(from..from + 3), Some([Token("?", _), Token("//", _), _]))
    };
    if let Some(token) = tokens.get_mut(place) {
        variables_of_entries(token);
    }
    if !is_next(tokens, place + 1) {
        return;
    }
    let mut patterns = vec![tokens.remove(place)];
    while is_next(tokens, place) {
        tokens.drain(place..place + 2);
        let mut pattern = tokens.remove(place);
        variables_of_entries(&mut pattern);
        patterns.extend([Token(",", Tok::Sym), pattern]);
    }
    patterns.extend([Token(",", Tok::Sym), Token(ALTERNATIVES, Tok::Var), Token("]", Tok::Sym)]);
    tokens.insert(place, Token("[", Tok::Block(patterns)));
}

/// Rewrites `$name: pattern` as two entries: `$name, name: pattern`.
fn variables_of_entries(Token(open, token): &mut Token<&str>) {
    let Tok::Block(tokens) = token else { return };
    tokens.iter_mut().for_each(variables_of_entries);
    let mut place = 0;
    while open.starts_with('{') && place + 1 < tokens.len() {
        if let [Token(name, Tok::Var), Token(":", _)] = &tokens[place..place + 2] {
            let name = name.get(1..).unwrap_or_default();
            tokens.splice(place + 1..place + 1, [Token(",", Tok::Sym), Token(name, Tok::Word)]);
        }
        place += 1;
    }
}

/// Puts the source of `reduce` and `foreach` into brackets, if it has several parts.
fn source_in_brackets(place: usize, tokens: &mut Vec<Token<&str>>) {
    if matches!(tokens.get(place), Some(Token(":" | ",", _))) {
        return;
    }
    let source = tokens[place..].iter().position(|Token(text, _)| *text == "as");
    let Some(length) = source.filter(|length| *length > 1) else { return };
    let mut source: Vec<_> = tokens.drain(place..place + length).collect();
    source.push(Token(")", Tok::Sym));
    tokens.insert(place, Token("(", Tok::Block(source)));
}

/// Joins `.` and the digits after it to one number.
fn number_without_zero<'a>(code: &'a str, place: usize, tokens: &mut Vec<Token<&'a str>>) {
    let [Token(dot, _), Token(digits, Tok::Num)] = &tokens[place..(place + 2).min(tokens.len())]
    else {
        return;
    };
    let (dot, digits) = (span(code, dot), span(code, digits));
    if dot.end == digits.start {
        tokens.splice(place..place + 2, [Token(&code[dot.start..digits.end], Tok::Num)]);
    }
}
