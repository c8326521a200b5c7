//! From what somebody calls a parent to the ids that a build is recorded with.

use touchmark_client::wire::{
    build::Build, search::SearchExternalArtifactRequestBody, time::Timestamp, version::Version,
};
use touchmark_client::{Client, Page};

use super::entry::{Done, Parent};
use crate::exit::{Code, Failure, Result};

/// A parent as the registry knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The version; empty for an artifact that the registry does not know.
    pub(crate) version_id: String,
    /// The channel that held it, or empty.
    pub(crate) channel_id: String,
    builds: Vec<Build>,
    /// The artifact, when that was named.
    id: String,
}

impl Known {
    /// What a build that ended so was made from: the parent's image of the same platform and, if there is one, of
    /// the same region.
    pub(crate) fn source(&self, done: &Done) -> String {
        if !self.id.is_empty() {
            return self.id.clone();
        }
        let builds = self
            .builds
            .iter()
            .filter(|build| build.platform == done.platform);
        let images: Vec<_> = builds.flat_map(|build| &build.artifacts).collect();
        let regions: Vec<&str> = done
            .images
            .iter()
            .map(|image| image.region.as_str())
            .collect();
        let near = images
            .iter()
            .find(|image| regions.contains(&image.region.as_str()));
        let any = near.or_else(|| images.first());
        any.map(|image| image.external_identifier.clone())
            .unwrap_or_default()
    }
}

/// Looks a parent up.
///
/// # Errors
/// When a channel or its bucket does not exist, or held nothing then.
pub(crate) async fn find(client: &Client, parent: &Parent) -> Result<Known> {
    match parent {
        Parent::Channel {
            bucket,
            channel,
            at,
        } => held(client, (bucket, channel), at).await,
        Parent::Version {
            bucket,
            fingerprint,
            version_id,
            channel_id,
        } => Ok(Known {
            version_id: version_id.clone(),
            channel_id: channel_id.clone(),
            builds: builds(client, (bucket, fingerprint)).await,
            id: String::new(),
        }),
        Parent::Artifact { id } => made(client, id).await,
    }
}

/// The version that a channel holds now, while the registry can be asked: its clock may go ahead of ours, so that
/// what it holds since a moment ago would not be found by our time.
///
/// # Errors
/// When a channel or its bucket does not exist, or holds nothing.
pub(crate) async fn pinned(client: &Client, parent: &Parent) -> Result<Parent> {
    let Parent::Channel {
        bucket, channel, ..
    } = parent
    else {
        return Ok(parent.clone());
    };
    let answer = client.get_channel(bucket, channel).await?;
    let found = answer.channel.unwrap_or_default();
    let version = found.version.ok_or_else(|| {
        let problem = format!("the parent {bucket}:{channel} holds no version");
        Failure::new(Code::NotFound, problem)
            .hint(format!("touchmark channel history {bucket}:{channel}"))
    })?;
    Ok(Parent::Version {
        bucket: bucket.clone(),
        fingerprint: version.fingerprint,
        version_id: version.id,
        channel_id: found.id,
    })
}

/// The builds of a version; none if it is gone.
async fn builds(client: &Client, (bucket, fingerprint): (&str, &str)) -> Vec<Build> {
    match client.get_version(bucket, fingerprint).await {
        Ok(answer) => answer.version.unwrap_or_default().builds,
        Err(_) => Vec::new(),
    }
}

async fn held(client: &Client, (bucket, channel): (&str, &str), at: &str) -> Result<Known> {
    let answer = client.get_channel(bucket, channel).await?;
    let found = answer.channel.unwrap_or_default();
    let at = Timestamp::parse(at).map_err(|_| Failure::plain(format!("{at} is no time")))?;
    let version = version_at(client, (bucket, channel), at)
        .await?
        .ok_or_else(|| {
            let problem = format!("the parent {bucket}:{channel} held no version at that time");
            Failure::new(Code::NotFound, problem)
                .hint(format!("touchmark channel history {bucket}:{channel}"))
        })?;
    // The history shows versions without their builds.
    let builds = builds(client, (bucket, &version.fingerprint)).await;
    Ok(Known {
        version_id: version.id,
        channel_id: found.id,
        builds,
        id: String::new(),
    })
}

/// What a channel held at a moment, from its history, which begins with the newest.
async fn version_at(
    client: &Client,
    (bucket, channel): (&str, &str),
    at: Timestamp,
) -> Result<Option<Version>> {
    let mut page = Page::default();
    loop {
        let answer = client
            .list_channel_assignment_history(bucket, channel, &page)
            .await?;
        let mut rows = answer.history.into_iter();
        let earlier = |row: &touchmark_client::wire::channel::ChannelAssignment| {
            row.assigned_at.is_some_and(|assigned| assigned <= at)
        };
        if let Some(row) = rows.find(earlier) {
            return Ok(row.version);
        }
        let next = answer
            .pagination
            .map(|pagination| pagination.next_page_token);
        let Some(token) = next.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        page.next_page_token = Some(token);
    }
}

/// The version of an artifact; one that the registry does not know is a source all the same.
async fn made(client: &Client, id: &str) -> Result<Known> {
    let body = SearchExternalArtifactRequestBody {
        external_identifier: id.to_owned(),
        ..SearchExternalArtifactRequestBody::default()
    };
    let answer = client
        .search_external_artifact(&body, &Page::default())
        .await?;
    let versions = answer
        .artifacts
        .into_iter()
        .filter_map(|artifact| artifact.version);
    let version_id = versions
        .map(|version| version.id)
        .next()
        .unwrap_or_default();
    Ok(Known {
        version_id,
        id: id.to_owned(),
        ..Known::default()
    })
}
