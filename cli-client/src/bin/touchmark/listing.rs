//! Whole lists: the registry answers page by page.

use touchmark_client::wire::{
    ancestry::{BucketAncestry, BucketAncestryType},
    bucket::Bucket,
    channel::{Channel, ChannelAssignment},
    package::Package,
    pagination::PaginationResponse,
    search::{ExternalArtifact, SearchExternalArtifactRequestBody},
    version::Version,
};
use touchmark_client::{AncestryFilter, Client, Error, PackageFilter, Page};

/// Entries of a page.
const SIZE: u32 = 500;

/// All entries of a list.
async fn all<T>(
    mut page: Page,
    mut ask: impl AsyncFnMut(&Page) -> Result<(Vec<T>, Option<PaginationResponse>), Error>,
) -> Result<Vec<T>, Error> {
    page.size = Some(SIZE);
    let mut entries = Vec::new();
    loop {
        let (more, pagination) = ask(&page).await?;
        entries.extend(more);
        let token = pagination.map(|pagination| pagination.next_page_token);
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(entries);
        };
        page.next_page_token = Some(token);
    }
}

/// All buckets of the project, by name.
pub(crate) async fn buckets(client: &Client) -> Result<Vec<Bucket>, Error> {
    let page = Page {
        order_by: vec!["name".to_owned()],
        ..Page::default()
    };
    all(page, async |page| {
        let answer = client.list_buckets(page).await?;
        Ok((answer.buckets, answer.pagination))
    })
    .await
}

/// All channels of a bucket.
pub(crate) async fn channels(client: &Client, bucket: &str) -> Result<Vec<Channel>, Error> {
    Ok(client.list_channels(bucket).await?.channels)
}

/// The names of those channels that hold a version.
pub(crate) fn holders(channels: &[Channel], version_id: &str) -> Vec<String> {
    let holding = channels.iter().filter(|channel| {
        let held = channel.version.as_ref();
        held.is_some_and(|held| held.id == version_id)
    });
    holding.map(|channel| channel.name.clone()).collect()
}

/// All that a channel held, the newest first.
pub(crate) async fn history(
    client: &Client,
    bucket: &str,
    channel: &str,
) -> Result<Vec<ChannelAssignment>, Error> {
    all(Page::default(), async |page| {
        let answer = client
            .list_channel_assignment_history(bucket, channel, page)
            .await?;
        Ok((answer.history, answer.pagination))
    })
    .await
}

/// All versions of a bucket, the newest first, without metadata of builds.
pub(crate) async fn versions(client: &Client, bucket: &str) -> Result<Vec<Version>, Error> {
    all(Page::default(), async |page| {
        let answer = client.list_versions(bucket, page).await?;
        Ok((answer.versions, answer.pagination))
    })
    .await
}

/// All packages that the SBOMs of a build name.
pub(crate) async fn packages(
    client: &Client,
    build: (&str, &str, &str),
) -> Result<Vec<Package>, Error> {
    let filter = PackageFilter::default();
    all(Page::default(), async |page| {
        let answer = client.list_build_packages(build, &filter, page).await?;
        Ok((answer.packages, answer.pagination))
    })
    .await
}

/// What a version was built from (`Parents`), or what was built from it.
pub(crate) async fn relations(
    client: &Client,
    (bucket, fingerprint): (&str, Option<&str>),
    direction: BucketAncestryType,
) -> Result<Vec<BucketAncestry>, Error> {
    let filter = AncestryFilter {
        direction,
        version_fingerprint: fingerprint.map(str::to_owned),
        channel_name: None,
    };
    all(Page::default(), async |page| {
        let answer = client.list_bucket_ancestry(bucket, &filter, page).await?;
        Ok((answer.relations, answer.pagination))
    })
    .await
}

/// All builds that an artifact comes from.
pub(crate) async fn artifacts(
    client: &Client,
    body: &SearchExternalArtifactRequestBody,
) -> Result<Vec<ExternalArtifact>, Error> {
    all(Page::default(), async |page| {
        let answer = client.search_external_artifact(body, page).await?;
        Ok((answer.artifacts, answer.pagination))
    })
    .await
}
