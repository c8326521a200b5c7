//! The rows and events that a build of Packer leaves behind, made without asking the database: what
//! `versions`, `builds` and `assignments` do to them step by step. A test of the measurements compares both.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use super::{
    super::{
        Access, Tx,
        builds::change,
        events::{BuildState, Place, Resource, VersionState, WholeVersion},
    },
    Version as Entry,
};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus},
        channel::SERVICE_AUTHOR,
        id,
        label::Labels,
        time::Time,
        version::TemplateType,
    },
    error::{Error, Kind, Result},
    store::{
        ancestry,
        artifacts::Artifact,
        buckets::{self, Bucket, Platforms},
        builds::{Build, Heartbeat},
        bulk as store,
        channels::{self, Assignment, Channel},
        commits,
        events::NewEvent,
        versions::Version,
    },
};

/// Records complete versions that descend from nothing. Answers their ids, in order.
pub(super) fn record(tx: &mut Tx<'_>, entries: &[&Entry]) -> Result<Vec<String>> {
    let mut homes = Home::of(tx, entries)?;
    let mut rows = Rows::default();
    for entry in entries {
        let home = homes.get_mut(entry.bucket.as_str());
        let home = home.ok_or_else(|| Error::Missing(Kind::Bucket, entry.bucket.clone()))?;
        rows.tell(home, entry, (tx.access, tx.now))?;
    }
    rows.write(tx)?;
    for Home { bucket, latest, .. } in homes.values() {
        store::save(tx.conn, bucket, latest)?;
        ancestry::set_parent_buckets(tx.conn, &bucket.id, &BTreeSet::new())?;
    }
    Ok(rows.versions.into_iter().map(|row| row.id).collect())
}

/// A bucket as it is by then.
struct Home {
    bucket: Bucket,
    latest: Channel,
    /// How many assignments `latest` has had.
    assigned: i64,
}

impl Home {
    /// The buckets of these versions, by name.
    fn of(tx: &mut Tx<'_>, entries: &[&Entry]) -> Result<HashMap<String, Self>> {
        let mut names: Vec<String> = entries.iter().map(|entry| entry.bucket.clone()).collect();
        names.sort();
        names.dedup();
        let buckets = buckets::by_names(tx.conn, &tx.access.project.id, &names)?;
        let ids: Vec<String> = buckets.iter().map(|bucket| bucket.id.clone()).collect();
        let latest = channels::latest_of(tx.conn, &ids)?;
        let mut latest: HashMap<String, Channel> = latest
            .into_iter()
            .map(|channel| (channel.bucket_id.clone(), channel))
            .collect();
        let mut homes = HashMap::new();
        for bucket in buckets {
            if let Some(latest) = latest.remove(&bucket.id) {
                let assigned = channels::assignments(tx.conn, &latest.id)?;
                let home = Self {
                    bucket,
                    latest,
                    assigned,
                };
                homes.insert(home.bucket.name.clone(), home);
            }
        }
        Ok(homes)
    }

    /// What a lock does: the next revision, and its moment.
    fn lock(&mut self, now: Time) -> Time {
        let Bucket {
            revision,
            changed_at,
            ..
        } = &mut self.bucket;
        *revision += 1;
        *changed_at = now.max(Time::from_micros(changed_at.micros() + 1));
        *changed_at
    }
}

/// Rows to be written, and what happened to them.
#[derive(Default)]
struct Rows {
    versions: Vec<Version>,
    builds: Vec<Build>,
    artifacts: Vec<Artifact>,
    history: Vec<Assignment>,
    moments: Vec<Moment>,
}

/// An event to be.
struct Moment {
    action: &'static str,
    bucket_id: String,
    revision: i64,
    at: Time,
    after: After,
}

/// What a resource was then.
enum After {
    Bucket(Bucket),
    Version(Version),
    /// With the places of its artifacts among all.
    Build(Build, Range<usize>),
    Channel(Channel),
}

impl Rows {
    /// One build of Packer.
    fn tell(&mut self, home: &mut Home, entry: &Entry, (by, now): (&Access, Time)) -> Result<()> {
        let mut version = self.create_version(home, entry, (by, now));
        let created = self.create_build(home, entry, (&version, now));
        let running = BuildChange {
            status: Some(BuildStatus::Running),
            packer_run_uuid: entry.done.packer_run_uuid.clone(),
            ..BuildChange::default()
        };
        let build = self.change_build(home, &created, (&running, now))?;
        let build = self.change_build(home, &build, (&entry.done, now))?;
        let at = home.bucket.changed_at;
        home.bucket.last_number += 1;
        version.number = Some(home.bucket.last_number);
        version.updated_at = at;
        self.note("version.completed", home, After::Version(version.clone()));
        self.follow_latest(home, &version);
        let platforms = Platforms(vec![build.platform.clone()]);
        if home.bucket.platforms != platforms {
            home.bucket.platforms = platforms;
            self.note("bucket.updated", home, After::Bucket(home.bucket.clone()));
        }
        self.versions.push(version);
        self.builds.push(build);
        Ok(())
    }

