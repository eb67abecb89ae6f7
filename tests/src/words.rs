//! Cases of the world `prettify`.

use plugwright::{CallError, Candidate, ForeignText, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Person, Prettify};
use plugwright_test::{Case, CaseError, Form, Heard, Loaded, Loading, Outcome};
use serde::Deserialize;

/// The form of cases for plugins of the world `prettify`: a file `.person` is a first and a last name, each on a line,
/// for `greet`; anything else is words.
#[derive(Debug, Clone, Copy)]
pub struct Words;

/// A front file has no keys of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {}

/// A case with its plugin.
struct Ready {
    plugin: Plugin<Prettify>,
    text: String,
    is_person: bool,
}

impl Form for Words {
    fn takes(&self, _: &Case, plugin: &Candidate<'_>) -> Result<bool, CaseError> {
        Ok(plugin.fits::<Prettify>()?)
    }

    fn load(&self, loading: &Loading<'_>) -> Result<Box<dyn Loaded>, CaseError> {
        let case = loading.case;
        let Keys {} = case.keys(&[])?;
        let text = String::from_utf8_lossy(&case.read_input()?).into_owned();
        let is_person = case.input().extension().is_some_and(|extension| extension == "person");
        let any = loading.once(|host, plugin| host.load_any_candidate(plugin))?;
        let AnyPlugin::Prettify(plugin) = any else {
            return Err(CaseError::Call("the plugin is not of the world `prettify`".into()));
        };
        let limited = plugin.with_limits(&loading.limits);
        let plugin = limited.map_err(|error| loading.no_limits(error))?;
        Ok(Box::new(Ready { plugin, text, is_person }))
    }
}

impl Loaded for Ready {
    fn run(&self) -> Result<Outcome, CaseError> {
        let heard = Heard::default();
        let plugin = self.plugin.with_log(heard.sink());
        let given = if self.is_person {
            greeted(&plugin, &self.text)
        } else {
            let words: Vec<_> = self.text.split_whitespace().map(str::to_owned).collect();
            plugin.prettify(&words)
        };
        Outcome::of(given.map(|text| Outcome::result("text", text)), &heard)
    }
}

fn greeted(plugin: &Plugin<Prettify>, text: &str) -> Result<String, CallError<ForeignText>> {
    let mut lines = text.lines().map(str::to_owned);
    let person = Person {
        first_name: lines.next().unwrap_or_default(),
        last_name: lines.next().unwrap_or_default(),
    };
    let replica = plugin.replica(&person)?;
    assert_eq!(replica, person, "the plugin keeps another person");
    plugin.greet(&person)
}
