//! Relations between buckets.

use crate::{Client, Error, Page};
use touchmark_wire::ancestry::{BucketAncestryType, ListBucketAncestryResponse};

/// Which of a bucket's relations a call asks for; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AncestryFilter {
    /// Parents, children or both.
    pub direction: BucketAncestryType,
    /// Parents of this version instead of the latest.
    pub version_fingerprint: Option<String>,
    /// Children built while the bucket was on this channel.
    pub channel_name: Option<String>,
}

impl AncestryFilter {
    fn query(&self) -> impl Iterator<Item = (&'static str, String)> {
        let direction = (self.direction != BucketAncestryType::Unset)
            .then(|| self.direction.as_str().to_owned());
        [
            ("type", direction),
            ("version_fingerprint", self.version_fingerprint.clone()),
            ("channel_name", self.channel_name.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl Client {
    /// Lists a bucket's relations.
    pub async fn list_bucket_ancestry(
        &self,
        bucket: &str,
        filter: &AncestryFilter,
        page: &Page,
    ) -> Result<ListBucketAncestryResponse, Error> {
        let mut query = page.query();
        query.extend(filter.query());
        self.get_with(&self.scope()?.bucket_ancestry(bucket), &query)
            .await
    }
}
