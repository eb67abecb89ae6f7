//! Names and comments in JavaScript and TypeScript.

/// Returns documentation as a comment that editors show.
pub(super) fn doc(indent: &str, lines: Option<Vec<String>>) -> String {
    let lines: Vec<_> =
        lines.unwrap_or_default().iter().map(|line| line.replace("*/", "*\\/")).collect();
    match &*lines {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String = lines
                .iter()
                .map(|line| format!("{}\n", format!("{indent} * {line}").trim_end()))
                .collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

/// The words that cannot be names in a module, and the built-in names that must not be hidden.
const WORDS: &str = "arguments async await break case catch class const continue debugger default delete do else enum eval \
    export extends false finally for function if implements import in instanceof interface let new null package private \
    protected public return static super switch this throw true try typeof undefined var void while with yield";

/// Returns a name that can be declared.
pub(super) fn identifier(name: &str) -> String {
    if WORDS.split_whitespace().any(|word| word == name) {
        return format!("{name}_");
    }
    name.to_owned()
}
