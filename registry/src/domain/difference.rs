//! What differs between two lists of named values.

use std::collections::{BTreeMap, BTreeSet};

/// Values by name.
pub type Facts = BTreeMap<String, String>;

/// What differs under a name: added if there is no `from`, removed if there is no `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name.
    pub name: String,
    /// The value that it had.
    pub from: Option<String>,
    /// The value that it has.
    pub to: Option<String>,
}

/// All that differs, by name.
pub fn changes(from: Facts, mut to: Facts) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, before) in from {
        let after = to.remove(&name);
        if after.as_ref() != Some(&before) {
            changes.push(Change {
                name,
                from: Some(before),
                to: after,
            });
        }
    }
    changes.extend(to.into_iter().map(|(name, after)| Change {
        name,
        from: None,
        to: Some(after),
    }));
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

/// Pairs of names and values as facts; several values of one name are joined, each once.
pub fn gathered(pairs: impl IntoIterator<Item = (String, String)>) -> Facts {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in pairs {
        values.entry(name).or_default().insert(value);
    }
    let join = |values: BTreeSet<String>| values.into_iter().collect::<Vec<_>>().join(", ");
    let values = values.into_iter();
    values.map(|(name, values)| (name, join(values))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        let pairs = pairs.iter();
        gathered(pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn changes_are_added_removed_or_other() {
        let change = |name: &str, from: Option<&str>, to: Option<&str>| Change {
            name: name.to_owned(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        let from = facts(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let to = facts(&[("b", "2"), ("b", "1"), ("b", "2"), ("c", "1"), ("aa", "1")]);
        assert_eq!(
            changes(from.clone(), to),
            [
                change("a", Some("1"), None),
                change("aa", None, Some("1")),
                change("b", Some("1"), Some("1, 2")),
            ]
        );
        assert_eq!(changes(from.clone(), from), []);
    }
}
