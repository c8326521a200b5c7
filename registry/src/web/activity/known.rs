//! What sentences about events need beside the events: names of buckets and versions, and from where to where
//! channels moved. A fixed number of statements.

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    error::Result,
    store::{
        Conn, buckets,
        events::Entry,
        resolve::{self, Move},
        versions::{self, Version},
    },
};

/// As much of a payload as a sentence is made of.
#[derive(Debug, Default, Deserialize)]
struct Payload {
    #[serde(default)]
    after: Option<After>,
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    number: Option<i64>,
    #[serde(default)]
    version_id: Option<String>,
}

/// What is known beside some events.
#[derive(Default)]
pub(super) struct Known {
    buckets: HashMap<String, String>,
    versions: HashMap<String, Version>,
    moves: HashMap<(String, i64), Move>,
}

fn after(entry: &Entry) -> After {
    let payload: Option<Payload> = serde_json::from_str(&entry.payload).ok();
    payload
        .and_then(|payload| payload.after)
        .unwrap_or_default()
}

impl Known {
    pub(super) fn of(conn: &mut Conn, project_id: &str, entries: &[Entry]) -> Result<Self> {
        let of_buckets = entries.iter().filter(|entry| !entry.bucket_id.is_empty());
        let mut bucket_ids: Vec<String> = of_buckets.map(|entry| entry.bucket_id.clone()).collect();
        bucket_ids.sort();
        bucket_ids.dedup();
        let mut version_ids: Vec<String> = entries
            .iter()
            .filter_map(|entry| after(entry).version_id)
            .collect();
        version_ids.extend(of_kind(entries, "version").map(|entry| entry.resource_id.clone()));
        version_ids.sort();
        version_ids.dedup();
        let of_channels = of_kind(entries, "channel");
        let places: Vec<(String, i64)> = of_channels
            .map(|entry| (entry.resource_id.clone(), entry.revision))
            .collect();
        let versions = versions::in_project(conn, project_id, &version_ids)?;
        let moves = resolve::moves(conn, &places)?;
        Ok(Self {
            buckets: buckets::names(conn, &bucket_ids)?,
            versions: versions
                .into_iter()
                .map(|version| (version.id.clone(), version))
                .collect(),
            moves: moves
                .into_iter()
                .map(|row| ((row.channel_id.clone(), row.sequence), row))
                .collect(),
        })
    }

    /// The name of the bucket of an event; `None` when it is gone.
    pub(super) fn bucket(&self, entry: &Entry) -> Option<&str> {
        self.buckets.get(&entry.bucket_id).map(String::as_str)
    }

    /// The version that an event is about, by name, and its fingerprint while it is there.
    pub(super) fn version(&self, entry: &Entry) -> (String, Option<&str>) {
        let after = after(entry);
        let id = match entry.resource_kind.as_str() {
            "version" => Some(&entry.resource_id),
            _ => after.version_id.as_ref(),
        };
        let row = id.and_then(|id| self.versions.get(id));
        let number = after.number.or(row.and_then(|row| row.number));
        let fingerprint = row.map(|row| row.fingerprint.as_str());
        let name = match number {
            Some(number) => format!("v{number}"),
            None if entry.resource_kind == "version" => entry.resource_name.clone(),
            None => fingerprint.unwrap_or("a version").to_owned(),
        };
        (name, fingerprint)
    }

    /// What a channel held before and since; empty for nothing.
    pub(super) fn moved(&self, entry: &Entry) -> Option<&Move> {
        let place = (entry.resource_id.clone(), entry.revision);
        self.moves.get(&place)
    }
}

fn of_kind<'a>(entries: &'a [Entry], kind: &'a str) -> impl Iterator<Item = &'a Entry> {
    entries
        .iter()
        .filter(move |entry| entry.resource_kind == kind)
}
