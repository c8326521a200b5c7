//! What each registry is asked, and that its answers are right.

use std::collections::BTreeMap;

use touchmark_client::{Client, Page};
use touchmark_wire::{
    legacy::v2022::GetImageByBuildLabelsRequestBody,
    pagination::PaginationResponse,
    search::SearchExternalArtifactRequestBody,
    version::{UpdateVersionBody, VersionStatus},
};

use crate::{
    Done,
    handshake::Single,
    seed::{
        FAN, LARGE_BUCKET, READ_CHANNEL, Sizes, artifact_id, bucket, descendant, fingerprint, home,
    },
    target::Target,
};

/// Entries of a page of a list.
const PAGE: u32 = 20;
/// Entries of the pages that are skipped.
const SKIPPED: u32 = 200;
/// How often something is asked that takes long.
const FEW: usize = 5;

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Channel,
    ChannelAgain,
    Version,
    Buckets,
    BucketsDeep,
    Versions,
    VersionsDeep,
    Channels,
    Builds,
    History,
    HistoryDeep,
    Search,
    Labels,
    Push,
    PushLarge,
    Revoke,
}

impl Question {
    /// All, in the order in which they are asked.
    pub(super) const ALL: [Self; 13] = [
        Self::ChannelAgain,
        Self::Buckets,
        Self::BucketsDeep,
        Self::Versions,
        Self::VersionsDeep,
        Self::Builds,
        Self::History,
        Self::HistoryDeep,
        Self::Search,
        Self::Labels,
        Self::Push,
        Self::PushLarge,
        Self::Revoke,
    ];

    /// Those that are asked of a server that keeps no answers: few buckets would soon be in memory, many not.
    pub(super) const WITHOUT_MEMORY: [Self; 3] = [Self::Channel, Self::Version, Self::Channels];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Channel => "get a channel, nothing kept in memory",
            Self::ChannelAgain => "get a channel again, from memory",
            Self::Version => "get a version, nothing kept in memory",
            Self::Buckets => "list buckets, first page",
            Self::BucketsDeep => "list buckets, deep page",
            Self::Versions => "list versions of the large bucket, first page",
            Self::VersionsDeep => "list versions of the large bucket, deep page",
            Self::Channels => "list channels of a bucket, nothing kept in memory",
            Self::Builds => "list builds of a version",
            Self::History => "history of a channel of the large bucket, first page",
            Self::HistoryDeep => "history of a channel of the large bucket, deep page",
            Self::Search => "search by artifact id",
            Self::Labels => "search by labels",
            Self::Push => "push to a bucket of its own (8 requests)",
            Self::PushLarge => "push to the large bucket (8 requests)",
            Self::Revoke => "revoke with 1,000 descendants",
        }
    }

    /// Whether nothing is changed by asking.
    pub(super) fn only_reads(self) -> bool {
        !matches!(self, Self::Push | Self::PushLarge | Self::Revoke)
    }

    /// How often it is asked.
    pub(super) fn times(self, times: usize) -> usize {
        match self {
            Self::Revoke => times.min(FEW),
            _ => times,
        }
    }
}

/// A registry that is asked.
pub(super) struct Registry {
    client: Client,
    pub(super) target: Target,
    pub(super) sizes: Sizes,
    deep: Deep,
    small: Single,
    large: Single,
}

/// Pages behind three quarters of the lists.
#[derive(Default)]
struct Deep {
    buckets: Page,
    versions: Page,
    history: Page,
}

impl Registry {
    pub(super) async fn new(target: Target, sizes: Sizes) -> Done<Self> {
        let client = Client::builder(format!("http://{}", target.address))
            .token(&target.token)
            .scope(&target.organization_id, &target.project_id)
            .build()?;
        let mut registry = Self {
            client,
            small: Single::new(&target, sizes.artifacts, "push-0").await?,
            large: Single::new(&target, sizes.artifacts, LARGE_BUCKET).await?,
            target,
            sizes,
            deep: Deep::default(),
        };
        registry.deep = registry.skip().await?;
        Ok(registry)
    }

    async fn skip(&self) -> Done<Deep> {
        let large = self.sizes.one_bucket;
        Ok(Deep {
            buckets: behind(self.all_buckets(), async |page| {
                Ok(self.client.list_buckets(&page).await?.pagination)
            })
            .await?,
            versions: behind(large, async |page| {
                let list = self.client.list_versions(LARGE_BUCKET, &page).await?;
                Ok(list.pagination)
            })
            .await?,
            history: behind(large, async |page| Ok(self.history(&page).await?.1)).await?,
        })
    }

    /// A number as random as it is the same in each run.
    fn some(&self, n: usize) -> usize {
        n.wrapping_mul(7_919) % self.sizes.versions.max(1)
    }

    /// What is to be done before a question that is not measured.
    pub(super) async fn prepare(&self, question: Question, n: usize) -> Done {
        match question {
            Question::ChannelAgain => self.channel(n).await,
            Question::Revoke => self.restore().await,
            _ => Ok(()),
        }
    }

    /// Asks it, for the `n`th time.
    pub(super) async fn ask(&self, question: Question, n: usize) -> Done {
        let first = page(PAGE, None);
        match question {
            Question::Channel | Question::ChannelAgain => self.channel(n).await,
            Question::Version => self.version(n).await,
            Question::Buckets => self.buckets(&first, 0).await,
            Question::BucketsDeep => {
                self.buckets(&self.deep.buckets, skipped(self.all_buckets()))
                    .await
            }
            Question::Versions => self.versions(&first).await,
            Question::VersionsDeep => self.versions(&self.deep.versions).await,
            Question::Channels => self.channels(n).await,
            Question::Builds => self.builds(n).await,
            Question::History => self.whole_history(&first).await,
            Question::HistoryDeep => self.whole_history(&self.deep.history).await,
            Question::Search => self.search(n).await,
            Question::Labels => self.labels(n).await,
            Question::Push => self.small.push().await.map(drop),
            Question::PushLarge => self.large.push().await.map(drop),
            Question::Revoke => self.revoke().await,
        }
    }

