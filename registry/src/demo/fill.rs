//! Walks through time from the beginning of the story to now, and does what happened by the operations of the
//! registry, each at its moment.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{
    artifacts,
    chance::Chance,
    company::{Channel, Image, Mover, PRODUCTION, RELEASE, Target},
    incidents::{Incident, Revoked, What},
    metadata, packages,
    people::People,
    plan::{Run, Said, Step},
};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus},
        channel::ChannelChange,
        label::Labels,
        revocation::{Revoke, When},
        sbom::WhenDone,
        time::Time,
        version::TemplateType,
    },
    error::{Error, Result},
    ops::{Access, buckets, builds, channels, revocations, sboms, settlement, versions},
    state::State,
    store,
};

/// How many of the newest runs of an image have a bill of material.
const WITH_PACKAGES: usize = 4;
/// What it is called.
const SBOM: &str = "packages";

/// A version as somebody recorded it.
struct Recorded {
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

/// Does what happened.
pub(super) struct Fill<'a> {
    state: &'a State,
    people: People,
    recorded: HashMap<(&'static str, u32), Recorded>,
    /// Runs by the version that each made.
    by_version: HashMap<String, Arc<Run>>,
}

impl<'a> Fill<'a> {
    /// Into a registry whose clock stands where the story begins.
    pub(super) fn new(state: &'a State, people: People) -> Self {
        Self {
            state,
            people,
            recorded: HashMap::new(),
            by_version: HashMap::new(),
        }
    }

    /// Does all of it, and gives the people back.
    pub(super) async fn all(mut self, steps: Vec<(Time, Step)>) -> Result<People> {
        for (at, step) in steps {
            let clock = &self.state.clock;
            clock.advance(clock.now().until(at));
            self.one(step).await?;
        }
        Ok(self.people)
    }

    async fn one(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Bucket(image) => self.bucket(image).await,
            Step::Channel(image, channel) => self.channel(image, channel).await,
            Step::Begin(run) => self.begin(run).await,
            Step::Build(run, place, said) => self.build(&run, place, said).await,
            Step::Assign(run, channel) => {
                let mover = mover(run.image, channel);
                self.assign(&run, channel.name, mover).await
            }
            Step::Incident(incident, run) => self.incident(incident, run).await,
        }
    }

    fn access(&mut self, name: &str) -> Result<Arc<Access>> {
        self.people.access(name, self.state)
    }

    async fn bucket(&mut self, image: &Image) -> Result<()> {
        let access = self.access(image.team.ci)?;
        let labels = [("team", image.team.name), ("os", image.os)];
        let create = buckets::Create {
            name: image.name.to_owned(),
            description: image.description.to_owned(),
            labels: labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        };
        buckets::create(self.state, access, create).await.map(drop)
    }

    async fn channel(&mut self, image: &Image, channel: &Channel) -> Result<()> {
        let access = self.access(image.team.owner)?;
        let create = channels::Create {
            name: channel.name.to_owned(),
            restricted: channel.restricted,
            fingerprint: String::new(),
        };
        let created = channels::create(self.state, access, image.name.to_owned(), create);
        created.await.map(drop)
    }

    async fn begin(&mut self, run: Arc<Run>) -> Result<()> {
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

    async fn build(&mut self, run: &Run, place: usize, said: Said) -> Result<()> {
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

    async fn assign(&mut self, run: &Run, channel: &str, who: &str) -> Result<()> {
        let access = self.access(who)?;
        let place = (run.image.name.to_owned(), channel.to_owned());
        let change = ChannelChange {
            assign: Some(Some(run.fingerprint())),
            restricted: None,
        };
        let assigned = channels::update(self.state, access, place, change);
        assigned.await.map(drop)
    }

    async fn incident(&mut self, incident: &Incident, run: Option<Arc<Run>>) -> Result<()> {
        match (&incident.what, run) {
            (What::Revoke(_, how, message), Some(run)) => {
                let access = self.access(incident.by)?;
                let path = (run.image.name.to_owned(), run.fingerprint());
                let how = revocation(*how, message);
                let revoked = revocations::revoke(self.state, access, path, how);
                revoked.await.map(drop)
            }
            (What::Restore(_), Some(run)) => {
                let access = self.access(incident.by)?;
                let path = (run.image.name.to_owned(), run.fingerprint());
                let restored = revocations::restore(self.state, access, path);
                restored.await.map(drop)
            }
            (What::RollBack(channel, _), Some(run)) => {
                self.assign(&run, channel, incident.by).await
            }
            (What::FallDue, _) => settlement::settle_due(self.state).await.map(drop),
            (What::Label(bucket, key, value), _) => {
                self.label(incident.by, bucket, (key, value)).await
            }
            (what, None) => Err(Error::internal(format!("{what:?} is about no version"))),
        }
    }

    /// Adds a label to those that a bucket has.
    async fn label(
        &mut self,
        who: &str,
        bucket: &'static str,
        (key, value): (&str, &str),
    ) -> Result<()> {
        let access = self.access(who)?;
        let project_id = access.project.id.clone();
        let read = self.state.store.read(move |conn| {
            let bucket = store::buckets::find(conn, &project_id, bucket)?;
            Ok(bucket.labels.pairs().clone())
        });
        let mut labels = read.await?;
        labels.insert(key.to_owned(), value.to_owned());
        let update = buckets::Update {
            labels: Some(labels),
            ..buckets::Update::default()
        };
        let updated = buckets::update(self.state, access, bucket.to_owned(), update);
        updated.await.map(drop)
    }
}

const fn mover(image: &Image, channel: &Channel) -> &'static str {
    match channel.mover {
        Mover::Release => RELEASE,
        Mover::Owner => image.team.owner,
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

fn revocation(how: Revoked, message: &str) -> Revoke {
    let days = match how {
        Revoked::InDays(days) => days,
        Revoked::Now | Revoked::KeepingChannels => 0,
    };
    Revoke {
        at: When::In(days * Duration::from_hours(24)),
        message: message.to_owned(),
        spare_descendants: false,
        keep_channels: how == Revoked::KeepingChannels,
    }
}
