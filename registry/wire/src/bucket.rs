//! Buckets: the versions of one template.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ancestry::AncestryStatus;
use crate::location::Location;
use crate::pagination::PaginationResponse;
use crate::time::Timestamp;
use crate::version::Version;

/// A bucket of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bucket {
    /// Summary of what was built from it, null when nothing is recorded.
    pub children: Option<BucketChildren>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Free text.
    pub description: String,
    /// ULID of the bucket.
    pub id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What the managed channel `latest` points to.
    pub latest_version: Option<Version>,
    /// Organization and project.
    pub location: Option<Location>,
    /// Its name within the project.
    pub name: String,
    /// Summary of what it was built from, null when nothing is recorded.
    pub parents: Option<BucketParents>,
    /// Platforms of the latest complete version.
    pub platforms: Vec<String>,
    /// `packer/project/<project>/bucket/<name>`.
    pub resource_name: String,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// Number of its versions.
    #[serde(with = "crate::int64_string")]
    pub version_count: i64,
}

/// Summary of the buckets built from a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketChildren {
    /// Path of the list of children.
    pub href: String,
    /// Out of date if any child is.
    pub status: AncestryStatus,
}

/// Summary of the buckets that a bucket was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketParents {
    /// Path of the list of parents.
    pub href: String,
    /// Out of date if any parent is.
    pub status: AncestryStatus,
}

body! {
    /// Body of the request that creates a bucket.
    pub struct CreateBucketBody {
        /// Free text.
        pub description: String,
        /// Its labels.
        pub labels: BTreeMap<String, String>,
        /// Its name within the project.
        pub name: String,
    }
}

/// Answer to the creation of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateBucketResponse {
    /// The bucket.
    pub bucket: Option<Bucket>,
}

/// Answer to a read of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetBucketResponse {
    /// The bucket.
    pub bucket: Option<Bucket>,
}

/// Answer to a list of buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBucketsResponse {
    /// The buckets of this page.
    pub buckets: Vec<Bucket>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}

body! {
    /// Body of the request that changes a bucket; an absent field means unchanged.
    pub struct UpdateBucketBody {
        /// Free text.
        pub description: Option<String>,
        /// New labels, replacing the old ones.
        pub labels: Option<BTreeMap<String, String>>,
    } always {
        /// Platforms; null means unchanged.
        pub platforms: Option<Vec<String>>,
    }
}

/// Answer to the update of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateBucketResponse {
    /// The bucket after the update.
    pub bucket: Option<Bucket>,
}

/// Answer to the removal of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteBucketResponse {}

#[cfg(test)]
mod tests {
    use super::{Bucket, UpdateBucketBody};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn counters_are_strings() -> TestResult {
        let bucket = Bucket {
            version_count: 12,
            ..Bucket::default()
        };
        let json = serde_json::to_string(&bucket)?;
        assert!(json.contains(r#""version_count":"12""#), "{json}");
        assert_eq!(serde_json::from_str::<Bucket>(&json)?, bucket);
        Ok(())
    }

    #[test]
    fn absent_and_empty_differ_in_updates() -> TestResult {
        let read = |json: &str| serde_json::from_str::<UpdateBucketBody>(json);
        assert_eq!(
            read(r#"{"description":null,"platforms":null}"#)?,
            read("{}")?
        );
        assert_eq!(
            read(r#"{"description":""}"#)?.description.as_deref(),
            Some("")
        );
        assert_eq!(
            serde_json::to_string(&read("{}")?)?,
            r#"{"platforms":null}"#
        );
        Ok(())
    }
}
