//! What each registry is asked, and that its answers are right.

use std::time::Instant;

use serde::Serialize;
use touchmark_client::{Client, Page};
use touchmark_wire::{
    search::SearchExternalArtifactRequestBody,
    version::{UpdateVersionBody, VersionStatus},
};

use crate::{
    Done,
    handshake::Single,
    output::note,
    seed::{
        FAN, LARGE_BUCKET, READ_CHANNEL, Sizes, artifact_id, bucket, descendant, fingerprint, home,
    },
    summary::percentile,
    target::Target,
};

/// Entries of a page of a list.
const PAGE: u32 = 20;
/// Pages that are skipped to get to a deep one, as many as there are of the largest size.
const SKIPPED: usize = 3;

/// What came of one question. Times are milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Answered {
    pub(super) question: &'static str,
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// A registry that is asked.
pub(super) struct Registry {
    client: Client,
    target: Target,
    sizes: Sizes,
    times: usize,
}

impl Registry {
    pub(super) fn new(target: Target, sizes: Sizes, times: usize) -> Done<Self> {
        let client = Client::builder(format!("http://{}", target.address))
            .token(&target.token)
            .scope(&target.organization_id, &target.project_id)
            .build()?;
        Ok(Self {
            client,
            target,
            sizes,
            times,
        })
    }

    /// Asks everything.
    pub(super) async fn ask(&self) -> Done<Vec<Answered>> {
        let deep = self.deep_page().await?;
        let small = self.pusher("push-0").await?;
        let large = self.pusher(LARGE_BUCKET).await?;
        let first = page(None);
        Ok(vec![
            self.time("get a channel", async |n| self.channel(n).await)
                .await?,
            self.time("get a version", async |n| self.version(n).await)
                .await?,
            self.time("list buckets, first page", async |_| {
                let list = self.client.list_buckets(&first).await?;
                require(list.buckets.len() == expected(self.sizes.all_buckets()))
            })
            .await?,
            self.time(
                "list versions of the large bucket, first page",
                async |_| self.versions(&first).await,
            )
            .await?,
            self.time("the same, deep page", async |_| self.versions(&deep).await)
                .await?,
            self.time("search by artifact id", async |n| self.search(n).await)
                .await?,
            self.time("push to a bucket of its own", async |_| {
                small.push().await.map(drop)
            })
            .await?,
            self.time("push to the large bucket", async |_| {
                large.push().await.map(drop)
            })
            .await?,
            self.revoke("revoke with all descendants").await?,
        ])
    }

    async fn pusher(&self, bucket: &str) -> Done<Single> {
        Single::new(&self.target, self.sizes.artifacts, bucket).await
    }

    /// A number as random as it is the same in each run.
    fn some(&self, n: usize) -> usize {
        n.wrapping_mul(7_919) % self.sizes.versions.max(1)
    }

    async fn time(
        &self,
        question: &'static str,
        ask: impl AsyncFn(usize) -> Done,
    ) -> Done<Answered> {
        let mut times = Vec::with_capacity(self.times);
        for number in 0..self.times {
            let begun = Instant::now();
            let asked = ask(number).await;
            asked.map_err(|error| format!("{question}: {error}"))?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        note(question);
        Ok(Answered {
            question,
            p50: percentile(&times, 50),
            p99: percentile(&times, 99),
        })
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

    async fn versions(&self, page: &Page) -> Done {
        let list = self.client.list_versions(LARGE_BUCKET, page).await?;
        require(list.versions.len() == expected(self.sizes.one_bucket / 4))
    }

    /// The page behind the first three quarters of the large bucket, or behind three pages of the largest size.
    async fn deep_page(&self) -> Done<Page> {
        let size = u32::try_from((self.sizes.one_bucket / 4).clamp(1, 1_000))?;
        let mut token = None;
        for _ in 0..SKIPPED {
            let skipped = Page {
                size: Some(size),
                ..page(token)
            };
            let list = self.client.list_versions(LARGE_BUCKET, &skipped).await?;
            token = list.pagination.map(|pagination| pagination.next_page_token);
        }
        Ok(page(token))
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
            .search_external_artifact(&body, &page(None))
            .await?;
        require(found.artifacts.len() == 1)
    }

    /// This cannot be asked twice.
    async fn revoke(&self, question: &'static str) -> Done<Answered> {
        let body = UpdateVersionBody {
            revoke_in: "0s".to_owned(),
            revocation_message: "measured".to_owned(),
            ..UpdateVersionBody::default()
        };
        let begun = Instant::now();
        let (bucket, root) = (home(FAN, 0), descendant(0));
        self.client.update_version(&bucket, &root, &body).await?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let last = self.sizes.fan_out;
        let answer = self
            .client
            .get_version(&home(FAN, last), &descendant(last))
            .await?;
        let status = answer.version.map(|version| version.status);
        require(status == Some(VersionStatus::Revoked))?;
        Ok(Answered {
            question,
            p50: took,
            p99: took,
        })
    }
}

/// The entries of a page, of so many that there are.
fn expected(all: usize) -> usize {
    all.min(PAGE as usize)
}

fn page(token: Option<String>) -> Page {
    Page {
        size: Some(PAGE),
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
