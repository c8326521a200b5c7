//! What is said of the versions and buckets that were found.

use std::collections::HashMap;

use super::{
    super::{href, show::State},
    find::{Found, Group, Hit, Kind, Only, Raw},
};
use crate::{
    domain::{search::Sought, time::Time},
    error::Result,
    ops::Access,
    store::{
        Conn,
        channels::{self, Channel},
        outlines::{self, Outline},
        search as rows,
    },
};

/// What is said of the versions and buckets that were found.
pub(super) struct Known {
    versions: HashMap<String, Outline>,
    /// The channels that give a version, by its id.
    holders: HashMap<String, Vec<Channel>>,
    /// The latest version of a bucket, by its id.
    latest: HashMap<String, String>,
}

impl Known {
    pub(super) fn of(conn: &mut Conn, access: &Access, raw: &[(Kind, Vec<Raw>)]) -> Result<Self> {
        let (mut version_ids, mut bucket_ids) = (Vec::new(), Vec::new());
        for found in raw.iter().flat_map(|(_, found)| found) {
            match found {
                Raw::Version(id, _) | Raw::Named(id, _) => version_ids.push(id.clone()),
                Raw::Bucket(id, ..) => bucket_ids.push(id.clone()),
            }
        }
        for ids in [&mut version_ids, &mut bucket_ids] {
            ids.sort();
            ids.dedup();
        }
        let mut holders: HashMap<String, Vec<Channel>> = HashMap::new();
        for channel in rows::holders(conn, &version_ids)? {
            let held = channel.version_id.clone().filter(|_| access.sees(&channel));
            if let Some(id) = held {
                holders.entry(id).or_default().push(channel);
            }
        }
        let latest = channels::latest_of(conn, &bucket_ids)?.into_iter();
        let latest: HashMap<String, String> = latest
            .filter_map(|channel| Some((channel.bucket_id, channel.version_id?)))
            .collect();
        version_ids.extend(latest.values().cloned());
        Ok(Self {
            versions: outlines::of(conn, &access.project.id, &version_ids)?,
            holders,
            latest,
        })
    }

    pub(super) fn show(
        &self,
        raw: Vec<(Kind, Vec<Raw>)>,
        (access, sought, only): (&Access, &Sought, Only),
        now: Time,
    ) -> Found {
        let project = &access.project.name;
        let group = |(kind, found): (Kind, Vec<Raw>)| {
            let (name, title) = kind.names();
            let all = format!("{}&in={name}", href::search(project, &sought.text));
            let more = found.len() > only.size() && !only.is_alone();
            let found = found.into_iter().take(only.size());
            Group {
                title,
                more: more.then_some(all),
                hits: found
                    .filter_map(|found| self.hit(found, (project, now)))
                    .collect(),
            }
        };
        let groups = raw.into_iter().map(group);
        let groups: Vec<Group> = groups.filter(|group| !group.hits.is_empty()).collect();
        Found {
            count: groups.iter().map(|group| group.hits.len()).sum(),
            alone: only.is_alone(),
            groups,
        }
    }

    fn hit(&self, raw: Raw, (project, now): (&str, Time)) -> Option<Hit> {
        match raw {
            Raw::Bucket(id, name, why) => {
                let latest = self.latest.get(&id);
                let latest = latest.and_then(|id| self.versions.get(id));
                let at = latest.map(|latest| format!("latest is {}", latest.version.name()));
                let parts = [at.unwrap_or_default(), why];
                Some(Hit {
                    href: href::bucket(project, &name),
                    state: latest.map(|latest| State::of(latest.status(now))),
                    detail: joined(&parts),
                    name,
                })
            }
            Raw::Version(id, why) => {
                let outline = self.versions.get(&id)?;
                let parts = [self.given(&id), why];
                Some(self.version(outline, (title(outline), joined(&parts)), (project, now)))
            }
            Raw::Named(id, named) => {
                let outline = self.versions.get(&id)?;
                let parts = [format!("in {}", title(outline)), self.given(&id)];
                Some(self.version(outline, (named, joined(&parts)), (project, now)))
            }
        }
    }

    #[expect(
        clippy::unused_self,
        reason = "one of several ways to show what is known"
    )]
    fn version(
        &self,
        outline: &Outline,
        (name, detail): (String, String),
        (project, now): (&str, Time),
    ) -> Hit {
        let fingerprint = &outline.version.fingerprint;
        Hit {
            href: href::version(project, &outline.bucket_name, fingerprint),
            state: Some(State::of(outline.status(now))),
            name,
            detail,
        }
    }

    /// Which channels give a version.
    fn given(&self, version_id: &str) -> String {
        let holders = self.holders.get(version_id).into_iter().flatten();
        let mut names: Vec<&str> = holders.map(|channel| channel.name.as_str()).collect();
        names.sort_unstable();
        if names.is_empty() {
            return String::new();
        }
        format!("given by {}", names.join(", "))
    }
}

/// A version as people name it.
fn title(outline: &Outline) -> String {
    let name = match outline.version.number {
        Some(_) => outline.version.name(),
        None => outline.version.fingerprint.clone(),
    };
    format!("{} {name}", outline.bucket_name)
}

fn joined(parts: &[String]) -> String {
    let parts = parts.iter().map(String::as_str);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}
