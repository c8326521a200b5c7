//! Versions and their builds, as a run of Packer tells of them.

use std::sync::Arc;

use super::Fill;
use crate::{
    demo::{
        artifacts,
        chance::Chance,
        company::{PRODUCTION, Target},
        metadata, packages,
        plan::{Run, Said},
    },
    domain::{
        build::{BuildChange, BuildStatus},
        label::Labels,
        sbom::WhenDone,
        version::TemplateType,
    },
    error::{Error, Result},
    ops::{Access, builds, sboms, versions},
    store,
};

/// How many of the newest runs of an image have a bill of material.
const WITH_PACKAGES: usize = 4;
/// What it is called.
const SBOM: &str = "packages";

/// A version as somebody recorded it.
pub(super) struct Recorded {
    run: Arc<Run>,
    builds: Vec<String>,
    parent: Option<Parent>,
}

/// What a version is built from.
#[derive(Clone)]
struct Parent {
    version_id: String,
    channel_id: String,
}

impl Fill<'_> {
    pub(super) async fn begin(&mut self, run: Arc<Run>) -> Result<()> {
        let access = self.access(run.image.team.ci)?;
        let parent = match run.image.parent {
            Some(bucket) => Some(self.production(&access, bucket).await?),
            None => None,
        };
        let (bucket, fingerprint) = (run.image.name.to_owned(), run.fingerprint());
        let new = (fingerprint.clone(), TemplateType::Hcl2);
        let version = versions::create(self.state, access.clone(), bucket.clone(), new).await?;
        let mut builds = Vec::new();
        for target in run.targets() {
            let change = BuildChange {
                status: Some(BuildStatus::Running),
                packer_run_uuid: packer_run(&run, Said::Done),
                ..BuildChange::default()
            };
            let place = (bucket.clone(), fingerprint.clone());
            let what = (component(&run, target), change);
            let build = builds::create(self.state, access.clone(), place, what).await?;
            builds.push(build.build.id);
        }
        self.by_version.insert(version.version.id, Arc::clone(&run));
        let recorded = Recorded {
            run: Arc::clone(&run),
            builds,
            parent,
        };
        self.recorded.insert((run.image.name, run.number), recorded);
        Ok(())
    }

    /// What a build of now finds in the production of a bucket.
    async fn production(&self, access: &Access, bucket: &'static str) -> Result<Parent> {
        let project_id = access.project.id.clone();
        let read = self.state.store.read(move |conn| {
            let bucket = store::buckets::find(conn, &project_id, bucket)?;
            store::channels::find(conn, &bucket.id, PRODUCTION)
        });
        let channel = read.await?;
        let version_id = channel.version_id;
        let missing = || Error::internal(format!("the production of {bucket} is empty"));
        Ok(Parent {
            version_id: version_id.ok_or_else(missing)?,
            channel_id: channel.id,
        })
    }

    pub(super) async fn build(&mut self, run: &Run, place: usize, said: Said) -> Result<()> {
        let access = self.access(run.image.team.ci)?;
        let key = (run.image.name, run.number);
        let recorded = self.recorded.get(&key);
        let lost = || Error::internal(format!("{} was never begun", run.image.name));
        let recorded = recorded.ok_or_else(lost)?;
        let (Some(id), Some(target)) = (recorded.builds.get(place), run.targets().nth(place))
        else {
            return Err(lost());
        };
        let path = (run.image.name.to_owned(), run.fingerprint(), id.clone());
        let change = match said {
            Said::Done => {
                self.upload(run, place, (&access, &path)).await?;
                self.done(recorded, target)?
            }
            Said::Failed => ended(run, target, BuildStatus::Failed),
            Said::Cancelled => ended(run, target, BuildStatus::Cancelled),
            Said::Again => BuildChange {
                status: Some(BuildStatus::Running),
                packer_run_uuid: packer_run(run, said),
                ..BuildChange::default()
            },
        };
        let told = builds::update(self.state, access, path, change);
        told.await.map(drop)
    }

    fn done(&self, recorded: &Recorded, target: Target) -> Result<BuildChange> {
        let run = &recorded.run;
        let parent = recorded.parent.clone();
        let source = parent
            .as_ref()
            .and_then(|parent| self.by_version.get(&parent.version_id));
        let source = artifacts::source(run, target, source.map(AsRef::as_ref));
        let parent = parent.map(|parent| (parent.version_id, parent.channel_id));
        let (parent_version_id, parent_channel_id) = parent.unwrap_or_default();
        Ok(BuildChange {
            platform: target.platform().to_owned(),
            source_external_identifier: source,
            parent_version_id,
            parent_channel_id,
            labels: Some(Labels::parse("labels", metadata::labels(run))?),
            artifacts: Some(artifacts::artifacts(run, target)),
            ..ended(run, target, BuildStatus::Done)
        })
    }

    /// Uploads what is in the image, as Packer does before it says that a build is done.
    async fn upload(
        &self,
        run: &Run,
        place: usize,
        (access, path): (&Arc<Access>, &(String, String, String)),
    ) -> Result<()> {
        if place > 0 || run.back >= WITH_PACKAGES {
            return Ok(());
        }
        let Some(document) = packages::document(run)? else {
            return Ok(());
        };
        let what = (SBOM.to_owned(), document);
        let (access, path) = (Arc::clone(access), path.clone());
        let uploaded = sboms::upload(self.state, access, path, what, WhenDone::Nothing);
        uploaded.await.map(drop)
    }
}

/// The build of a target within its run: builder and source, as Packer calls them.
fn component(run: &Run, target: Target) -> String {
    let os = run.image.os;
    let source = os.split('-').next().unwrap_or(os);
    format!("{}.{source}", target.builder())
}

/// The run of Packer that speaks; who runs it again is another one.
fn packer_run(run: &Run, said: Said) -> String {
    let which = if said == Said::Again { "again" } else { "run" };
    Chance::of(&run.seed(which)).uuid()
}

fn ended(run: &Run, target: Target, status: BuildStatus) -> BuildChange {
    BuildChange {
        status: Some(status),
        metadata: Some(metadata::metadata(run, target)),
        ..BuildChange::default()
    }
}
