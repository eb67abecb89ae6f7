//! Limits the nesting of a filter, because parsing, compiling and running it need stack for each level.

use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::{Lexer, span};

/// The greatest depth of brackets.
const BRACKETS: usize = 64;

/// The greatest depth of a filter in all, counting brackets and everything that continues after operators and keywords
/// such as `|`. A step of a path is [`STEPS`] times cheaper.
const LEVELS: usize = 200;
const STEPS: usize = 4;

/// Keywords that nest without brackets.
const WORDS: [&str; 11] =
    ["and", "as", "catch", "def", "elif", "foreach", "if", "label", "or", "reduce", "try"];

/// Refuses a filter that is nested too deep, with the place.
pub(crate) fn check(code: &str) -> Result<(), (usize, String)> {
    let mut depth: usize = 0;
    // This also counts brackets in strings, because it cannot tell which of them begin a filter. It comes first,
    // because the lexer is recursive.
    for (offset, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > BRACKETS {
            return Err((offset, format!("brackets are nested deeper than {BRACKETS} levels")));
        }
    }
    // The parser refuses a filter that cannot be parsed.
    let tokens = Lexer::new(code).lex().unwrap_or_default();
    let mut place = None;
    steps(&tokens, "", 0, &mut place);
    match place {
        None => Ok(()),
        Some(token) => {
            let message =
                format!("too many operations are nested or chained, some {LEVELS} of them");
            Err((span(code, token).start, message))
        }
    }
}

/// Counts the steps down in these tokens of brackets that begin with `open`, below `above` others, and
/// notes the first token that is too deep.
fn steps<'a>(tokens: &[Token<&'a str>], open: &str, above: usize, place: &mut Option<&'a str>) {
    let (mut kept, mut depth) = (above, above);
    for Token(text, token) in tokens {
        match token {
            // Parts of an object and arguments are beside each other, not below each other.
            Tok::Sym if *text == ";" || (*text == "," && open == "{") => depth = kept,
            Tok::Sym if text.starts_with('.') => depth += 1,
            Tok::Sym if matches!(*text, ":" | "?" | ")" | "]" | "}") => {}
            Tok::Sym => depth += STEPS,
            // The filter after a definition is below it, however the definition ends.
            Tok::Word if *text == "def" => {
                kept += STEPS;
                depth = kept;
            }
            Tok::Word if WORDS.contains(text) => depth += STEPS,
            Tok::Block(tokens) => {
                depth += 1;
                steps(tokens, &text[..1], depth + STEPS, place);
            }
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(Token(_, Tok::Block(tokens))) = part {
                        steps(tokens, "(", depth + STEPS, place);
                    }
                }
            }
            Tok::Word | Tok::Var | Tok::Fmt | Tok::Num => {}
        }
        if depth > LEVELS * STEPS {
            place.get_or_insert(text);
            return;
        }
    }
}