    async fn channel(&self, n: usize) -> Done {
        let name = bucket(self.some(n) % self.sizes.buckets);
        let answer = self.client.get_channel(&name, READ_CHANNEL).await?;
        let version = answer.channel.and_then(|channel| channel.version);
        require(version.is_some_and(|version| version.bucket_name == name))
    }

    async fn version(&self, n: usize) -> Done {
        let number = self.some(n);
        let name = bucket(number % self.sizes.buckets);
        let answer = self.client.get_version(&name, &fingerprint(number)).await?;
        let builds = answer
            .version
            .map(|version| version.builds)
            .unwrap_or_default();
        let artifacts = builds.first().map(|build| build.artifacts.len());
        require(artifacts == Some(self.sizes.artifacts))
    }

    /// With the one that is pushed to.
    fn all_buckets(&self) -> usize {
        self.sizes.all_buckets() + 1
    }

    async fn buckets(&self, page: &Page, skipped: usize) -> Done {
        let list = self.client.list_buckets(page).await?;
        require(list.buckets.len() == expected(self.all_buckets() - skipped))
    }

    async fn versions(&self, page: &Page) -> Done {
        let list = self.client.list_versions(LARGE_BUCKET, page).await?;
        require(list.versions.len() == expected(self.sizes.one_bucket / 4))
    }

    async fn channels(&self, n: usize) -> Done {
        let name = bucket(self.some(n) % self.sizes.buckets);
        require(self.client.list_channels(&name).await?.channels.len() == 2)
    }

    async fn builds(&self, n: usize) -> Done {
        let number = self.some(n);
        let name = bucket(number % self.sizes.buckets);
        let list = self
            .client
            .list_builds(&name, &fingerprint(number), &Page::default())
            .await?;
        require(list.builds.len() == 1)
    }

    async fn history(&self, page: &Page) -> Done<(usize, Option<PaginationResponse>)> {
        let list = self
            .client
            .list_channel_assignment_history(LARGE_BUCKET, "latest", page)
            .await?;
        Ok((list.history.len(), list.pagination))
    }

    async fn whole_history(&self, page: &Page) -> Done {
        require(self.history(page).await?.0 == expected(self.sizes.one_bucket / 4))
    }

    async fn search(&self, n: usize) -> Done {
        let number = self.some(n);
        let body = SearchExternalArtifactRequestBody {
            external_identifier: artifact_id(number, 0),
            platform: "aws".to_owned(),
            region: String::new(),
        };
        let found = self
            .client
            .search_external_artifact(&body, &page(PAGE, None))
            .await?;
        require(found.artifacts.len() == 1)
    }

    async fn labels(&self, n: usize) -> Done {
        let name = bucket(self.some(n) % self.sizes.buckets);
        let body = GetImageByBuildLabelsRequestBody {
            cloud_provider: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            labels: BTreeMap::new(),
        };
        let found = self
            .client
            .get_image_by_build_labels(&name, READ_CHANNEL, &body)
            .await?;
        let found = found.artifact.and_then(|artifact| artifact.bucket);
        require(found.is_some_and(|bucket| bucket.name == name))
    }

    /// Also in a registry in which an earlier run has revoked it.
    async fn restore(&self) -> Done {
        let (bucket, root) = (home(FAN, 0), descendant(0));
        let found = self.client.get_version(&bucket, &root).await?.version;
        if found.is_some_and(|version| version.status == VersionStatus::Revoked) {
            let body = UpdateVersionBody {
                restore: true,
                ..UpdateVersionBody::default()
            };
            self.client.update_version(&bucket, &root, &body).await?;
        }
        Ok(())
    }

    async fn revoke(&self) -> Done {
        let body = UpdateVersionBody {
            revoke_in: "0s".to_owned(),
            revocation_message: "measured".to_owned(),
            ..UpdateVersionBody::default()
        };
        let (bucket, root) = (home(FAN, 0), descendant(0));
        self.client.update_version(&bucket, &root, &body).await?;
        let last = self.sizes.fan_out;
        let answer = self
            .client
            .get_version(&home(FAN, last), &descendant(last))
            .await?;
        let status = answer.version.map(|version| version.status);
        require(status == Some(VersionStatus::Revoked))
    }
}

/// Entries before the deep page of so many.
fn skipped(entries: usize) -> usize {
    entries * 3 / 4
}

/// The page behind the first three quarters of a list of so many entries.
async fn behind(
    entries: usize,
    list: impl AsyncFn(Page) -> Done<Option<PaginationResponse>>,
) -> Done<Page> {
    let mut left = skipped(entries);
    let mut token = None;
    while left > 0 {
        let size = u32::try_from(left)?.min(SKIPPED);
        left -= size as usize;
        let pagination = list(page(size, token)).await?;
        token = pagination.map(|pagination| pagination.next_page_token);
    }
    Ok(page(PAGE, token))
}

/// The entries of a page, of so many that there are.
fn expected(all: usize) -> usize {
    all.min(PAGE as usize)
}

fn page(size: u32, token: Option<String>) -> Page {
    Page {
        size: Some(size),
        next_page_token: token,
        ..Page::default()
    }
}

fn require(right: bool) -> Done {
    if right {
        Ok(())
    } else {
        Err("the answer is not what it should be".into())
    }
}
