//! Checks that the stages of a chain fit together, by the media types that plugins declare to take and give.

use anyhow::{Result, anyhow};
use plugwright::ForeignText;
use plugwright_contract::{Description, Head};

use crate::chain::Chain;
use crate::exit::Failed;

/// The media types that the plugins of a chain take and give.
pub(crate) struct MediaTypes(Vec<Stage>);

struct Stage {
    plugin: ForeignText,
    takes: Vec<ForeignText>,
    gives: Vec<ForeignText>,
}

/// A set of media types, or any.
#[derive(Clone)]
enum Types {
    Any,
    These(Vec<ForeignText>),
}

const ANY: &str = "*/*";

impl MediaTypes {
    /// Calls the plugins of `chain` for their media types.
    pub(crate) fn of(chain: &Chain) -> Result<Self, Failed> {
        let stage = |(plugin, description)| {
            let Description { takes, gives, .. } = description;
            let essences = |types: Vec<String>| types.iter().map(|it| essence(it)).collect();
            Stage {
                plugin: ForeignText::from(plugin),
                takes: essences(takes),
                gives: essences(gives),
            }
        };
        Ok(Self(chain.describe()?.into_iter().map(stage).collect()))
    }

    /// Refuses a stage that takes none of the media types that can reach it. `input` is the file at the start of the
    /// chain, if it is known yet.
    ///
    /// Only chains that cannot work are refused: a file whose name does not tell its type may go anywhere, and so may
    /// the result of a plugin that does not declare what it gives.
    pub(crate) fn check(&self, input: Option<&Head>) -> Result<()> {
        let known = input.map(|head| (ForeignText::from(&*head.name), essence(&head.media_type)));
        let known = known.filter(|(_, media_type)| *media_type != "application/octet-stream");
        let mut given = known.as_ref().map_or(Types::Any, |(_, it)| Types::These(vec![it.clone()]));
        for (index, stage) in self.0.iter().enumerate() {
            let taken = stage.take(&given).ok_or_else(|| match index.checked_sub(1) {
                Some(before) => self.refuse(before, stage, &given),
                None => {
                    let input = ForeignText::from("the input");
                    stage.refuse_file(known.as_ref().map_or(&input, |it| &it.0), &given)
                }
            })?;
            given = stage.give(&taken);
        }
        Ok(())
    }

    /// Returns the error of the stage `taker`, which takes none of the types that the stage `before` gives.
    fn refuse(&self, before: usize, taker: &Stage, given: &Types) -> anyhow::Error {
        let giver = self.0.get(before).map_or(String::new(), |stage| stage.plugin.to_string());
        anyhow!(
            "stage {}, `{}`, gives {}, but stage {}, `{}`, takes {}: put a plugin between them that converts \
             one to the other, or leave one of them out",
            before + 1,
            giver,
            given.list(),
            before + 2,
            taker.plugin,
            list(&taker.takes)
        )
    }
}

impl Stage {
    /// Returns which of the given types the plugin takes, if any.
    fn take(&self, given: &Types) -> Option<Types> {
        // A plugin that declares nothing may take anything.
        if self.takes.is_empty() || self.takes.iter().any(|it| *it == ANY) {
            return Some(given.clone());
        }
        let Types::These(given) = given else {
            return Some(Types::These(self.takes.clone()));
        };
        let taken: Vec<_> = given.iter().filter(|it| self.takes.contains(it)).cloned().collect();
        (!taken.is_empty()).then_some(Types::These(taken))
    }

    /// Returns the types that the plugin gives when it takes `taken`.
    fn give(&self, taken: &Types) -> Types {
        let mut given = Vec::new();
        for media_type in &self.gives {
            match taken {
                _ if *media_type != ANY => given.push(media_type.clone()),
                Types::These(taken) => given.extend(taken.iter().cloned()),
                Types::Any => return Types::Any,
            }
        }
        if given.is_empty() { Types::Any } else { Types::These(given) }
    }

    /// Returns the error of a first stage that does not take the file `file`.
    fn refuse_file(&self, file: &ForeignText, given: &Types) -> anyhow::Error {
        let (plugin, given) = (&self.plugin, given.list());
        anyhow!(
            "`{file}` is {given} by its name, but stage 1, `{plugin}`, takes {}: start with a plugin that \
             takes {given}, or name another file",
            list(&self.takes)
        )
    }
}

impl Types {
    fn list(&self) -> String {
        match self {
            Self::Any => ANY.to_owned(),
            Self::These(types) => list(types),
        }
    }
}

/// Returns the first types as text, and the number of the others.
fn list(types: &[ForeignText]) -> String {
    const SHOWN: usize = 20;
    let mut shown: Vec<_> = types.iter().take(SHOWN).map(|it| format!("{it:.100}")).collect();
    let more = types.len().saturating_sub(SHOWN);
    shown.extend((more > 0).then(|| format!("{more} more")));
    shown.join(" or ")
}

/// Returns a media type without its parameters, which describe the encoding and not the type.
fn essence(media_type: &str) -> ForeignText {
    let (essence, _) = media_type.split_once(';').unwrap_or((media_type, ""));
    essence.trim().to_ascii_lowercase().into()
}
