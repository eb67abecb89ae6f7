//! Counts the lines, words, characters and bytes of a text, in the world `transformer`.
//!
//! The contract defines lines, words and characters, in the comment of the interface `transform`. The counts become
//! attributes. The result is a JSON document with the counts, or the input unchanged.
//!
//! # Model
//!
//! The model is POSIX `wc` in a UTF-8 locale, with three differences: a last line without a line break counts as a
//! line, all white space of Unicode separates words, and input that is not UTF-8 is refused.
//!
//! This plugin is the reference for the guests in `tests/languages/`. They are the same plugin in other languages, and
//! must return the same results.

mod tally;

use plugwright_guest::host::{self, MapResource};
use plugwright_guest::{Choice as _, Document, Failure, choices, options, transformer};
use tally::{Count, Tally};

transformer! {
    summary: "counts the lines, words, characters and bytes of a text",
    takes: ["*/*"],
    gives: ["application/json", "*/*"],
    run: count(&Options)
}

options! {
    struct Options {
        /// what to count, separated by commas
        counts: Vec<Count> = Count::ALL;
        /// `counts` for a JSON document of the counts, `document` for the document as it is, with the counts
        /// as attributes
        output: Output = Output::Counts;
    }
}

choices! {
    enum Output {
        Counts = "counts",
        Document = "document",
    }
}

fn count(mut input: Document, options: &Options) -> Result<Document, Failure> {
    let tally = Tally::of(input.text_with_mark()?);
    let counts = options.counts.iter();
    let counts = counts.map(|count| (count.name().to_owned(), tally.get(*count).to_string()));
    let counts: Vec<(String, String)> = counts.collect();
    for (key, value) in &counts {
        input.set_attribute(key, value);
    }
    host::log_structured("counted", MapResource::new(&counts));
    Ok(match options.output {
        Output::Document => input,
        Output::Counts => input
            .with_extension("json")
            .with_media_type("application/json")
            .with_body(json(&counts)),
    })
}

/// Writes an object on a line of its own. Names are plain words, and values are numbers.
fn json(counts: &[(String, String)]) -> String {
    let members: Vec<_> = counts.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}\n", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugwright_guest::{Options as _, Setting};

    fn counted(body: &str, settings: &[(&str, &str)]) -> Result<Document, Failure> {
        let settings = settings.iter().map(|(key, value)| Setting::new(*key, *value));
        count(Document::new("moon.txt", "text/plain", body), &Options::read(settings)?)
    }

    #[test]
    fn words_are_counted() {
        let counts = counted("The moon\n", &[("counts", "words,lines")]).unwrap();
        assert_eq!(counts.name, "moon.json");
        assert_eq!(counts.body, b"{\"lines\":1,\"words\":2}\n");
        assert_eq!(counts.attribute("words"), Some("2"));
    }

    #[test]
    fn what_is_no_count_is_refused_with_its_place() {
        let failure = counted("", &[("counts", "lines,pages")]).unwrap_err();
        assert!(failure.to_string().starts_with("option `counts` at line 1, column 7: `pages`"));
    }
}
