//! Labels in a form: a row for each, and some empty ones.

use std::collections::BTreeMap;

use super::form::Form;
use crate::{
    domain::{label::Labels, limit},
    error::{Error, Result},
};

/// Empty rows at the end.
const SPARE: usize = 3;

/// A row of the form.
pub(super) struct Row {
    /// The key.
    pub(super) key: String,
    /// The value.
    pub(super) value: String,
    /// Whether it is to be removed.
    pub(super) drop: bool,
}

impl Row {
    fn empty() -> Self {
        Self {
            key: String::new(),
            value: String::new(),
            drop: false,
        }
    }

    fn is_empty(&self) -> bool {
        self.key.is_empty() && self.value.is_empty()
    }
}

/// The rows of a form that begins with these labels.
pub(super) fn rows(labels: &Labels) -> Vec<Row> {
    let pairs = labels.pairs().iter();
    let rows = pairs.map(|(key, value)| Row {
        key: key.clone(),
        value: value.clone(),
        drop: false,
    });
    with_spare(rows.collect())
}

/// The rows of a form that was sent.
pub(super) fn sent(form: &Form) -> Vec<Row> {
    let row = |number: usize| Row {
        key: form.text(&format!("key-{number}")).trim().to_owned(),
        value: form.text(&format!("value-{number}")).replace("\r\n", "\n"),
        drop: !form.text(&format!("drop-{number}")).is_empty(),
    };
    let rows = (1..=limit::LABELS + SPARE).map(row);
    with_spare(rows.filter(|row| !row.is_empty()).collect())
}

fn with_spare(mut rows: Vec<Row>) -> Vec<Row> {
    rows.extend(std::iter::repeat_with(Row::empty).take(SPARE));
    rows
}

/// The labels that rows say.
///
/// # Errors
/// [`Error::Invalid`] when a value has no key, or two rows have the same.
pub(super) fn read(rows: &[Row]) -> Result<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.drop && !row.is_empty()) {
        if row.key.is_empty() {
            let problem = format!("must have a key for the value {}", row.value);
            return Err(Error::invalid("labels", problem));
        }
        if labels.insert(row.key.clone(), row.value.clone()).is_some() {
            let problem = format!("must have each key once, and {} is there twice", row.key);
            return Err(Error::invalid("labels", problem));
        }
    }
    Ok(labels)
}

/// What changed from some labels to others, in words.
pub(super) fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut told = Vec::new();
    for (key, value) in after {
        match before.get(key) {
            None => told.push(format!("label {key} is new")),
            Some(old) if old != value => told.push(format!("label {key} was «{old}»")),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    told.extend(gone.map(|(key, old)| format!("label {key} is gone, it was «{old}»")));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn changes_are_told_with_what_was_there() {
        let before = map(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let after = map(&[("a", "1"), ("b", "4"), ("d", "5")]);
        assert_eq!(
            changes(&before, &after),
            [
                "label b was «2»",
                "label d is new",
                "label c is gone, it was «3»"
            ]
        );
    }

    #[test]
    fn a_row_is_a_label_with_a_key_of_its_own() {
        let row = |key: &str, value: &str, drop| Row {
            key: key.into(),
            value: value.into(),
            drop,
        };
        let rows = [
            row("a", "1", false),
            row("b", "2", true),
            row("", "", false),
        ];
        assert_eq!(read(&rows).unwrap(), map(&[("a", "1")]));
        assert!(read(&[row("", "1", false)]).is_err());
        assert!(read(&[row("a", "1", false), row("a", "2", false)]).is_err());
    }
}
