//! The known differences from a model, and their reasons.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::{fs, io};

use serde::Deserialize;

/// The known differences from one model, by reason.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    difference: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[expect(dead_code, reason = "kept for readers of the list")]
    because: String,
    tests: Vec<String>,
}

/// The results of the comparison so far.
pub(crate) struct Comparison {
    name: &'static str,
    listed: BTreeMap<String, bool>,
    equal: usize,
    unexpected: Vec<String>,
}

impl Comparison {
    /// Reads the known differences from the model `name`.
    pub(crate) fn with(name: &'static str) -> Result<Self, Box<dyn Error>> {
        let file = tests::root().join("tests/models").join(name).with_extension("toml");
        let listed: Listed = toml::from_str(&fs::read_to_string(file)?)?;
        let tests = listed.difference.into_iter().flat_map(|reason| reason.tests);
        let listed = tests.map(|test| (test, false)).collect();
        Ok(Self { name, listed, equal: 0, unexpected: Vec::new() })
    }

    /// Records a test and, if there is one, how the plugin differs.
    pub(crate) fn note(&mut self, test: &str, difference: Option<String>) {
        match (difference, self.listed.get_mut(test)) {
            (None, None) => self.equal += 1,
            (Some(_), Some(met)) => *met = true,
            (Some(difference), None) => self.unexpected.push(format!("{test}\n  {difference}")),
            // Several tests can have the same text, and only some of them may differ.
            (None, Some(_)) => self.equal += 1,
        }
    }

    /// Fails if the differences are not the listed ones, or if less than `least` percent of the tests match.
    pub(crate) fn end(self, least: usize) -> Result<(), Box<dyn Error>> {
        let all = self.equal + self.listed.len() + self.unexpected.len();
        let equal = format!("{} of {all} are equal", self.equal);
        let gone = self.listed.iter().filter(|(_, met)| !**met).map(|(test, _)| test.as_str());
        let gone: Vec<_> = gone.collect();
        if !self.unexpected.is_empty() || !gone.is_empty() {
            let (unexpected, gone) = (self.unexpected.join("\n"), gone.join("\n"));
            let lists = format!("not listed:\n{unexpected}\nlisted and equal:\n{gone}");
            return Err(format!("{equal}\n{lists}").into());
        }
        if self.equal * 100 < all * least {
            return Err(format!("{equal}, which is less than {least} %").into());
        }
        writeln!(io::stderr(), "{name}: {equal}", name = self.name)?;
        Ok(())
    }
}