    fn create_version(
        &mut self,
        home: &mut Home,
        entry: &Entry,
        (by, now): (&Access, Time),
    ) -> Version {
        let at = home.lock(now);
        home.bucket.version_count += 1;
        let version = Version {
            id: id::ulid(at),
            bucket_id: home.bucket.id.clone(),
            sequence: home.bucket.revision,
            fingerprint: entry.fingerprint.clone(),
            number: None,
            template_type: TemplateType::Hcl2,
            author_id: by.actor.name.clone(),
            created_at: at,
            updated_at: at,
        };
        self.note("version.created", home, After::Version(version.clone()));
        version
    }

    fn create_build(
        &mut self,
        home: &mut Home,
        entry: &Entry,
        (version, now): (&Version, Time),
    ) -> Build {
        let at = home.lock(now);
        let build = Build {
            id: id::ulid(at),
            version_id: version.id.clone(),
            sequence: home.bucket.revision,
            component_type: entry.component_type.clone(),
            status: BuildStatus::Unset,
            status_reason: String::new(),
            packer_run_uuid: entry.done.packer_run_uuid.clone(),
            platform: String::new(),
            source_external_identifier: String::new(),
            parent_version_id: String::new(),
            parent_channel_id: String::new(),
            labels: Labels::default(),
            metadata: None,
            heartbeat_at: Heartbeat(None),
            created_at: at,
            updated_at: at,
        };
        self.note("build.created", home, After::Build(build.clone(), 0..0));
        build
    }

    fn change_build(
        &mut self,
        home: &mut Home,
        before: &Build,
        (change, now): (&BuildChange, Time),
    ) -> Result<Build> {
        let at = home.lock(now);
        let mut build = change::merge(before, change, at)?;
        build.updated_at = at;
        let first = self.artifacts.len();
        let new = (0..).zip(change.artifacts.iter().flatten());
        self.artifacts.extend(new.map(|(position, new)| Artifact {
            id: id::ulid(at),
            build_id: build.id.clone(),
            position,
            external_identifier: new.external_identifier.clone(),
            region: new.region.clone(),
            created_at: at,
        }));
        let artifacts = first..self.artifacts.len();
        let action = change::action(before, &build);
        self.note(action, home, After::Build(build.clone(), artifacts));
        Ok(build)
    }

    fn follow_latest(&mut self, home: &mut Home, version: &Version) {
        let at = home.bucket.changed_at;
        home.latest.version_id = Some(version.id.clone());
        SERVICE_AUTHOR.clone_into(&mut home.latest.author_id);
        home.latest.updated_at = at;
        home.assigned += 1;
        self.history.push(Assignment {
            channel_id: home.latest.id.clone(),
            sequence: home.bucket.revision,
            assigned_at: at,
            author_id: SERVICE_AUTHOR.into(),
            version_id: version.id.clone(),
            version_name: version.name(),
            version_fingerprint: version.fingerprint.clone(),
            number: home.assigned,
        });
        self.note(
            "channel.assigned",
            home,
            After::Channel(home.latest.clone()),
        );
    }

    fn note(&mut self, action: &'static str, home: &Home, after: After) {
        self.moments.push(Moment {
            action,
            bucket_id: home.bucket.id.clone(),
            revision: home.bucket.revision,
            at: home.bucket.changed_at,
            after,
        });
    }

    fn write(&self, tx: &mut Tx<'_>) -> Result<()> {
        store::versions(tx.conn, &self.versions)?;
        store::builds(tx.conn, &self.builds)?;
        for build in &self.builds {
            commits::set(tx.conn, build, None)?;
        }
        store::artifacts(tx.conn, &self.artifacts)?;
        store::history(tx.conn, &self.history)?;
        let moments = self.moments.iter();
        let events: Vec<NewEvent<'_>> = moments
            .map(|moment| moment.event(tx.access, &self.artifacts))
            .collect::<Result<_>>()?;
        store::events(tx.conn, &events)
    }
}

impl Moment {
    fn event<'a>(&'a self, access: &'a Access, artifacts: &[Artifact]) -> Result<NewEvent<'a>> {
        let place = Place {
            access,
            project_id: &access.project.id,
            bucket_id: &self.bucket_id,
            revision: self.revision,
            at: self.at,
        };
        let resource = |kind, id: &'a String, name: &'a String| Resource { kind, id, name };
        match &self.after {
            After::Bucket(after) => {
                let resource = resource("bucket", &after.id, &after.name);
                place.event(self.action, resource, Some(after))
            }
            After::Version(after) => {
                let resource = resource("version", &after.id, &after.fingerprint);
                let after = WholeVersion {
                    state: &VersionState::of(after),
                    revocations: &[],
                };
                place.event(self.action, resource, Some(&after))
            }
            After::Build(build, range) => {
                let resource = resource("build", &build.id, &build.component_type);
                let artifacts = artifacts.get(range.clone()).unwrap_or_default();
                place.event(
                    self.action,
                    resource,
                    Some(&BuildState { build, artifacts }),
                )
            }
            After::Channel(after) => {
                let resource = resource("channel", &after.id, &after.name);
                place.event(self.action, resource, Some(after))
            }
        }
    }
}
