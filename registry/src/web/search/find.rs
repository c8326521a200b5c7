//! Looks for a text in everything that has a name, in one read.

use super::{super::show::State, known::Known};
use crate::{
    domain::{
        search::{Pointer, Sought},
        time::Time,
    },
    error::{Error, Result},
    ops::Access,
    store::{
        Conn, PageRequest,
        artifacts::{self, Search as ByIdentifier},
        channels,
        page::Wanted,
        search as rows, versions,
    },
};

/// Results of a group that are shown beside others.
const BESIDE: usize = 20;
/// Results of a group that is shown alone.
const ALONE: usize = 200;

/// What was found, group by group.
#[derive(Default)]
pub(super) struct Found {
    pub(super) groups: Vec<Group>,
    /// How many are shown.
    pub(super) count: usize,
    /// Whether a group is shown alone.
    pub(super) alone: bool,
}

/// Results of one kind.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) hits: Vec<Hit>,
    /// Where there are more of them.
    pub(super) more: Option<String>,
}

/// A result.
pub(super) struct Hit {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) state: Option<State>,
    /// What it is, and why it was found.
    pub(super) detail: String,
}

/// The kinds of results, in the order in which they are shown: first what can hardly be meant otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Artifacts,
    Versions,
    Buckets,
    Commits,
    Labels,
    Packages,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Artifacts,
        Self::Versions,
        Self::Buckets,
        Self::Commits,
        Self::Labels,
        Self::Packages,
    ];

    /// As addresses name it, and as people read it.
    pub(super) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Artifacts => ("artifacts", "Artifacts"),
            Self::Versions => ("versions", "Versions"),
            Self::Buckets => ("buckets", "Buckets"),
            Self::Commits => ("commits", "Commits"),
            Self::Labels => ("labels", "Labels"),
            Self::Packages => ("packages", "Packages"),
        }
    }
}

/// The kind of results that is shown alone, if any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Only(Option<Kind>);

impl Only {
    /// By its name; what there is not is none.
    pub(super) fn of(name: &str) -> Self {
        let mut kinds = Kind::ALL.into_iter();
        Self(kinds.find(|kind| kind.names().0 == name))
    }

    /// Whether one kind is shown and no other.
    pub(super) fn is_alone(self) -> bool {
        self.0.is_some()
    }

    fn shows(self, kind: Kind) -> bool {
        self.0.is_none_or(|only| only == kind)
    }

    pub(super) fn size(self) -> usize {
        if self.0.is_some() { ALONE } else { BESIDE }
    }

    /// One more than is shown says whether there are more.
    fn fetch(self) -> usize {
        self.size() + 1
    }

    fn limit(self) -> i64 {
        i64::try_from(self.fetch()).unwrap_or(i64::MAX)
    }
}

/// A result whose version is still to be looked up.
pub(super) enum Raw {
    /// A version, and why it was found.
    Version(String, String),
    /// A text of its own that leads to a version.
    Named(String, String),
    /// A bucket: its id, its name, and why it was found.
    Bucket(String, String, String),
}

/// Looks for a text in what the caller may see.
pub(super) fn find(
    conn: &mut Conn,
    access: &Access,
    (sought, only): (&Sought, Only),
    now: Time,
) -> Result<Found> {
    let buckets = rows::buckets(conn, &access.project.id)?;
    let mut raw = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| only.shows(*kind)) {
        let found = match kind {
            Kind::Artifacts => by_artifact(conn, access, (sought, only))?,
            Kind::Versions => {
                let mut found = by_place(conn, access, (sought, &buckets))?;
                found.extend(by_fingerprint(conn, access, (sought, only))?);
                found
            }
            Kind::Buckets => by_name(sought, &buckets),
            Kind::Commits => by_commit(conn, access, (sought, only))?,
            Kind::Labels => by_label(sought, &buckets),
            Kind::Packages => by_package(conn, access, sought)?,
        };
        raw.push((kind, found.into_iter().take(only.fetch()).collect()));
    }
    let known = Known::of(conn, access, &raw)?;
    Ok(known.show(raw, (access, sought, only), now))
}

