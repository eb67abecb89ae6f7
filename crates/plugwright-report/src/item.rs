//! Items of a list, compared with an older list.

/// One item of a list of a plugin, such as an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The item.
    pub text: String,
    /// Whether the older plugin had it.
    pub mark: Mark,
}

/// Whether the older plugin had an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The older plugin had it, or there is none to compare with.
    Same,
    /// The older plugin did not have it.
    New,
    /// Only the older plugin had it.
    Gone,
}

impl Item {
    /// Returns the items of `now`, in their order, and after them the items that only `before` has.
    pub fn marked(now: Vec<String>, before: Option<&[String]>) -> Vec<Self> {
        let is_new = |text: &String| before.is_some_and(|before| !before.contains(text));
        let gone = before.unwrap_or_default().iter().filter(|text| !now.contains(text));
        let gone: Vec<_> = gone.map(|text| Self { text: text.clone(), mark: Mark::Gone }).collect();
        let there = now.into_iter().map(|text| {
            let mark = if is_new(&text) { Mark::New } else { Mark::Same };
            Self { text, mark }
        });
        there.chain(gone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_and_what_is_gone_is_marked() {
        let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let marks = |now: &[&str], before: Option<&[&str]>| {
            let before = before.map(texts);
            let items = Item::marked(texts(now), before.as_deref());
            items.into_iter().map(|it| (it.text, it.mark)).collect::<Vec<_>>()
        };
        let known = |text: &str, mark| (text.to_owned(), mark);
        assert_eq!(marks(&["a"], None), [known("a", Mark::Same)]);
        assert_eq!(
            marks(&["b", "a"], Some(&["c", "b"])),
            [known("b", Mark::Same), known("a", Mark::New), known("c", Mark::Gone)]
        );
    }
}
