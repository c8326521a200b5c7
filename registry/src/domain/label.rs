//! Labels: what is said of a bucket or a build, as pairs of text.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{limit, name};
use crate::error::{Error, Result};

/// Labels, sorted by key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Takes labels as they were sent.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there are too many, or a key or value is too long, empty or holds a NUL.
    pub fn parse(field: &'static str, labels: BTreeMap<String, String>) -> Result<Self> {
        if labels.len() > limit::LABELS {
            return Err(Error::invalid(
                field,
                format!("must be at most {} labels", limit::LABELS),
            ));
        }
        for (key, value) in &labels {
            if key.is_empty() {
                return Err(Error::invalid(field, "a label needs a key"));
            }
            name::check_text(field, key, limit::LABEL_KEY)?;
            name::check_text(field, value, limit::LABEL_VALUE)?;
        }
        Ok(Self(labels))
    }

    /// The pairs.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Whether all of `others` are among these.
    pub fn contain(&self, others: &BTreeMap<String, String>) -> bool {
        let has = |(key, value)| self.0.get(key) == Some(value);
        others.iter().all(has)
    }

    /// As a JSON object, which is how they are stored.
    pub fn to_json(&self) -> String {
        let pairs = self.0.iter();
        let pairs = pairs.map(|(key, value)| (key.clone(), value.as_str().into()));
        serde_json::Value::Object(pairs.collect()).to_string()
    }
}

impl TryFrom<String> for Labels {
    type Error = serde_json::Error;

    fn try_from(json: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&json).map(Self)
    }
}
