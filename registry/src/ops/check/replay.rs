//! Folds the events of each resource into what is left of it, and compares that with the tables.
//!
//! Of each resource a digest is kept, not the state: a bucket may have a million versions. Where digests
//! differ the event is read again, to say what differs.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    kinds::{self, KINDS, Kind},
    report::Report,
};
use crate::{
    error::{Error, Result},
    store::{
        Conn,
        check::{self as rows, Entry},
    },
};

/// The last word of the log on a resource.
struct Last {
    sequence: i64,
    /// What it belonged to, and the digest of what it was; `None` when it was deleted.
    state: Option<(String, [u8; 32])>,
}

/// The last word of the log on each resource of a place.
#[derive(Default)]
pub(super) struct Replay(HashMap<(&'static str, String), Last>);

impl Replay {
    /// Takes the next event.
    pub(super) fn apply(&mut self, entry: &Entry, after: Value) -> Result<()> {
        let Some(kind) = kinds::find(&entry.resource_kind) else {
            return Ok(());
        };
        let state = match after {
            Value::Null => None,
            after => Some((parent(kind, &after), digest(kind, after)?)),
        };
        let last = Last {
            sequence: entry.sequence,
            state,
        };
        self.0.insert((kind.name, entry.resource_id.clone()), last);
        Ok(())
    }

    /// Compares what the tables hold of a place, and gives the ids of what is there. What is left over
    /// afterwards is in the log only.
    pub(super) fn compare(
        &mut self,
        conn: &mut Conn,
        report: &mut Report,
        bucket_id: &str,
    ) -> Result<HashSet<String>> {
        let mut living = HashSet::new();
        for kind in KINDS {
            let mut each = |conn: &mut Conn, id: &str, stored: Value| {
                living.insert(id.to_owned());
                let last = self.0.remove(&(kind.name, id.to_owned()));
                if let Some((rule, detail)) = verdict(conn, kind, last, stored)? {
                    report.add(rule, format!("{} {id}", kind.name), detail);
                }
                Ok(())
            };
            (kind.load)(conn, bucket_id, &mut each)?;
        }
        Ok(living)
    }

    /// Reports what the log has and the tables have not, although what it belonged to is there.
    pub(super) fn report_missing(self, report: &mut Report, lives: impl Fn(&str) -> bool) {
        let mut lost: Vec<_> = self
            .0
            .into_iter()
            .filter_map(|((kind, id), last)| {
                let (parent, _) = last.state?;
                let went_along = !parent.is_empty() && !lives(&parent);
                (!went_along).then_some((last.sequence, kind, id))
            })
            .collect();
        lost.sort_unstable();
        for (sequence, kind, id) in lost {
            let detail =
                format!("it is gone, but the log does not say so (event {sequence} is its last)");
            report.add("replay-missing", format!("{kind} {id}"), detail);
        }
    }
}

/// What is wrong with a resource in the light of the log.
fn verdict(
    conn: &mut Conn,
    kind: &Kind,
    last: Option<Last>,
    stored: Value,
) -> Result<Option<(&'static str, String)>> {
    let Some(Last { sequence, state }) = last else {
        return Ok(Some(("replay-unknown", "no event tells of it".into())));
    };
    let Some((_, expected)) = state else {
        let detail = format!("it is there, but event {sequence} deleted it");
        return Ok(Some(("replay-deleted", detail)));
    };
    if digest(kind, stored.clone())? == expected {
        return Ok(None);
    }
    let differing = differing(conn, kind, sequence, stored)?;
    if differing.is_empty() {
        return Ok(None);
    }
    let detail = format!(
        "replaying the log (event {sequence} is its last) gives another {}",
        differing.join(", ")
    );
    Ok(Some(("replay", detail)))
}

/// The fields in which a resource differs from what an event shows. One that the event lacks came with
/// a later schema.
fn differing(
    conn: &mut Conn,
    kind: &Kind,
    sequence: i64,
    mut stored: Value,
) -> Result<Vec<String>> {
    let payload = rows::payload(conn, sequence)?.unwrap_or_default();
    let mut payload: Value = serde_json::from_str(&payload).map_err(Error::internal)?;
    let mut after = payload
        .get_mut("after")
        .map(Value::take)
        .unwrap_or_default();
    strip(kind, &mut after);
    strip(kind, &mut stored);
    let fields = after.as_object().into_iter().flatten();
    Ok(fields
        .filter(|(name, value)| stored.get(name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect())
}

/// What a resource belongs to; empty for nothing.
fn parent(kind: &Kind, after: &Value) -> String {
    let mut ids = kind
        .parents
        .iter()
        .filter_map(|field| after.get(field)?.as_str());
    ids.next().unwrap_or_default().to_owned()
}

/// A digest of what must agree.
fn digest(kind: &Kind, mut state: Value) -> Result<[u8; 32]> {
    strip(kind, &mut state);
    let text = serde_json_canonicalizer::to_vec(&state).map_err(Error::internal)?;
    Ok(Sha256::digest(&text).into())
}

/// Takes away what need not agree.
fn strip(kind: &Kind, state: &mut Value) {
    for (path, _) in kind.exempt {
        remove(state, path);
    }
}

/// Takes a field away; a star in the path stands for every entry of a list.
fn remove(value: &mut Value, path: &str) {
    match (path.split_once('.'), value) {
        (None, Value::Object(fields)) => {
            fields.remove(path);
        }
        (Some(("*", rest)), Value::Array(entries)) => {
            for entry in entries.iter_mut() {
                remove(entry, rest);
            }
        }
        (Some((name, rest)), Value::Object(fields)) => {
            if let Some(inner) = fields.get_mut(name) {
                remove(inner, rest);
            }
        }
        _ => {}
    }
}