fn by_artifact(
    conn: &mut Conn,
    access: &Access,
    (sought, only): (&Sought, Only),
) -> Result<Vec<Raw>> {
    let wanted = Wanted {
        page_size: only.fetch().to_string(),
        ..Wanted::default()
    };
    let request = PageRequest::parse(&wanted, &artifacts::LISTING)?;
    let search = ByIdentifier {
        external_identifier: sought.text.clone(),
        platform: String::new(),
        region: String::new(),
    };
    let page = artifacts::search(conn, &access.project.id, &search, &request)?;
    let found = page.rows.into_iter();
    Ok(found
        .map(|row| Raw::Version(row.version_id, "has this artifact".to_owned()))
        .collect())
}

/// The version that a text such as `bucket v12` or `bucket:channel` names.
fn by_place(
    conn: &mut Conn,
    access: &Access,
    (sought, buckets): (&Sought, &[rows::Bucket]),
) -> Result<Vec<Raw>> {
    let Some((name, pointer)) = &sought.place else {
        return Ok(Vec::new());
    };
    let mut buckets = buckets.iter();
    let Some(bucket) = buckets.find(|bucket| bucket.name.eq_ignore_ascii_case(name)) else {
        return Ok(Vec::new());
    };
    let found = match pointer {
        Pointer::Number(number) => versions::by_number(conn, &bucket.id, *number)?
            .map(|version| Raw::Version(version.id, String::new())),
        Pointer::Channel(name) => match channels::find(conn, &bucket.id, name) {
            Ok(channel) if !access.sees(&channel) => None,
            Ok(channel) => Some(match channel.version_id {
                Some(id) => Raw::Version(id, String::new()),
                None => Raw::Bucket(
                    bucket.id.clone(),
                    bucket.name.clone(),
                    format!("{name} gives nothing"),
                ),
            }),
            Err(Error::Missing(..)) => None,
            Err(error) => return Err(error),
        },
    };
    Ok(found.into_iter().collect())
}

fn by_fingerprint(
    conn: &mut Conn,
    access: &Access,
    (sought, only): (&Sought, Only),
) -> Result<Vec<Raw>> {
    let text = &sought.text;
    let wanted = if sought.is_prefix() {
        rows::Fingerprint::From(text)
    } else {
        rows::Fingerprint::Exactly(text)
    };
    let ids = rows::fingerprints(conn, &access.project.id, wanted, only.limit())?;
    let found = ids.into_iter();
    Ok(found
        .map(|id| Raw::Version(id, "by its fingerprint".to_owned()))
        .collect())
}

fn by_commit(
    conn: &mut Conn,
    access: &Access,
    (sought, only): (&Sought, Only),
) -> Result<Vec<Raw>> {
    let Some(prefix) = &sought.commit else {
        return Ok(Vec::new());
    };
    let mut found = rows::commits(conn, &access.project.id, prefix, only.limit())?;
    // A version of several builds comes once.
    found.dedup();
    let found = found.into_iter();
    Ok(found
        .map(|(commit, id)| Raw::Version(id, format!("built from {commit}")))
        .collect())
}

fn by_package(conn: &mut Conn, access: &Access, sought: &Sought) -> Result<Vec<Raw>> {
    if !sought.is_prefix() {
        return Ok(Vec::new());
    }
    let found = rows::packages(conn, &access.project.id, &sought.text)?;
    let found = found.into_iter();
    Ok(found
        .map(|row| {
            let named = format!("{} {}", row.name, row.version);
            Raw::Named(row.version_id, named)
        })
        .collect())
}

fn by_name(sought: &Sought, buckets: &[rows::Bucket]) -> Vec<Raw> {
    let fitting = buckets.iter();
    let mut fitting: Vec<(u8, &rows::Bucket)> = fitting
        .filter_map(|bucket| Some((sought.fits_name(&bucket.name)?, bucket)))
        .collect();
    fitting.sort_by_key(|(fit, _)| *fit);
    let raw = |(_, bucket): (u8, &rows::Bucket)| {
        let rows::Bucket {
            id,
            name,
            description,
            ..
        } = bucket.clone();
        Raw::Bucket(id, name, description)
    };
    fitting.into_iter().map(raw).collect()
}

fn by_label(sought: &Sought, buckets: &[rows::Bucket]) -> Vec<Raw> {
    let raw = |bucket: &rows::Bucket| {
        let (key, value) = sought.fits_label(&bucket.labels)?;
        let why = format!("{key}={value}");
        Some(Raw::Bucket(bucket.id.clone(), bucket.name.clone(), why))
    };
    buckets.iter().filter_map(raw).collect()
}
