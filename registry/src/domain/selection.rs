//! Which versions a revocation of many is about: the parts of a selection, and which of them go together.

use std::{collections::BTreeMap, time::Duration};

use super::{
    label::Labels,
    limit,
    name::{check_text, check_word},
    revocation::parse_span,
};
use crate::error::{Error, Result};

/// The parts of a selection as they were sent.
#[derive(Debug, Clone, Default)]
pub struct SelectionFields {
    /// Names of buckets, and fingerprints of versions of these.
    pub versions: Option<Vec<(String, String)>>,
    /// Ids of artifacts where they live.
    pub artifacts: Option<Vec<String>>,
    /// The name of a bucket.
    pub bucket: Option<String>,
    /// Labels of a build.
    pub labels: Option<BTreeMap<String, String>>,
    /// How long ago at least, such as `90d`.
    pub older_than: Option<String>,
}

/// A selection of versions: those about which all parts agree that are given.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Names of buckets, and fingerprints of versions of these.
    pub versions: Option<Vec<(String, String)>>,
    /// Ids of artifacts where they live.
    pub artifacts: Option<Vec<String>>,
    /// The name of a bucket.
    pub bucket: Option<String>,
    /// Labels that one build has.
    pub labels: Option<Labels>,
    /// How long ago the version was created at least.
    pub older_than: Option<Duration>,
}

impl SelectionFields {
    /// Reads a selection. A part that is there and empty is refused: whoever made a list of what to revoke
    /// and found nothing must not revoke what the other parts select.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the field.
    pub fn parse(self) -> Result<Selection> {
        check_list("body.versions", self.versions.as_deref())?;
        check_list("body.artifacts", self.artifacts.as_deref())?;
        for (bucket, fingerprint) in self.versions.iter().flatten() {
            check_named("body.versions", bucket)?;
            check_named("body.versions", fingerprint)?;
        }
        for id in self.artifacts.iter().flatten() {
            check_named("body.artifacts", id)?;
        }
        if let Some(bucket) = &self.bucket {
            check_named("body.bucket", bucket)?;
        }
        let labels = self.labels.map(parse_labels).transpose()?;
        let older_than = self.older_than.as_deref();
        let older_than = older_than.map(|text| parse_span("body.older_than", text));
        let selection = Selection {
            versions: self.versions,
            artifacts: self.artifacts,
            bucket: self.bucket,
            labels,
            older_than: older_than.transpose()?,
        };
        selection.check()?;
        Ok(selection)
    }
}

impl Selection {
    fn check(&self) -> Result<()> {
        let wide = self.bucket.is_some() || self.labels.is_some();
        if self.older_than.is_some() && !wide {
            return Err(Error::invalid("body.older_than", "needs bucket or labels"));
        }
        if !wide && self.versions.is_none() && self.artifacts.is_none() {
            let problem = "must say one of: versions, artifacts, bucket, labels";
            return Err(Error::invalid("body", problem));
        }
        Ok(())
    }
}

fn check_list<T>(field: &'static str, list: Option<&[T]>) -> Result<()> {
    match list.map(<[T]>::len) {
        Some(0) => Err(Error::invalid(field, "must not be empty")),
        Some(count) if count > limit::REVOKED => {
            let problem = format!("must be at most {}, not {count}", limit::REVOKED);
            Err(Error::invalid(field, problem))
        }
        _ => Ok(()),
    }
}

fn check_named(field: &'static str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    check_word(field, text)
}

fn parse_labels(labels: BTreeMap<String, String>) -> Result<Labels> {
    if labels.is_empty() {
        return Err(Error::invalid("body.labels", "must not be empty"));
    }
    Labels::parse("body.labels", labels)
}

/// Refuses what cannot be the digest of a preview.
///
/// # Errors
/// [`Error::Invalid`] when it is empty, too long or holds a NUL.
pub fn check_digest(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid("body.digest", "must not be empty"));
    }
    check_text("body.digest", text, limit::TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(fields: SelectionFields) -> String {
        fields.parse().expect_err("a refusal").to_string()
    }

    #[test]
    fn an_empty_part_is_not_one_that_is_left_out() {
        let bucket = Some("alpine".to_owned());
        let fields = SelectionFields {
            versions: Some(Vec::new()),
            bucket: bucket.clone(),
            ..SelectionFields::default()
        };
        assert_eq!(refused(fields), "body.versions: must not be empty");
        let fields = SelectionFields {
            labels: Some(BTreeMap::new()),
            bucket,
            ..SelectionFields::default()
        };
        assert_eq!(refused(fields), "body.labels: must not be empty");
    }

    #[test]
    fn an_age_alone_selects_nothing() {
        let fields = SelectionFields {
            older_than: Some("90d".into()),
            ..SelectionFields::default()
        };
        assert_eq!(refused(fields), "body.older_than: needs bucket or labels");
        let nothing = refused(SelectionFields::default());
        assert!(nothing.contains("must say one of"), "{nothing}");
    }

    #[test]
    fn lists_are_bounded() {
        let fields = SelectionFields {
            artifacts: Some(vec!["a".into(); limit::REVOKED + 1]),
            ..SelectionFields::default()
        };
        let refused = refused(fields);
        assert!(refused.contains("at most 1000, not 1001"), "{refused}");
    }
}
