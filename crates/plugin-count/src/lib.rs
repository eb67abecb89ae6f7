//! Counts the lines, words, characters and bytes of a text, in the world `transformer`.
//!
//! What lines, words and characters are is said in the contract, above the interface `transform`. The
//! counts become attributes, and a JSON document, or the document goes on as it is.
//!
//! # Model
//!
//! `wc` of POSIX, in a locale of UTF-8. Other than it, a text that ends without a line break ends with a line all the same,
//! words are told by all of Unicode's white space, and what is not UTF-8 is refused.
//!
//! This is the reference of the guests in `tests/languages/`: the same plugin in other languages, which
//! has to give what this one gives.

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

/// An object on a line of its own: the names are plain words, and the values numbers.
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
