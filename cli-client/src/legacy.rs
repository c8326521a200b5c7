//! What older clients still ask for.

use crate::{Client, Error};
use touchmark_wire::legacy::v2021::{GetChannelResponse, GetIterationResponse};
use touchmark_wire::legacy::v2022::{
    GetImageByBuildLabelsRequestBody, GetImageByBuildLabelsResponse,
};

/// How the 2021-04-30 protocol names an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iteration<'a> {
    /// By the ULID of the version.
    Id(&'a str),
    /// By its fingerprint.
    Fingerprint(&'a str),
    /// By the number in the version's name.
    Number(i32),
}

impl Iteration<'_> {
    fn query(self) -> (&'static str, String) {
        match self {
            Self::Id(id) => ("iteration_id", id.to_owned()),
            Self::Fingerprint(fingerprint) => ("fingerprint", fingerprint.to_owned()),
            Self::Number(number) => ("incremental_version", number.to_string()),
        }
    }
}

impl Client {
    /// Reads a channel in the 2021-04-30 protocol.
    pub async fn legacy_get_channel(
        &self,
        bucket: &str,
        channel: &str,
    ) -> Result<GetChannelResponse, Error> {
        self.get(&self.scope()?.legacy_channel(bucket, channel))
            .await
    }

    /// Reads an iteration in the 2021-04-30 protocol.
    pub async fn legacy_get_iteration(
        &self,
        bucket: &str,
        iteration: Iteration<'_>,
    ) -> Result<GetIterationResponse, Error> {
        self.get_with(
            &self.scope()?.legacy_iteration(bucket),
            &[iteration.query()],
        )
        .await
    }

    /// Searches a channel by build labels in the 2022-12-02 protocol.
    pub async fn get_image_by_build_labels(
        &self,
        bucket: &str,
        channel: &str,
        body: &GetImageByBuildLabelsRequestBody,
    ) -> Result<GetImageByBuildLabelsResponse, Error> {
        self.post(
            &self.scope()?.legacy_search_by_labels(bucket, channel),
            body,
        )
        .await
    }
}
