//! `KEY=VALUE` on the command line.

use std::collections::BTreeMap;
use std::str::FromStr;

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// Before the first equals sign.
    pub(crate) key: String,
    /// After it.
    pub(crate) value: String,
}

/// Labels by key; of those with the same key the last.
pub(crate) fn map(labels: &[Label]) -> BTreeMap<String, String> {
    let labels = labels.iter();
    labels
        .map(|label| (label.key.clone(), label.value.clone()))
        .collect()
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self {
                key: key.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("a label has the form KEY=VALUE".to_owned()),
        }
    }
}
